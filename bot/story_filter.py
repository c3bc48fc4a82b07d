"""Does a chat want this story, and why? Pure."""

from dataclasses import dataclass

from bot.model import Story, Subscriber, TopicSlug, Word
from bot.text.phrases import contains, story_text


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchReason:
    """What brings a story to a chat: topics and words of its choice, or a feed of its own."""

    topics: tuple[TopicSlug, ...]
    words: tuple[Word, ...]
    own_feed: bool


def match_reason(reader: Subscriber, story: Story) -> MatchReason | None:
    """Return what brings the story to the chat; None: nothing does, or a muted word keeps it out.

    A word counts where it stands in the headline or the summary.
    """
    said = words_found_in(reader, story)
    found = MatchReason(
        topics=tuple(slug for slug in (story.topic, *story.other_topics) if slug in reader.topics),
        words=tuple(word for word in said if not word.muted),
        own_feed=story.feed_id in reader.visibility.own,
    )
    is_muted = any(word.muted for word in said)
    is_wanted = found.topics or found.words or found.own_feed
    return found if is_wanted and not is_muted else None


def words_found_in(reader: Subscriber, story: Story) -> tuple[Word, ...]:
    """Return the reader's words, followed and muted, that the story holds within their topics."""
    if not reader.words:
        return ()
    topics, within = (
        {None, story.topic, *story.other_topics},
        story_text(story.title, story.summary),
    )
    return tuple(it for it in reader.words if it.topic in topics and contains(within, it.phrase))


def followed_in(reader: Subscriber, story: Story) -> tuple[str, ...]:
    """Return the followed words that the story holds, as the reader said them."""
    return tuple(word.text for word in words_found_in(reader, story) if not word.muted)
