"""Preview pages of channels: which posts become entries, and what hostile pages cannot do."""

from datetime import UTC, datetime

import pytest

from bot.errors import ParseError
from bot.feeds.formats.parse import ParsedFeed
from bot.feeds.previews.channel_page import MAX_POSTS, parse_channel_page, post_numbers

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
URL = "https://t.me/s/harbour_news"
WRITTEN = "2026-12-01T11:00:00+00:00"


def post(
    number: int, text: str, *, at: str = WRITTEN, inside: str = "", name: str = "harbour_news"
) -> str:
    return (
        f'<div class="tgme_widget_message_wrap"><div class="tgme_widget_message text_not_supported'
        f'_wrap js-widget_message" data-post="{name}/{number}">{inside}'
        f'<div class="tgme_widget_message_text js-message_text" dir="auto">{text}</div>'
        f'<a class="tgme_widget_message_date" href="https://t.me/{name}/{number}">'
        f'<time datetime="{at}" class="time">11:00</time></a></div></div>'
    )


def parsed(*posts: str, known: frozenset[bytes] = frozenset()) -> ParsedFeed:
    page = f"<html><body><section>{''.join(posts)}</section></body></html>"
    return parse_channel_page(
        page.encode(),
        url=URL,
        username="harbour_news",
        content_type="text/html; charset=utf-8",
        fetched_at=NOW,
        known=known,
    )


def test_a_post_is_an_entry_with_its_address_for_link() -> None:
    photo = (
        '<a class="tgme_widget_message_photo_wrap" style="width:800px;background-image:'
        "url('https://cdn.example/photo/a.jpg')\"></a>"
    )
    origin = (
        '<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/city/7">City</a>'
    )
    contents = parsed(
        post(5, "<b>Bridge opens</b><br/>It was shut for a year.", inside=photo + origin)
    )
    (entry,) = contents.entries
    assert (entry.guid, entry.url) == ("5", "https://t.me/harbour_news/5")
    assert (entry.title, entry.text) == ("Bridge opens", "It was shut for a year.")
    assert entry.published_at == datetime(2026, 12, 1, 11, tzinfo=UTC)
    assert entry.picture is not None
    assert entry.picture.url == "https://cdn.example/photo/a.jpg"
    assert entry.source == "t.me/city"


@pytest.mark.parametrize(
    "inside",
    [
        '<div class="tgme_widget_message_poll">Which one</div>',
        '<div class="service_message">Channel photo updated</div>',
    ],
)
def test_polls_and_service_messages_are_no_entries(inside: str) -> None:
    contents = parsed(post(5, "Which one do you like", inside=inside), post(6, "Ferry leaves"))
    assert [entry.guid for entry in contents.entries] == ["6"]
    assert len(contents.digests) == 2


def test_a_signature_that_repeats_on_the_page_is_no_text() -> None:
    sign = '<br/><br/><a href="https://t.me/harbour_news">Harbour, subscribe</a>'
    contents = parsed(*[post(n, f"Ship {n} came in<br/>It is large.{sign}") for n in (1, 2, 3)])
    assert [entry.text for entry in contents.entries] == ["It is large."] * 3


def test_an_album_is_one_entry() -> None:
    photos = "".join(
        f'<a class="tgme_widget_message_photo_wrap grouped_media_wrap js-message_photo"'
        f" style=\"background-image:url('https://cdn.example/photo/{number}.jpg')\""
        f' href="https://t.me/harbour_news/{number}?single"></a>'
        for number in (7, 8, 9)
    )
    album = f'<div class="tgme_widget_message_grouped_wrap js-message_grouped">{photos}</div>'
    (entry,) = parsed(post(7, "The bridge is open again", inside=album)).entries
    assert entry.url == "https://t.me/harbour_news/7"
    assert entry.title == "The bridge is open again"


def test_a_quoted_post_is_not_taken_for_the_text() -> None:
    reply = (
        '<a class="tgme_widget_message_reply"><div class="tgme_widget_message_text">Old</div></a>'
    )
    (entry,) = parsed(post(5, "New words", inside=reply)).entries
    assert entry.title == "New words"


def test_known_posts_are_left_out_and_an_edit_is_read_again() -> None:
    before = parsed(post(5, "Bridge opens"), post(6, "Ferry leaves"))
    after = parsed(
        post(5, "Bridge opens"), post(6, "Ferry leaves late"), known=frozenset(before.digests)
    )
    assert [entry.title for entry in after.entries] == ["Ferry leaves late"]
    assert not after.whole


@pytest.mark.parametrize(
    "date", ["", "yesterday at noon", "0001-01-01", "2126-01-01T00:00:00Z", "9" * 99]
)
def test_a_post_with_a_wrong_date_is_not_dated(date: str) -> None:
    (entry,) = parsed(post(5, "Bridge opens", at=date)).entries
    assert (entry.dated, entry.published_at) == (False, NOW)


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<p>You can view and join @harbour_news right away.</p>",
        post(5, "Bridge opens", name="another_one"),
        post(5, "Bridge opens").replace("harbour_news/5", "harbour_news/x"),
    ],
)
def test_a_page_without_posts_of_the_channel_is_no_preview(page: str) -> None:
    with pytest.raises(ParseError, match="no preview"):
        parsed(page)


def test_hostile_pages_are_read_within_bounds() -> None:
    assert len(parsed(*[post(n, f"Ship {n}") for n in range(1, 900)]).digests) == MAX_POSTS
    marks = "a" + "\u0301" * 4096
    (entry,) = parsed(post(5, marks)).entries
    assert len(entry.title) <= 201
    deep = "<b>" * 30_000 + "x"
    with pytest.raises(ParseError):
        parsed(deep, post(5, "Bridge opens"))
    (entry,) = parsed(post(5, "word " * 400_000)).entries
    assert len(entry.text) <= 20_001


def test_links_are_of_the_name_as_the_channel_writes_it() -> None:
    (entry,) = parsed(post(5, "Bridge opens", name="Harbour_News")).entries
    assert entry.url == "https://t.me/Harbour_News/5"


def test_the_numbers_of_posts_are_in_their_order() -> None:
    page = (post(9, "a") + post(7, "b") + post(8, "c", name="another_one")).encode()
    assert post_numbers(page, username="Harbour_News", content_type="text/html") == (7, 9)
