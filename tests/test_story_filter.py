from dataclasses import replace

import pytest

from bot.model import ChatId, FeedId, Subscriber, TopicSlug, Visibility, Word
from bot.story_filter import match_reason
from bot.text.phrases import parse_phrase
from tests.support.builders import SPORT, WAR, story

READER = Subscriber(
    chat_id=ChatId(1),
    kind="private",
    language="en",
    news_languages=frozenset({"en"}),
    topics=frozenset({WAR}),
    paused=False,
)
BRIDGE = replace(story("Bridge opens in Lakeside"), feed_id=FeedId(7))


def word(said: str, *, muted: bool = False, topic: TopicSlug | None = None) -> Word:
    phrase = parse_phrase(said)
    assert phrase is not None
    return Word(text=said, phrase=phrase, muted=muted, topic=topic)


def test_a_topic_brings_a_story_in() -> None:
    found = match_reason(READER, BRIDGE)
    assert found is not None
    assert (found.topics, found.words, found.own_feed) == ((WAR,), (), False)


def test_a_story_of_other_topics_stays_out() -> None:
    assert match_reason(replace(READER, topics=frozenset({SPORT})), BRIDGE) is None


@pytest.mark.parametrize("said", ["bridges", "Lakeside", "new bridge"])
def test_a_followed_word_of_headline_or_summary_brings_it_in_whatever_its_topic(said: str) -> None:
    followed = word(said)
    reader = replace(READER, topics=frozenset(), words=(followed, word("harbour")))
    found = match_reason(reader, BRIDGE)
    assert found is not None
    assert (found.topics, found.words) == ((), (followed,))


def test_a_muted_word_keeps_it_out_whatever_brings_it() -> None:
    everything = Visibility(own=frozenset({FeedId(7)}))
    words = (word("bridge"), word("Lakeside", muted=True))
    assert match_reason(replace(READER, words=words, visibility=everything), BRIDGE) is None


@pytest.mark.parametrize(("topic", "is_wanted"), [(WAR, False), (SPORT, True)])
def test_a_word_muted_in_a_topic_counts_there_alone(topic: TopicSlug, is_wanted: bool) -> None:
    reader = replace(READER, words=(word("bridge", muted=True, topic=topic),))
    assert (match_reason(reader, BRIDGE) is not None) is is_wanted


def test_a_word_followed_in_a_topic_counts_in_its_others_too() -> None:
    reader = replace(READER, topics=frozenset(), words=(word("bridge", topic=SPORT),))
    assert match_reason(reader, BRIDGE) is None
    assert match_reason(reader, replace(BRIDGE, other_topics=(SPORT,))) is not None


def test_a_feed_of_ones_own_brings_all_that_it_tells() -> None:
    reader = replace(READER, topics=frozenset(), visibility=Visibility(own=frozenset({FeedId(7)})))
    found = match_reason(reader, replace(BRIDGE, topic=TopicSlug("")))
    assert found is not None
    assert found.own_feed
