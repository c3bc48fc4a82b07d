from typing import get_args

import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, FeedId, FoundFeed, Language, NoFeed, OwnFeed
from bot.telegram.handlers.preferences.own_feeds_said_feeds import added, listed, refused


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_words(language: Language) -> None:
    say = speak(language)
    assert all(refused(reason, say) for reason in get_args(NoFeed))


def test_what_a_publisher_wrote_is_escaped_and_cut() -> None:
    title = "<b>" + "&" * 500
    feed = OwnFeed(id=FeedId(1), url="https://own.example/?a=1&b='", title=title, trouble="silent")
    text = listed([feed], speak("en"))
    assert "&lt;b&gt;&amp;" in text
    assert "its server does not answer" in text
    assert len(text) < 900
    found = FoundFeed(url=feed.url, domain="own.example", title=title, newest=("<i>" * 400,))
    assert "<i>" not in added(found, speak("en"))


def test_a_feed_without_a_title_is_called_by_its_domain() -> None:
    found = FoundFeed(url="https://own.example/rss", domain="own.example", title="", newest=())
    assert ">own.example</a>" in added(found, speak("en"))
