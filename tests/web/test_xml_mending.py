import pytest

from bot.web.xml_mending import mend_ampersands, mend_less_signs, xml_safe


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("a & b", "a &amp; b"),
        ("a &amp; b &lt;", "a &amp; b &lt;"),
        ("&nbsp;&mdash;", "\xa0—"),
        ("?a=1&copy=2", "?a=1&amp;copy=2"),
        ("&paper;", "Gazette"),
        ("&unknown;", "&amp;unknown;"),
        ("&#0;&#x41;", "A"),
        ("&#9999999;", ""),
    ],
)
def test_an_ampersand_begins_a_reference_or_is_escaped(written: str, mended: str) -> None:
    assert mend_ampersands(written, {"paper": "Gazette"}) == mended


@pytest.mark.parametrize(
    ("written", "mended"),
    [("<3", "&lt;3"), ("a < b", "a &lt; b"), ("<b></b><!-- -->", "<b></b><!-- -->")],
)  # fmt: skip
def test_a_less_sign_that_begins_no_tag_is_escaped(written: str, mended: str) -> None:
    assert mend_less_signs(written) == mended


def test_what_xml_forbids_is_left_out() -> None:
    assert xml_safe("a\x00b\ufffe\nc") == "ab\nc"
