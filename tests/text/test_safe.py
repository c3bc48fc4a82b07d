import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.safe import (
    counted,
    loads,
    printable,
    printable_lines,
    printable_xml,
    storable,
    storable_document,
)

# With halves of pairs, NUL and all other controls.
ANY_TEXT = st.text(st.characters(exclude_categories=()))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
    max_leaves=20,
)
# ESC, BEL, DEL, C1's CSI and NEL, line breaks, separators, and what turns the direction.
COMMANDS = "\x1b[2J\x07\x7f\x9b\x85\r\n\t\u2028\u2029\u202e\u202a\u2066\u2069\u200f\u061c\0\ud800"


@given(ANY_TEXT)
def test_any_text_becomes_one_that_the_database_can_hold(text: str) -> None:
    made = storable(text)
    made.encode()
    assert "\0" not in made
    assert storable(made) == made


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Міст 😀 \x1b\u202e", "Міст 😀 \x1b\u202e"),
        ("a\0b", "ab"),
        ("a\ud800b", "a\ufffdb"),
        ("\udcff\udcfe", "\ufffd\ufffd"),
        ("\ud83d\ude00", "😀"),
        ("\ud83d\0\ude00", "😀"),
    ],
)
def test_what_can_be_stored_stays_as_it_is_and_the_rest_is_replaced(text: str, made: str) -> None:
    assert storable(text) == made


@given(ANY_TEXT)
def test_any_text_becomes_one_line_that_a_terminal_can_show(text: str) -> None:
    made = printable(text)
    made.encode()
    assert len(made.splitlines()) <= 1
    assert printable(made) == made
    assert all(letter.isprintable() or letter not in COMMANDS for letter in made)


def test_no_control_is_left_and_all_others_stay() -> None:
    assert printable(f"Міст{COMMANDS}😀").startswith("Міст\\u001b[2J\\u0007\\u007f\\u009b\\u0085")
    assert not set(printable(COMMANDS)) & set(COMMANDS) - set("[2J")
    assert printable("Міст 😀 №1 — «так» é") == "Міст 😀 №1 — «так» é"


@given(ANY_TEXT)
def test_a_json_document_that_was_made_printable_says_the_same(text: str) -> None:
    assert json.loads(printable(json.dumps([text], ensure_ascii=False))) == [text]


def test_lines_stay_lines() -> None:
    assert printable_lines("a\nb\x1b\n") == "a\nb\\u001b\n"
    assert printable_xml('<a b="\u202ex"/>\n') == '<a b="&#8238;x"/>\n'


@given(ANY_JSON)
def test_all_texts_of_a_json_document_can_be_stored(document: object) -> None:
    for text in (json.dumps(document), json.dumps(document).encode()):
        loaded = loads(text)
        json.dumps(loaded, ensure_ascii=False).encode()
        assert "\\u0000" not in json.dumps(loaded, ensure_ascii=False)


def test_a_document_without_such_texts_is_loaded_as_it_is() -> None:
    document = {"a": [1, 2.5, None, True, "Міст 😀", {"b": "\\u0000"}]}
    assert loads(json.dumps(document)) == document


def test_a_deep_document_is_walked_without_recursion() -> None:
    document: list[object] = ["a\0"]
    for _ in range(100_000):
        document = [document, "\ud800"]
    assert storable_document(document)[1] == "\ufffd"


@pytest.mark.parametrize("text", ["", "{", b"\xff\xfe\xfd", "[" * 100_000, b'"\xed\xa0\x80'])
def test_what_is_no_json_is_an_error_of_the_usual_kinds(text: str | bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        loads(text)


def test_a_count_is_written_with_its_noun() -> None:
    assert counted(1, "feed") == "1 feed"
    assert counted(0, "feed") == "0 feeds"
    assert counted(2000, "story", "stories") == "2,000 stories"
