from lxml import html

from bot.web.html_markup import MAX_CHARS, MAX_DEPTH, tree_of


def depth(tree: html.HtmlElement) -> int:
    levels = [(tree, 1)]
    deepest = 0
    while levels:
        element, level = levels.pop()
        deepest = max(deepest, level)
        levels += [(child, level + 1) for child in element]
    return deepest


def test_what_no_reader_sees_is_left_out() -> None:
    tree = tree_of(
        "<?xml version='1.0' encoding='x'?><p>Bridge\u202e</p><script>no</script><nav>no"
    )
    assert tree is not None
    assert tree.text_content() == "Bridge"


def test_nothing_makes_no_tree() -> None:
    assert tree_of("") is None
    assert tree_of("<!-- -->") is None


def test_a_tree_has_bounds() -> None:
    deep = tree_of("<div>" * 100_000 + "x")
    assert deep is not None
    assert depth(deep) <= MAX_DEPTH
    long = tree_of("<p>" + "a" * MAX_CHARS + "<p>end")
    assert long is not None
    assert "end" not in long.text_content()
