import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.sources import MAX_LENGTH, source_of

CHANNEL = "UC" + "x" * 22


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("https://www.courier.example/rss", "courier.example"),
        ("https://news.courier.com.ua/feed/politics", "courier.com.ua"),
        ("http://127.0.0.1:8080/rss", "127.0.0.1:8080"),
        ("https://t.me/harbour", "t.me/harbour"),
        ("https://t.me/s/harbour", "t.me/harbour"),
        (f"https://youtube.com/feeds/videos.xml?channel_id={CHANNEL}", f"youtube.com/{CHANNEL}"),
        ("https://www.youtube.com/feeds/videos.xml?user=ann", "youtube.com/ann"),
        ("https://www.reddit.com/r/harbour/.rss", "reddit.com/harbour"),
        ("https://old.reddit.com/r/harbour/new/.rss", "reddit.com/harbour"),
        ("https://medium.com/feed/@ann", "medium.com/@ann"),
        ("https://medium.com/feed/harbour-notes", "medium.com/harbour-notes"),
        ("https://ann.medium.com/feed", "medium.com/ann"),
        ("https://ann.substack.com/feed", "substack.com/ann"),
        ("https://ann.blogspot.com/feeds/posts/default", "ann.blogspot.com"),
        ("https://ann.wordpress.com/feed/", "wordpress.com/ann"),
        ("https://mastodon.example/@ann.rss", "mastodon.example/@ann"),
        ("https://github.com/harbour/pier/releases.atom", "github.com/harbour"),
        ("https://feeds.feedburner.com/harbour", "feedburner.com/harbour"),
        ("https://t.me", "t.me"),
        ("https://[", "https://["),
        ("", ""),
    ],
)  # fmt: skip
def test_a_source_is_a_domain_or_on_a_shared_host_a_channel(url: str, source: str) -> None:
    assert source_of(url) == source


def test_one_publisher_is_one_source_whatever_its_feeds_are_called() -> None:
    urls = ["https://courier.example/rss", "http://www.courier.example/feed?section=sport"]
    assert len(set(map(source_of, urls))) == 1


@given(st.text(), st.sampled_from(["", "https://t.me/", "https://youtube.com/?", "https://@"]))
def test_any_address_has_a_source(text: str, before: str) -> None:
    source = source_of(before + text)
    assert len(source) <= MAX_LENGTH
    assert source == source_of(before + text)
