from dataclasses import replace

import pytest

from bot.model import (
    ChatId,
    FeedId,
    Picture,
    Pictures,
    PostLook,
    StoryId,
    Subscriber,
    TopicSlug,
    Visibility,
    Word,
)
from bot.story_filter import (
    StoryPreview,
    match_reason,
    matching_words,
    newest_chapter,
    one_a_storyline,
    story_preview,
)
from bot.text.phrases import parse_phrase
from tests.support.builders import SPORT, WAR, story

SUBSCRIBER = Subscriber(
    chat_id=ChatId(1),
    kind="private",
    language="en",
    news_languages=frozenset({"en"}),
    topics=frozenset({WAR}),
    paused=False,
)
BRIDGE = replace(story("Bridge opens in Lakeside"), feed_id=FeedId(7))


def word(typed: str, *, muted: bool = False, topic: TopicSlug | None = None) -> Word:
    phrase = parse_phrase(typed)
    assert phrase is not None
    return Word(text=typed, phrase=phrase, muted=muted, topic=topic)


def test_a_topic_brings_a_story_in() -> None:
    reason = match_reason(SUBSCRIBER, BRIDGE)
    assert reason is not None
    assert (reason.topics, reason.words, reason.own_feed) == ((WAR,), (), False)


def test_a_story_of_other_topics_stays_out() -> None:
    assert match_reason(replace(SUBSCRIBER, topics=frozenset({SPORT})), BRIDGE) is None


@pytest.mark.parametrize("typed", ["bridges", "Lakeside", "new bridge"])
def test_a_followed_word_of_headline_or_summary_brings_it_in_whatever_its_topic(typed: str) -> None:
    followed = word(typed)
    subscriber = replace(SUBSCRIBER, topics=frozenset(), words=(followed, word("harbour")))
    reason = match_reason(subscriber, BRIDGE)
    assert reason is not None
    assert (reason.topics, reason.words) == ((), (followed,))


def test_a_muted_word_keeps_it_out_whatever_brings_it() -> None:
    everything = Visibility(own=frozenset({FeedId(7)}))
    words = (word("bridge"), word("Lakeside", muted=True))
    assert match_reason(replace(SUBSCRIBER, words=words, visibility=everything), BRIDGE) is None


@pytest.mark.parametrize(("topic", "is_wanted"), [(WAR, False), (SPORT, True)])
def test_a_word_muted_in_a_topic_counts_there_alone(topic: TopicSlug, is_wanted: bool) -> None:
    subscriber = replace(SUBSCRIBER, words=(word("bridge", muted=True, topic=topic),))
    assert (match_reason(subscriber, BRIDGE) is not None) is is_wanted


def test_a_word_followed_in_a_topic_counts_in_other_topics_of_the_story_too() -> None:
    subscriber = replace(SUBSCRIBER, topics=frozenset(), words=(word("bridge", topic=SPORT),))
    assert match_reason(subscriber, BRIDGE) is None
    assert match_reason(subscriber, replace(BRIDGE, other_topics=(SPORT,))) is not None


def test_an_own_feed_brings_all_its_stories() -> None:
    subscriber = replace(
        SUBSCRIBER, topics=frozenset(), visibility=Visibility(own=frozenset({FeedId(7)}))
    )
    reason = match_reason(subscriber, replace(BRIDGE, topic=TopicSlug("")))
    assert reason is not None
    assert reason.own_feed


def test_a_followed_word_counts_in_any_article_and_a_muted_one_where_it_is_shown() -> None:
    ferry = replace(story("Bridge opens"), other_texts=(("Ferry stops", ""),))
    for muted, found in ((False, ("ferry",)), (True, ())):
        reader = replace(SUBSCRIBER, words=(word("ferry", muted=muted),))
        assert tuple(each.text for each in matching_words(reader, ferry)) == found


def test_a_followed_storyline_wins_over_a_muted_word_and_begins_with_its_second_chapter() -> None:
    reader = replace(
        SUBSCRIBER,
        topics=frozenset(),
        words=(word("bridge", muted=True),),
        followed_storylines=frozenset({StoryId(1)}),
    )
    first = replace(story("Bridge opens"), storyline=StoryId(1))
    reason = match_reason(reader, replace(first, continues=StoryId(1)))
    assert reason is not None
    assert reason.storyline
    assert match_reason(reader, first) is None


def test_of_a_storyline_the_newest_chapter_stands_where_the_first_one_did() -> None:
    first, other, last = (
        replace(story(), id=StoryId(number), storyline=StoryId(line))
        for number, line in ((1, 1), (2, 2), (3, 1))
    )
    assert one_a_storyline([first, other, last]) == (last, other)
    assert one_a_storyline([last, first]) == (last,)
    assert newest_chapter([first, last, other]) == last
    assert newest_chapter([]) is None


PICTURE = Picture(url="https://courier.example/bridge.jpg", width=1200, height=630)
SEEN = StoryPreview(url=PICTURE.url, is_picture=True)
PAGE = StoryPreview(url=BRIDGE.url)
NOTHING = StoryPreview()


@pytest.mark.parametrize(
    ("pictures", "of_one", "of_three"),
    [("all", SEEN, SEEN), ("important", NOTHING, SEEN), ("none", NOTHING, NOTHING)],
)
def test_a_chat_chooses_which_stories_come_with_a_picture(
    pictures: Pictures, of_one: StoryPreview, of_three: StoryPreview
) -> None:
    reader, pictured = replace(SUBSCRIBER, pictures=pictures), replace(BRIDGE, picture=PICTURE)
    assert story_preview(reader, pictured) == of_one
    assert story_preview(reader, replace(pictured, other_sources=("A", "B"))) == of_three
    assert story_preview(reader, BRIDGE) == PAGE


def test_what_a_chat_follows_is_important() -> None:
    pictured = replace(BRIDGE, picture=PICTURE, storyline=StoryId(1))
    assert story_preview(replace(SUBSCRIBER, words=(word("Lakeside"),)), pictured) == SEEN
    follower = replace(SUBSCRIBER, followed_storylines=frozenset({StoryId(1)}))
    assert story_preview(follower, pictured) == SEEN


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("Two people are killed", ""),
        ("У пожежі загинула людина", ""),
        ("В аварии пострадали трое", ""),
        ("A fire", "Five are injured."),
    ],
)
def test_a_story_of_casualties_has_no_picture(title: str, summary: str) -> None:
    reader = replace(SUBSCRIBER, pictures="all")
    pictured = replace(BRIDGE, title=title, summary=summary, picture=PICTURE)
    assert story_preview(reader, pictured) == NOTHING
    other = replace(BRIDGE, picture=PICTURE, other_texts=((title, summary),))
    assert story_preview(reader, other) == NOTHING


@pytest.mark.parametrize(
    ("width", "is_of_page", "preview"),
    [(None, True, SEEN), (None, False, PAGE), (400, False, SEEN), (399, True, PAGE)],
)
def test_a_picture_of_unknown_size_is_shown_if_the_page_declares_it(
    width: int | None, is_of_page: bool, preview: StoryPreview
) -> None:
    picture = replace(PICTURE, width=width, is_of_page=is_of_page)
    reader = replace(SUBSCRIBER, pictures="all")
    assert story_preview(reader, replace(BRIDGE, picture=picture)) == preview


def test_the_posts_of_a_channel_may_have_no_picture_and_then_preview_nothing() -> None:
    reader = replace(SUBSCRIBER, pictures="all", look=PostLook(picture=False))
    assert story_preview(reader, replace(BRIDGE, picture=PICTURE)) == NOTHING
    assert story_preview(reader, BRIDGE) == NOTHING
