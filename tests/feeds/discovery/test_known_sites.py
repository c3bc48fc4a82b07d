import pytest

from bot.feeds.discovery.known_sites import feeds_in_page, known_feeds

CHANNEL = "UC" + "aB3_-" * 4 + "xy"


@pytest.mark.parametrize(
    ("url", "first"),
    [
        (
            f"https://www.youtube.com/channel/{CHANNEL}/videos",
            f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}",
        ),
        (
            "https://www.youtube.com/user/harbour",
            "https://www.youtube.com/feeds/videos.xml?user=harbour",
        ),
        (
            "https://www.youtube.com/playlist?list=PL123&x=1",
            "https://www.youtube.com/feeds/videos.xml?playlist_id=PL123",
        ),
        ("https://www.reddit.com/r/harbour/", "https://www.reddit.com/r/harbour/.rss"),
        ("https://www.reddit.com/r/harbour/new", "https://www.reddit.com/r/harbour/new/.rss"),
        ("https://old.reddit.com/u/ann", "https://old.reddit.com/user/ann/.rss"),
        ("https://reddit.com", "https://reddit.com/.rss"),
        ("https://github.com/harbour/pier", "https://github.com/harbour/pier/releases.atom"),
        (
            "https://github.com/harbour/pier/releases/tag/v1",
            "https://github.com/harbour/pier/releases.atom",
        ),
        ("https://github.com/harbour/pier/tags", "https://github.com/harbour/pier/tags.atom"),
        (
            "https://github.com/harbour/pier/commits/main",
            "https://github.com/harbour/pier/commits/main.atom",
        ),
        ("https://github.com/harbour", "https://github.com/harbour.atom"),
        ("https://mastodon.example/@ann", "https://mastodon.example/@ann.rss"),
        ("https://mastodon.example/@ann/with_replies", "https://mastodon.example/@ann.rss"),
        ("https://medium.com/@ann", "https://medium.com/feed/@ann"),
        ("https://bsky.app/profile/ann.example", "https://bsky.app/profile/ann.example/rss"),
    ],
)
def test_a1_the_feed_of_a_known_page_follows_from_its_address(url: str, first: str) -> None:
    assert known_feeds(url)[0] == first


@pytest.mark.parametrize(
    "url",
    [
        "https://courier.example/",
        "https://courier.example/news/@ann",
        "https://mastodon.example/@ann@other.example",
        "https://www.youtube.com/@harbour",
        "https://www.youtube.com/watch?v=1",
        "https://www.youtube.com/playlist",
        "https://github.com/",
        "https://medium.com/",
        "https://medium.com/feed/@ann",
        "https://bsky.app/search",
        "https://www.reddit.com/settings/feed",
    ],
)
def test_other_pages_are_asked_themselves(url: str) -> None:
    assert known_feeds(url) == ()


@pytest.mark.parametrize(
    "page",
    [
        f'<link rel="canonical" href="https://www.youtube.com/channel/{CHANNEL}">',
        f'<meta itemprop="identifier" content="{CHANNEL}">',
        f'<script>var x = {{"externalId":"{CHANNEL}"}}</script>',
        f'<script>var x = {{"channelId": "{CHANNEL}", "a": 1}}</script>',
    ],
)
def test_a1_a_channel_is_found_in_its_page(page: str) -> None:
    feed = f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}"
    assert feeds_in_page(page, url="https://www.youtube.com/@harbour") == (feed,)
    assert feeds_in_page(page, url="https://courier.example/@harbour") == ()


def test_a_page_without_a_channel_has_no_feed_in_it() -> None:
    assert feeds_in_page("<p>channelId</p>", url="https://www.youtube.com/") == ()
