import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.formats.visible_text import MAX_MARKUP_LENGTH, MAX_TAGS, one_line, paragraphs


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("Bridge opens", "Bridge opens"),
        ("  Bridge\n\topens ", "Bridge opens"),
        ("<b>Bridge</b> &amp; <i>road</i> 🎉", "Bridge & road 🎉"),
        ("AT&amp;amp;T &amp;laquo;x&amp;raquo;", "AT&T «x»"),
        ("&lt;b&gt;Bridge&lt;/b&gt; opens", "Bridge opens"),
        ("5 < 6 & 7 > 3", "5 < 6 & 7 > 3"),
        ("Tom & Jerry", "Tom & Jerry"),
        ("a<script>alert(1)</script>b<style>p{}</style>", "ab"),
        ("a&nbsp;b&#160;c&hellip;", "a b c…"),
        ("one<br>two<p>three", "one two three"),
        ("\u202etxt.exe\u202c soft\u00adhyphen\u200b", "txt.exe softhyphen"),
        ("\u200fleft\u200e \u2067right\u2069 \U000e0041tag\ufff9", "left right tag"),
        ("bell&#7;bell&#xD800;", "bellbell\ufffd"),
        ("👩‍👩‍👧 family", "👩‍👩‍👧 family"),
        ("й decomposed: и\u0306", "й decomposed: й"),
        ("<!-- only a comment -->", ""),
        ("", ""),
    ],
)
def test_a_title_is_what_a_reader_would_see(markup: str, expected: str) -> None:
    assert one_line(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>One.</p>\n<p>Two\nlines.</p>", "One.\nTwo lines."),
        ("One<br/>two<BR>three<hr />four", "One\ntwo\nthree\nfour"),
        ("<ul><li>a</li><li>b <b>c</b></li></ul>", "a\nb c"),
        ("<h2 class='x'>Head</h2>Body", "Head\nBody"),
        ("&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;", "One.\nTwo."),
        ("<p> </p><div></div>", ""),
        ("<pre>kept</pre><param>", "kept"),
    ],
)
def test_paragraphs_become_lines(markup: str, expected: str) -> None:
    assert paragraphs(markup) == expected


def test_over_long_markup_is_cut() -> None:
    assert len(paragraphs("слово " * MAX_MARKUP_LENGTH)) == MAX_MARKUP_LENGTH


def test_markup_of_too_many_tags_is_cut() -> None:
    assert paragraphs("before" + "<br>" * MAX_TAGS + "within<br>beyond") == "before\nwithin"


@given(st.text(alphabet="<>&;/ abp#1x\"'="))
def test_no_markup_can_break_the_cleaning(markup: str) -> None:
    assert "\n" not in one_line(markup)
    assert all(line.strip() for line in paragraphs(markup).split("\n")) or not paragraphs(markup)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("\\u041c\\u0456\\u0441\\u0442 opens", "Міст opens"),
        ("\\ud83d\\udd25 fire \\ud83d\\u0041", "🔥 fire \ufffdA"),
        ('It\\\'s here, he said \\"no\\"', 'It\'s here, he said "no"'),
        ("=D0=9C=D1=96=D1=81=D1=82 opens", "Міст opens"),
        ("Code =FF=FF=FF=FF stays", "Code =FF=FF=FF=FF stays"),
        ("C:\\users and \\u0041 stay", "C:\\users and \\u0041 stay"),
        ("[caption id='a']Quay[/caption] opens [gallery ids='1,2']", "Quay opens"),
        ("[b]Quay[/b] [url=https://c.example]opens[/url]", "Quay opens"),
        ("[Video] The quay [b] and [1]", "[Video] The quay [b] and [1]"),
    ],
)
def test_escapes_of_programs_and_shortcodes_are_no_text(markup: str, expected: str) -> None:
    assert one_line(markup) == expected


def test_quotes_that_are_escaped_in_code_stay_so() -> None:
    assert paragraphs('It\\\'s code: echo "\\"x\\""') == 'It\'s code: echo "\\"x\\""'
