import pytest

from bot.web.encoding import decode
from bot.web.mojibake import likely_charset, undo_double_encoding

UKRAINIAN = "Уряд схвалив бюджет на наступний рік, їжаки задоволені"
RUSSIAN = "Правительство одобрило бюджет на следующий год"
FRENCH = "Le gouvernement a approuvé le budget à Orléans, où l’été fut très élevé"
GERMAN = "Über die Größe der Straßen in München läßt sich streiten: «Ärger»"
POLISH = "Łódź: żółć, rząd przyjął budżet na przyszły rok"
CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy"
CAPITALS = "УРЯД СХВАЛИВ БЮДЖЕТ, А ДЕПУТАТИ ПІШЛИ ДОДОМУ"


@pytest.mark.parametrize("words", [UKRAINIAN, RUSSIAN])
@pytest.mark.parametrize("written_in", ["cp1251", "koi8-u"])
@pytest.mark.parametrize(
    "claim",
    [
        "iso-8859-1", "latin-1", "windows-1252", "iso-8859-15", "iso-8859-2", "us-ascii", "utf-8",
        "windows-1251", "koi8-r", "",
    ],
)  # fmt: skip
def test_cyrillic_is_read_whatever_it_is_declared_to_be(
    words: str, written_in: str, claim: str
) -> None:
    declaration = f'<?xml version="1.0" encoding="{claim}"?>' if claim else ""
    body = f"{declaration}<rss>{words}</rss>".encode(written_in)
    assert decode(body, content_type=None) == f"<rss>{words}</rss>"


@pytest.mark.parametrize(
    ("words", "charset"),
    [(FRENCH, "cp1252"), (GERMAN, "cp1252"), (POLISH, "iso8859-2"), (CZECH, "cp1250"),
     ("Ελληνικά γράμματα εδώ", "iso8859-7"), ("été à où", "cp1252")],
)  # fmt: skip
def test_other_scripts_stay_as_they_are_declared(words: str, charset: str) -> None:
    assert likely_charset(words.encode(charset), charset) == charset
    assert undo_double_encoding(words) == words


def test_capitals_are_told_from_small_letters_of_another_charset() -> None:
    assert likely_charset(CAPITALS.encode("cp1251"), "cp1252") == "cp1251"
    assert likely_charset(CAPITALS.encode("cp1251"), "cp1251") == "cp1251"


def test_latin_letters_that_are_declared_as_cyrillic_are_read_as_latin() -> None:
    assert likely_charset(FRENCH.encode("cp1252"), "cp1251") == "cp1252"


@pytest.mark.parametrize("words", [UKRAINIAN, RUSSIAN, FRENCH, GERMAN, POLISH, CZECH])
@pytest.mark.parametrize("charset", ["latin-1", "cp1251"])
def test_utf8_that_was_encoded_twice_is_decoded_twice(words: str, charset: str) -> None:
    twice = words.encode().decode(charset, "replace")
    assert undo_double_encoding(twice).replace("\x98", "") == words


def test_of_letters_that_were_lost_on_the_way_the_others_are_read() -> None:
    twice = UKRAINIAN.encode().decode("cp1252", "replace")
    mended = undo_double_encoding(twice)
    assert len(mended) == len(UKRAINIAN)
    assert {ours for ours, theirs in zip(mended, UKRAINIAN, strict=True) if ours != theirs} == {
        "\ufffd"
    }


@pytest.mark.parametrize(
    "words", [UKRAINIAN, RUSSIAN, CAPITALS, "Ã la carte: «Â»", "Год 2026 — «Ñandú»", "", "plain"]
)
def test_what_is_not_certain_stays(words: str) -> None:
    assert undo_double_encoding(words) == words


def test_cyrillic_that_was_read_as_something_else_before_it_was_encoded_is_mended() -> None:
    assert undo_double_encoding(RUSSIAN.encode("cp1251").decode("latin-1")) == RUSSIAN
    assert undo_double_encoding(RUSSIAN.encode("koi8-r").decode("cp1251")) == RUSSIAN
