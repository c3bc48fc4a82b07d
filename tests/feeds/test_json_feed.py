import json
from datetime import UTC, datetime

import pytest

from bot.errors import ParseError
from bot.feeds.items import Item
from bot.feeds.json_feed import read_json_feed

VERSION = "https://jsonfeed.org/version/1.1"


def feed(*items: object) -> str:
    return json.dumps({"version": VERSION, "title": "Courier", "items": items})


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
    assert read_json_feed(text, max_items=9) == (
        Item(
            guid="7",
            link="https://courier.example/bridge",
            title="Bridge &lt;opens&gt; &amp; closes",
            bodies=("<p>The new bridge.</p>", "One &amp; two.<br>Three.", "In short."),
            categories=("World", "5"),
            published_at=datetime(2026, 11, 23, 6, tzinfo=UTC),
        ),
    )


def test_what_is_missing_or_of_another_kind_is_empty() -> None:
    text = feed({"external_url": "https://e.example", "title": None, "tags": "x"}, "no item")
    (item,) = read_json_feed(text, max_items=9)
    assert (item.guid, item.link, item.title) == ("", "https://e.example", "")
    assert (item.categories, item.published_at) == ((), None)


def test_the_date_of_change_stands_in_for_that_of_publication() -> None:
    (item,) = read_json_feed(feed({"date_modified": "2026-11-23T06:00:00Z"}), max_items=9)
    assert item.published_at == datetime(2026, 11, 23, 6, tzinfo=UTC)


def test_half_a_surrogate_pair_does_no_harm() -> None:
    (item,) = read_json_feed(feed({"title": "a\ud83db"}), max_items=9)
    assert item.title == "a?b"


def test_only_the_first_items_are_read() -> None:
    assert len(read_json_feed(feed({}, {}, {}), max_items=2)) == 2


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
        read_json_feed(text, max_items=9)
