import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ParseError
from bot.storage.subscribers.moved_chat import (
    MAX_CHARS,
    MAX_ROWS,
    MovedFeed,
    MovedWord,
    parse_export,
)

EMPTY: dict[str, object] = {"subscribers": [], "subscriptions": [], "news_languages": []}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def export(**tables: object) -> bytes:
    return json.dumps({**EMPTY, **tables}).encode()


def test_each_kind_of_choice_is_read() -> None:
    timetable = {"mode": "digest", "digest_at": [480], "zone": "Europe/Kyiv", "silently": 0}
    moved = parse_export(
        export(
            subscribers=[{"pictures": "none"}],
            subscriptions=[{"topic": "war"}],
            news_languages=[{"language": "uk"}],
            words=[{"said": "міст", "muted": 1, "topic": "war"}],
            timetables=[timetable],
            own_feeds=[{"url": "https://own.example/rss", "title": "Own"}],
            saved=[{"url": "https://courier.example/1"}],
            followed_storylines=[{"url": "https://courier.example/2"}],
        )
    )
    assert (moved.topics, moved.languages, moved.pictures) == (("war",), ("uk",), "none")
    assert moved.words == (MovedWord(text="міст", muted=True, topic="war"),)
    assert moved.timetable == timetable
    assert moved.feeds == (MovedFeed(url="https://own.example/rss", title="Own"),)
    assert moved.saved == ("https://courier.example/1",)
    assert moved.followed == ("https://courier.example/2",)
    assert moved.unreadable == 0


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"subscribers": []}', b"1" * 9999,
     json.dumps({**EMPTY, "subscriptions": {}}).encode()],
)  # fmt: skip
def test_what_is_no_export_is_refused(content: bytes) -> None:
    with pytest.raises(ParseError):
        parse_export(content)


def test_rows_that_hold_nothing_of_the_kind_are_counted() -> None:
    rows = [
        {"url": "javascript:x"},
        {"url": 5},
        {},
        [],
        None,
        {"url": "https://a.example/" + "x" * MAX_CHARS},
    ]
    moved = parse_export(export(own_feeds=rows, words=[{"said": ""}], saved="no list"))
    assert (moved.feeds, moved.words, moved.saved) == ((), (), ())
    assert moved.unreadable == len(rows) + 1


def test_the_rows_of_a_kind_are_bounded() -> None:
    moved = parse_export(export(subscriptions=[{"topic": "war"}] * (MAX_ROWS + 5)))
    assert (len(moved.topics), moved.unreadable) == (MAX_ROWS, 5)


@given(st.dictionaries(st.sampled_from(["words", "saved", "timetables", "own_feeds"]), ANYTHING))
def test_any_values_are_read_or_counted(tables: dict[str, object]) -> None:
    assert parse_export(json.dumps({**EMPTY, **tables}).encode()).unreadable >= 0
