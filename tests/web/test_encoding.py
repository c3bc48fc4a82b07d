import codecs

import pytest

from bot.web.encoding import decode

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
        ("utf-16-le", "", None),
        ("utf-16-be", "", None),
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
def test_a_document_is_decoded_against_a_wrong_declaration(
    written_in: str, claim: str, content_type: str | None
) -> None:
    words = WORDS.replace("«", '"').replace("»", '"') if written_in == "koi8-u" else WORDS
    body = document(words, claim=claim).encode(written_in)
    assert decode(body, content_type=content_type) == document(words)


NORTH = "Міст відкрито: «ґанок» і її дім — ні. Открыли мост"
WEST = "Café, naïve, Zürich – déjà “vu”"
EAST = "新闻：桥开通了"


def written(words: str, encoding: str, *, claim: str = "") -> bytes:
    return document(words, claim=claim).encode(encoding)


# What is written in which encoding, what its declaration claims, what its server, and how
# many letters of it are lost.
CASES: dict[str, tuple[str, bytes, str | None, int]] = {
    "nothing claimed, UTF-8": (NORTH, written(NORTH, "utf-8"), None, 0),
    "UTF-8 as declared": (NORTH, written(NORTH, "utf-8", claim="UTF-8"), None, 0),
    "UTF-8 with a mark": (NORTH, written(NORTH, "utf-8-sig"), None, 0),
    "a mark, and windows-1251 declared": (
        NORTH, written(NORTH, "utf-8-sig", claim="windows-1251"), None, 0,
    ),
    "windows-1251 declared, UTF-8": (NORTH, written(NORTH, "utf-8", claim="windows-1251"), None, 0),
    "windows-1251 of the server, UTF-8": (NORTH, written(NORTH, "utf-8"), "cp1251", 0),
    "windows-1251 as declared": (NORTH, written(NORTH, "cp1251", claim="windows-1251"), None, 0),
    "windows-1251 of the server": (NORTH, written(NORTH, "cp1251"), "windows-1251", 0),
    "iso-8859-1 over a right declaration": (
        NORTH, written(NORTH, "cp1251", claim="windows-1251"), "iso-8859-1", 0,
    ),
    "windows-1251, and UTF-8 declared": (NORTH, written(NORTH, "cp1251", claim="utf-8"), None, 0),
    "windows-1251, and nothing": (NORTH, written(NORTH, "cp1251"), None, 0),
    "koi8-u as declared": (
        "Їхній ґанок", written("Їхній ґанок", "koi8-u", claim="koi8-u"), None, 0,
    ),
    "koi8-r declared, koi8-u letters": (
        "Їхній ґанок", written("Їхній ґанок", "koi8-u", claim="koi8-r"), None, 0,
    ),
    "iso-8859-5 as declared": (
        "Мост открыт", written("Мост открыт", "iso8859-5", claim="iso-8859-5"), None, 0,
    ),
    "cp866 as declared": ("Мост открыт", written("Мост открыт", "cp866", claim="ibm866"), None, 0),
    "UTF-16 with a mark": (NORTH, written(NORTH, "utf-16", claim="utf-16"), None, 0),
    "UTF-16 without a mark": (NORTH, written(NORTH, "utf-16-le", claim="utf-16"), None, 0),
    "iso-8859-1 declared, windows-1252": (
        WEST, written(WEST, "cp1252", claim="iso-8859-1"), None, 0,
    ),
    "us-ascii of the server, windows-1252": (WEST, written(WEST, "cp1252"), "us-ascii", 0),
    "gb2312 declared, gb18030": (EAST, written(EAST, "gb18030", claim="gb2312"), None, 0),
    "UTF-8 with one bad byte": (
        NORTH, written(NORTH, "utf-8").replace("ґ".encode(), b"\xd2", 1), None, 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_case_is_decoded_but_for_the_expected_letters(case: str) -> None:
    words, body, charset, lost = CASES[case]
    text = decode(body, content_type=charset and f"text/xml; charset={charset}")
    assert text.count("\ufffd") == lost
    assert text == document(words.replace("ґ", "\ufffd", lost))


def test_the_cases_are_those_that_were_measured() -> None:
    assert len(CASES) == 21


def test_one_invalid_byte_is_one_replacement_character() -> None:
    body = document(WORDS * 3).encode() + b"\xd0<!-- -->"
    assert decode(body, content_type="text/xml; charset=windows-1251").startswith(
        document(WORDS * 3)
    )


@pytest.mark.parametrize("words", ["Привет мир новости", "Міст відкрито", "It’s “fine” – café"])
@pytest.mark.parametrize("bad", [b"\xff", b"\x91"])
def test_a_bad_byte_in_a_short_document_costs_a_letter_and_no_more(words: str, bad: bytes) -> None:
    text = decode(document(words).encode() + bad, content_type=None)
    assert text == document(words) + "\ufffd"


def test_a_short_document_that_declares_utf8_is_decoded_as_utf8() -> None:
    body = document("café naïve", claim="utf-8").encode() + b"\xe9"
    assert decode(body, content_type=None) == document("café naïve") + "\ufffd"


def test_a_replacement_character_in_the_document_is_no_error() -> None:
    assert decode(document("a\ufffdb").encode(), content_type=None) == document("a\ufffdb")


def test_lone_accents_are_western() -> None:
    body = document("Le café d’été").encode("cp1252")
    assert decode(body, content_type=None) == document("Le café d’été")
    assert decode(body, content_type="text/xml; charset=us-ascii") == document("Le café d’été")


def test_control_characters_and_the_declaration_are_removed() -> None:
    body = b'\n<?xml version="1.0"?>\n<rss>\x00a\x08b\x1f\tc\n\xc2\x92</rss>'
    # A C1 control is a letter of windows-1252 that was mislabelled.
    assert decode(body, content_type=None) == "\n<rss>ab\tc\n’</rss>"


def test_an_empty_document_is_an_empty_text() -> None:
    assert decode(b"", content_type=None) == ""
    assert decode(codecs.BOM_UTF8, content_type=None) == ""
