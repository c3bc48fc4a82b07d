import pytest

from bot.feeds.formats.mending import mend, own_entities


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("<title>a & b</title>", "<title>a &amp; b</title>"),
        ("<title><![CDATA[<b> & c]]></title>", "<title>&lt;b&gt; &amp; c</title>"),
        ("<title><![CDATA[a <![CDATA[b]]> c]]></title>", "<title>a b c</title>"),
        ("<title><![CDATA[a <![CDATA[ b]]></title><x/>", "<title>a  b</title><x/>"),
        ("<title>&lt;![CDATA[a]]&gt;</title>", "<title>a</title>"),
        ("<title>a <!-- b --> c</title>", "<title>a  c</title>"),
        ("<title>a <b>c</b></title>", "<title>a &lt;b&gt;c&lt;/b&gt;</title>"),
        ("<link>/a?b=1&copy=2</link>", "<link>/a?b=1&amp;copy=2</link>"),
        ("<title>3 < 4</title>", "<title>3 &lt; 4</title>"),
        ("<rss version=2.0>", '<rss version="2.0">'),
        ("<title><![CDATA[never closed", "<title>never closed</title>"),
    ],
)
def test_what_is_no_xml_becomes_xml(written: str, mended: str) -> None:
    assert mend(written) == mended


def test_only_plain_and_short_entities_of_a_document_are_read() -> None:
    prolog = (
        '<!DOCTYPE rss [<!ENTITY a "Gazette"><!ENTITY b "&a;&a;"><!ENTITY c SYSTEM "file:///x">'
        f'<!ENTITY d "{"x" * 101}">]>'
    )
    assert own_entities(prolog) == {"a": "Gazette"}
