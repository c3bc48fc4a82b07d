import json
from datetime import UTC, datetime

import pytest

from bot.errors import GoneError, ParseError
from bot.feeds.formats.items import Item
from bot.feeds.formats.json_feed import read_json_feed
from bot.feeds.formats.visible_text import Field
from tests.support.fakes import NOON

VERSION = "https://jsonfeed.org/version/1.1"


def feed(*items: object) -> str:
    return json.dumps({"version": VERSION, "title": "Courier", "items": items})


def read(text: str, *, max_items: int = 9) -> tuple[Item, ...]:
    return read_json_feed(text, max_items=max_items, now=NOON)[1]


def test_an_item_is_read_whole() -> None:
    text = feed(
        {
            "id": 7,
            "url": "https://courier.example/bridge",
            "title": "Bridge <opens> & closes",
            "content_html": "<p>The new bridge.</p>",
            "content_text": "One & two.\nThree.",
            "summary": "In short.",
            "tags": ["World", 5],
            "date_published": "2026-11-23T08:00:00+02:00",
        }
    )
    (item,) = read(text)
    assert (
        Item(
            digest=item.digest,
            guid="7",
            links=("https://courier.example/bridge",),
            title=Field("Bridge <opens> & closes", literal=True),
            bodies=(
                Field("<p>The new bridge.</p>"),
                Field("One & two.\nThree.", literal=True),
            ),
            summaries=(Field("In short.", literal=True),),
            labels=("World", "5"),
            published_at=datetime(2026, 11, 23, 6, tzinfo=UTC),
        )
        == item
    )


def test_what_is_missing_or_of_another_kind_is_empty() -> None:
    text = feed({"external_url": "https://e.example", "title": None, "tags": "x"}, "no item")
    (item,) = read(text)
    assert (item.guid, item.links, item.title.value) == ("", ("https://e.example",), "")
    assert (item.labels, item.published_at) == ((), None)


def test_the_date_of_change_stands_in_for_that_of_publication() -> None:
    (item,) = read(feed({"date_modified": "2026-11-23T06:00:00Z"}))
    assert item.published_at == datetime(2026, 11, 23, 6, tzinfo=UTC)


def test_half_a_surrogate_pair_does_no_harm() -> None:
    (item,) = read(feed({"title": "a\ud83db"}))
    assert item.title.value == "a\ufffdb"


def test_only_the_first_items_are_read() -> None:
    assert len(read(feed({}, {}, {}), max_items=2)) == 2


@pytest.mark.parametrize(
    ("written", "guid"),
    [
        ("7", "7"),
        ("7.50", "7.50"),
        ("1e400", "1e400"),
        ("1" * 5000, "1" * 5000),
        ("NaN", "NaN"),
        ('" a "', " a "),
        ("true", ""),
        ("null", ""),
        ("[7]", ""),
    ],
)
def test_i26_an_id_that_is_a_number_is_the_text_of_it(written: str, guid: str) -> None:
    (item,) = read(feed({"id": "?"}).replace('"?"', written))
    assert item.guid == guid


def test_i26_the_page_of_the_item_comes_before_what_it_is_about() -> None:
    both = {"url": "https://courier.example/a", "external_url": "https://e.example"}
    (item,) = read(feed(both))
    assert item.links == ("https://courier.example/a", "https://e.example")


def test_the_digest_is_that_of_what_the_item_says_in_whatever_order() -> None:
    one, same, other = read(feed({"id": 1, "url": "a"}, {"url": "a", "id": 1}, {"id": 2}))
    assert one.digest == same.digest != other.digest


@pytest.mark.parametrize(("expired", "is_gone"), [(True, True), (False, False), ("true", False)])
def test_p49_a_feed_that_has_expired_is_gone(expired: object, is_gone: bool) -> None:
    text = json.dumps({"version": VERSION, "expired": expired, "items": []})
    if not is_gone:
        assert read(text) == ()
        return
    with pytest.raises(GoneError, match="has ended"):
        read(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "broken JSON"),
        ('{"a":' * 100_000, "broken JSON"),
        ("{}", "JSON of another kind"),
        ('{"version": "1", "items": []}', "JSON of another kind"),
        (f'{{"version": "{VERSION}", "items": {{}}}}', "JSON of another kind"),
        (f'{{"version": "{VERSION}"}}', "JSON of another kind"),
        ("[]", "JSON of another kind"),
    ],
)
def test_what_is_no_json_feed_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        read(text)


def test_what_was_too_many_has_its_turn_when_the_others_are_known() -> None:
    text = feed(*({"id": number, "title": "Bridge"} for number in range(3)))
    first = read(text, max_items=2)
    known = {item.digest for item in first}
    _, rest = read_json_feed(text, max_items=2, known=known, now=NOON)
    assert [item.guid for item in rest] == ["0", "1", "2"]


def test_a_comma_too_many_and_a_title_in_html_are_read() -> None:
    document = """{"version": "https://jsonfeed.org/version/1.1", "items": [
        {"id": "1", "url": "/1", "title": "<b>Quay</b> opens, ]", "tags": ["a,]", "b",],}, ], }"""
    _, (found,) = read_json_feed(document, max_items=9, now=NOON)
    assert found.title.line() == "Quay opens, ]"
    assert found.labels == ("a,]", "b")
