import codecs

import pytest

from bot.feeds.decode import decode

WORDS = "Їхній міст відкрили: «нарешті», ґанок. Открыли мост в Приречье"


def document(words: str = WORDS, *, claim: str = "") -> str:
    declaration = f'<?xml version="1.0" encoding="{claim}"?>' if claim else ""
    return f"{declaration}<rss><title>{words}</title></rss>"


@pytest.mark.parametrize(
    ("written_in", "claim", "content_type"),
    [
        ("utf-8", "", None),
        ("utf-8", "utf-8", "text/xml; charset=utf-8"),
        ("utf-8", "windows-1251", None),
        ("utf-8", "", "text/xml; charset=windows-1251"),
        ("utf-8-sig", "windows-1251", None),
        ("utf-16", "", None),
        ("utf-32", "", None),
        ("utf-16-le", "utf-16", None),
        ("utf-16-be", "utf-16", None),
        ("windows-1251", "windows-1251", "text/xml; charset=iso-8859-1"),
        ("windows-1251", "WINDOWS-1251", "text/xml"),
        ("windows-1251", "", 'text/xml; Charset="windows-1251"'),
        ("windows-1251", "utf-8", "text/xml; charset=utf-8"),
        ("windows-1251", "no-such-codec", None),
        ("windows-1251", "punycode", None),
        ("windows-1251", "", None),
        ("koi8-u", "koi8-u", None),
        ("koi8-u", "koi8-r", None),
        ("koi8-u", "", None),
    ],
)
def test_letters_are_read_whatever_is_claimed(
    written_in: str, claim: str, content_type: str | None
) -> None:
    words = WORDS.replace("«", '"').replace("»", '"') if written_in == "koi8-u" else WORDS
    if written_in.startswith("utf-16-"):  # known by "<?" alone, so there must be one
        claim = claim or "utf-16"
    body = document(words, claim=claim).encode(written_in)
    assert decode(body, content_type=content_type) == document(words)


def test_one_bad_byte_costs_one_letter() -> None:
    body = document(WORDS * 3).encode() + b"\xd0<!-- -->"
    assert decode(body, content_type="text/xml; charset=windows-1251").startswith(
        document(WORDS * 3)
    )


def test_a_few_letters_that_claim_utf8_are_read_as_such() -> None:
    body = document("café naïve", claim="utf-8").encode() + b"\xe9"
    assert decode(body, content_type=None) == document("café naïve") + "\ufffd"


def test_a_replacement_character_that_was_written_is_not_a_slip() -> None:
    assert decode(document("a\ufffdb").encode(), content_type=None) == document("a\ufffdb")


def test_lone_accents_are_western() -> None:
    body = document("Le café d’été").encode("cp1252")
    assert decode(body, content_type=None) == document("Le café d’été")
    assert decode(body, content_type="text/xml; charset=us-ascii") == document("Le café d’été")


def test_control_characters_and_the_declaration_go() -> None:
    body = b'\n<?xml version="1.0"?>\n<rss>\x00a\x08b\x1f\tc\n\xc2\x92</rss>'
    assert decode(body, content_type=None) == "\n<rss>ab\tc\n</rss>"


def test_an_empty_document_is_an_empty_text() -> None:
    assert decode(b"", content_type=None) == ""
    assert decode(codecs.BOM_UTF8, content_type=None) == ""
