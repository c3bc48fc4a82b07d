import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot_playground.formatting.entities import utf16_length
from bot_playground.formatting.html import MarkupError, code_language, entity_fields, parse_html


# The first thirteen bytes hold two characters outside the basic plane: offsets count bytes.
@pytest.mark.parametrize(
    ("source", "refusal"),
    [
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("🏟 🏟&lt;<abac aba>", 'Unsupported start tag "abac" at byte offset 13'),
        ("🏟 🏟&lt;<abacaba", "Unclosed start tag at byte offset 13"),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("🏟 🏟&lt;<i   =aba>", 'Empty attribute name in the tag "i" at byte offset 13'),
        ("🏟 🏟&lt;<i    aba  =  ", 'Unclosed start tag "i" at byte offset 13'),
        ("<i ", 'Unclosed start tag "i" at byte offset 0'),
        ("🏟 🏟&lt;<i    aba  =  190azAz-.,", "Unexpected end of name token at byte offset 27"),
        ('🏟 🏟&lt;<i    aba  =  "&lt;&gt;&quot;>', "Unclosed start tag at byte offset 13"),
        ("<i a=b", "Unclosed start tag at byte offset 0"),
        ("🏟 🏟&lt;</", "Unexpected end tag at byte offset 13"),
        ("🏟 🏟&lt;<b></b></", "Unexpected end tag at byte offset 20"),
        ("🏟 🏟&lt;<i>a</i   ", "Unclosed end tag at byte offset 17"),
        (
            "🏟 🏟&lt;<i>a</em   >",
            'Unmatched end tag at byte offset 17, expected "</i>", found "</em>"',
        ),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<tg-emoji emoji-id="x">x</tg-emoji>', "Invalid custom emoji identifier specified"),
        ('<tg-time unix="x">x</tg-time>', "Invalid date-time specified"),
        ('<tg-time unix="1" format="xyz">x</tg-time>', "Invalid date-time format specified"),
        (
            "&#xDFDF;",
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units",
        ),
    ],
)
def test_invalid_html_is_refused_with_telegrams_error_text(source: str, refusal: str) -> None:
    with pytest.raises(MarkupError) as caught:
        parse_html(source)
    assert str(caught.value) == refusal


@pytest.mark.parametrize(
    ("source", "text", "kind", "details"),
    [
        ("<B>x</b>", "x", "bold", {}),
        ("<em>x</>", "x", "italic", {}),
        ("<u>x</u >", "x", "underline", {}),
        ("<del>x</del>", "x", "strikethrough", {}),
        ("<tg-spoiler>x</tg-spoiler>", "x", "spoiler", {}),
        ("<span class='tg-spoiler'>x</span>", "x", "spoiler", {}),
        ("<b unknown=1 other>x</b>", "x", "bold", {}),
        ("<blockquote>x</blockquote>", "x", "blockquote", {}),
        ("<blockquote expandable>x</blockquote>", "x", "expandable_blockquote", {}),
        ("<code>x</code>", "x", "code", {}),
        ('<code class="language-py">x</code>', "x", "code", {}),
        ("<pre>x</pre>", "x", "pre", {}),
        (
            '<pre><code class="language-py">x</code></pre>',
            "x",
            "pre",
            {"language": "py"},
        ),
        (
            '<code class="language-py"><pre>x</pre></code>',
            "x",
            "pre",
            {"language": "py"},
        ),
        ("<a href='a.example'>x</a>", "x", "text_link", {"url": "http://a.example/"}),
        (
            '<a href="https://a.example/?a=1&amp;b=2">x</a>',
            "x",
            "text_link",
            {"url": "https://a.example/?a=1&b=2"},
        ),
        ("<a>a.example</a>", "a.example", "text_link", {"url": "http://a.example/"}),
        ('<tg-emoji emoji-id="5">👍</tg-emoji>', "👍", "custom_emoji", {"custom_emoji_id": "5"}),
        (
            '<tg-time unix="7" format="wDT">x</tg-time>',
            "x",
            "date_time",
            {"unix_time": 7, "date_time_format": "wDT"},
        ),
        ('<tg-time unix="7">x</tg-time>', "x", "date_time", {"unix_time": 7}),
    ],
)
def test_every_tag_becomes_its_entity(
    source: str, text: str, kind: str, details: dict[str, object]
) -> None:
    marked = parse_html(source)
    span = {"offset": 0, "length": utf16_length(text)}
    assert marked.text == text
    assert marked.entities == [{"type": kind, **span, **details}]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("&lt;&gt;&amp;&quot;&laquo;&#12345678;&#0;", '<>&"&laquo;&#12345678;&#0;'),
        ("&lt&#65&#x42;&;", "<AB&;"),
        ("a > b & c", "a > b & c"),
        ("<a href='localhost'>x</a>", "x"),
        ("<a href=''>no address</a>", "no address"),
        ("<b></b><i></i>", ""),
    ],
)
def test_text_without_markup_stays_text(source: str, text: str) -> None:
    marked = parse_html(source)
    assert (marked.text, marked.entities) == (text, [])


def test_code_without_a_language_in_a_block_stays_code() -> None:
    kinds = [it["type"] for it in parse_html("<pre><code>x</code></pre>").entities]
    assert kinds == ["code", "pre"]


def test_offsets_count_utf16_units() -> None:
    marked = parse_html("👍<b>é👍</b><pre>a<code>b</code></pre>")
    assert [(it["type"], it["offset"], it["length"]) for it in marked.entities] == [
        ("bold", 2, 3),
        ("code", 6, 1),
        ("pre", 5, 2),
    ]


@given(st.text())
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert parse_html(f"<b>{escaped}</b>").text == text.replace("\0", " ")


@given(st.text(alphabet="<>/ab i=\"'&;#x4 \n👍", max_size=40))
def test_any_html_is_parsed_or_refused(source: str) -> None:
    try:
        marked = parse_html(source)
    except MarkupError:
        return
    length = utf16_length(marked.text)
    for entity in marked.entities:
        begin, size = entity["offset"], entity["length"]
        assert isinstance(begin, int)
        assert isinstance(size, int)
        assert 0 <= begin < begin + size <= length


def test_a_link_without_an_address_is_its_own_address() -> None:
    assert entity_fields("a", {}, content="a.example") == {"url": "http://a.example/"}
    assert entity_fields("a", {}, content="no address") is None


def test_a_custom_emoji_needs_a_valid_id() -> None:
    assert entity_fields("tg-emoji", {"emoji-id": "12"}, content="x") == {"custom_emoji_id": "12"}
    with pytest.raises(MarkupError):
        entity_fields("tg-emoji", {"emoji-id": "0"}, content="x")


@pytest.mark.parametrize("form", ["r", "d", "D", "t", "T", "wDT", "wdt", "dT"])
def test_a_date_may_have_any_of_telegrams_formats(form: str) -> None:
    shown = entity_fields("tg-time", {"unix": "1", "format": form}, content="x")
    assert shown == {"unix_time": 1, "date_time_format": form}


def test_only_code_has_a_language() -> None:
    assert code_language("code", {"class": "language-sql"}) == "sql"
    assert code_language("code", {"class": "sql"}) == ""
    assert code_language("pre", {"class": "language-sql"}) == ""
