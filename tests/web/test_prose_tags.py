from html import unescape

import pytest

from bot.feeds.formats.visible_text import one_line, paragraphs
from bot.web.prose_tags import only_markup


@pytest.mark.parametrize(
    "words",
    [
        "How the <script> element works",
        "Use <b> and <template> in HTML",
        "The <video> tag now supports <track> captions",
        "Stop using <table> for layout",
        "<select> gets styled: the <option> element",
        "<table> layouts are back",
        "<noscript> is dead",
        "When to use <strong> instead of <b>",
        "Use </script> to end it",
        "What stands between <script> and </script>",
        "the <button onclick=\"x()\"> element, and <input type='date'>",
        "Vector<object> and List<String>",
        "Why the <p> tag needs no end",
        "Use <p>, <li> and <div>",
        "Тег <br> і тег <script>: що нового",
        "How to center a <div>",
        "«<iframe>» у заголовку",
        "Start with <!DOCTYPE html> always",
    ],
)
@pytest.mark.parametrize("read", [one_line, paragraphs])
def test_a_tag_that_is_spoken_of_stays_in_a_headline_and_in_a_text(words: str, read) -> None:  # type: ignore[no-untyped-def]
    assert read(words) == read(words.replace("<", "&lt;")) == words


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("Real <b>bold</b> and <i>it</i><br>next&nbsp;word", "Real bold and it next word"),
        ("<b>Unclosed bold", "Unclosed bold"),
        ("<p>Один<p>Два", "Один Два"),
        ("One <br> two <p> three", "One two three"),
        ("<font color=red>Red</font> headline <img src='x.png'> here", "Red headline here"),
        ("<style>.a{color:red}</style>Real <script>run('x');</script> title", "Real title"),
        ("5 <b>big</b> <script> facts", "5 big <script> facts"),
        ("<p>The <code><video></code> tag</p><p>plays", "The <video> tag plays"),
        ("<div>\n<p>Cut off in <b>the mid", "Cut off in the mid"),
        ("<iframe src='https://c.example/e'>After a film", "After a film"),
        ("<!-- none --> of it <?php echo 1 ?>", "of it"),
        ("Words<script>var open = 1;", "Words"),
    ],
)
def test_tags_that_do_something_are_markup(markup: str, expected: str) -> None:
    assert one_line(markup) == expected


def test_what_is_no_markup_is_escaped_beside_it() -> None:
    assert only_markup("The <script> and <b>bold</b> & co") == (
        "The &lt;script&gt; and <b>bold</b> & co"
    )
    assert only_markup("1 < 2, the <b> element") is None
    assert unescape(only_markup("<p>a < b</p>") or "") == "<p>a < b</p>"
