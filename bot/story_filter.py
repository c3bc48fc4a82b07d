"""Story filter: whether a subscriber wants a story, and which topic, word or feed brings it."""

from dataclasses import dataclass

from bot.model import Story, Subscriber, TopicSlug, Word
from bot.text.phrases import contains, story_text


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchReason:
    """What brings a story to a chat: topics and words of its choice, or a feed of its own."""

    topics: tuple[TopicSlug, ...]
    words: tuple[Word, ...]
    own_feed: bool


def match_reason(subscriber: Subscriber, story: Story) -> MatchReason | None:
    """Return what brings the story to the chat; None: nothing, or a muted word keeps it out.

    A word counts where it stands in the headline or the summary.
    """
    words = matching_words(subscriber, story)
    topics = (story.topic, *story.other_topics)
    reason = MatchReason(
        topics=tuple(slug for slug in topics if slug in subscriber.topics),
        words=tuple(word for word in words if not word.muted),
        own_feed=story.feed_id in subscriber.visibility.own,
    )
    is_muted = any(word.muted for word in words)
    is_wanted = reason.topics or reason.words or reason.own_feed
    return reason if is_wanted and not is_muted else None


def matching_words(subscriber: Subscriber, story: Story) -> tuple[Word, ...]:
    """Return the chat's words, followed and muted, that the story holds within their topics."""
    if not subscriber.words:
        return ()
    content = story_text(story.title, story.summary)
    topics = {None, story.topic, *story.other_topics}
    words = (word for word in subscriber.words if word.topic in topics)
    return tuple(word for word in words if contains(content, word.phrase))


def followed_words(subscriber: Subscriber, story: Story) -> tuple[str, ...]:
    """Return the followed words that the story holds, as the reader wrote them."""
    return tuple(word.text for word in matching_words(subscriber, story) if not word.muted)
