"""Story filter: whether a subscriber wants a story, and which topic, word or feed brings it."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.model import Story, StoryId, Subscriber, TopicSlug, Word
from bot.ready_words.lists import find_ready_words
from bot.ready_words.marks import marked_text
from bot.text.phrases import contains, united

# From so many sources on a story is important.
IMPORTANT_SOURCES = 3
# In pixels; a smaller picture is no illustration.
MIN_PICTURE_WIDTH = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPreview:
    """What a message of a story previews: the article's page, its picture, or nothing."""

    url: str | None = None
    is_picture: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchReason:
    """What brings a story to a chat: topics and words of its choice, or a feed of its own.

    Or that it is a chapter of a `storyline` that the chat follows.
    """

    topics: tuple[TopicSlug, ...]
    words: tuple[Word, ...]
    own_feed: bool
    storyline: bool = False


def match_reason(subscriber: Subscriber, story: Story) -> MatchReason | None:
    """Return what brings the story to the chat; None: nothing, or a muted word keeps it out.

    A followed word counts where it stands in the headline or the summary of any article of the
    story, a muted one in those that are shown. No muted word keeps out a followed storyline.
    """
    words = matching_words(subscriber, story)
    topics = (story.topic, *story.other_topics)
    reason = MatchReason(
        topics=tuple(slug for slug in topics if slug in subscriber.topics),
        words=tuple(word for word in words if not word.muted),
        own_feed=story.feed_id in subscriber.visibility.own,
        storyline=story.continues is not None and story.storyline in subscriber.followed_storylines,
    )
    is_muted = any(word.muted for word in words) and not reason.storyline
    is_wanted = reason.topics or reason.words or reason.own_feed or reason.storyline
    return reason if is_wanted and not is_muted else None


def story_preview(subscriber: Subscriber, story: Story) -> StoryPreview:
    """Return what the message of a story previews.

    Its picture, if the chat wants one of it; the page of an article without a picture, which may
    open at once; nothing where it tells of casualties, or the chat's posts have no picture.
    """
    if not subscriber.look.picture:
        return StoryPreview()
    texts = [marked_text(story.title, story.summary), *(marked_text(*t) for t in story.other_texts)]
    casualties = find_ready_words("casualties")
    if casualties and contains(united(texts), casualties.phrase):
        return StoryPreview()
    picture = story.picture
    if picture is None:
        return StoryPreview(url=story.url)
    is_important = 1 + len(story.other_sources) >= IMPORTANT_SOURCES
    is_followed = followed_words(subscriber, story) or (
        story.storyline in subscriber.followed_storylines
    )
    is_wanted = subscriber.pictures == "all" or (
        subscriber.pictures == "important" and (is_important or is_followed)
    )
    if not is_wanted:
        return StoryPreview()
    width = picture.width if picture.width or not picture.is_of_page else MIN_PICTURE_WIDTH
    if (width or 0) < MIN_PICTURE_WIDTH:
        return StoryPreview(url=story.url)
    return StoryPreview(url=picture.url, is_picture=True)


def shown_topic(subscriber: Subscriber, story: Story) -> TopicSlug | None:
    """Return the topic under which the chat sees the story: the first that it has chosen.

    None: a word or a feed of its own brings it. Of a chat without topics it is the story's own.
    """
    if not subscriber.topics:
        return story.topic
    topics = (story.topic, *story.other_topics)
    return next((slug for slug in topics if slug in subscriber.topics), None)


def matching_words(subscriber: Subscriber, story: Story) -> tuple[Word, ...]:
    """Return the chat's words, followed and muted, that the story holds within their topics."""
    if not subscriber.words:
        return ()
    shown = marked_text(story.title, story.summary)
    whole = united([shown, *(marked_text(*text) for text in story.other_texts)])
    topics = {None, story.topic, *story.other_topics}
    words = (word for word in subscriber.words if word.topic in topics)
    return tuple(word for word in words if contains(shown if word.muted else whole, word.phrase))


def followed_words(subscriber: Subscriber, story: Story) -> tuple[str, ...]:
    """Return the followed words that the story holds, as the reader wrote them."""
    return tuple(word.text for word in matching_words(subscriber, story) if not word.muted)


def newest_chapter(stories: Collection[Story]) -> Story | None:
    """Return the story that was opened last; None: there is none."""
    return max(stories, key=lambda story: story.id, default=None)


def one_a_storyline(stories: Collection[Story]) -> tuple[Story, ...]:
    """Return the newest chapter of each storyline, each where the first one of it was."""
    newest: dict[StoryId, Story] = {}
    for story in stories:
        key = story.storyline or story.id
        newest[key] = max(newest.get(key, story), story, key=lambda chapter: chapter.id)
    return tuple(newest.values())
