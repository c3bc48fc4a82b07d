"""Digest: several stories in one message, by topic, the best first, with "Read also" links."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from typing import NamedTuple

from bot.i18n import Translator
from bot.model import EditorLink, Story, TopicSlug
from bot.rendering.story import FollowedWords, first_fitting, link_line, read_also_lines
from bot.topics import Topics

# More than anyone reads at a time; the rest is counted, and found by /latest.
MAX_STORIES = 30
# The best stories come with their summaries, which clients fold to three lines.
MAX_SUMMARIES = 3


class _Size(NamedTuple):
    stories: int
    summaries: int
    links: int


def render_digest(  # noqa: PLR0913
    ranked: Sequence[Story],
    *,
    topics: Topics,
    related: Sequence[Story | EditorLink],
    say: Translator,
    now: datetime,
    heading: str = "",
    followed: FollowedWords | None = None,
) -> str:
    """Return the message of stories ranked best first; an empty `heading` counts them.

    What does not fit in a message is dropped: first the summaries, then the links, then stories,
    the last ones first.
    """
    links = read_also_lines([link_line(link, say=say, now=now) for link in related], say)
    words = followed or {}
    lines = [
        link_line(story, say=say, now=now, followed=words.get(story.id, ()))
        for story in ranked[:MAX_STORIES]
    ]
    if not heading:
        count = say.plural("{count} story", "{count} stories", len(ranked))
        heading = say("🗞 <b>Digest</b>") + " · " + count

    def draft(size: _Size) -> str:
        shown, left = ranked[: size.stories], len(ranked) - size.stories
        parts = [heading, *_sections(shown, lines, topics, size.summaries, say)]
        if left:
            more = say.plural("… and {count} more story.", "… and {count} more stories.", left)
            parts.append(f"{more} /latest")
        if size.links:
            parts.append("\n".join(links[: size.links]))
        return "\n\n".join(parts)

    return first_fitting(map(draft, _sizes(len(lines), len(links))))


def _sizes(stories: int, links: int) -> Iterator[_Size]:
    """Yield ever smaller sizes."""
    for summaries in range(MAX_SUMMARIES, -1, -1):
        yield _Size(stories, summaries, links)
    for fewer_links in range(links - 1, -1, -1):
        yield _Size(stories, 0, fewer_links)
    for fewer_stories in range(stories - 1, -1, -1):
        yield _Size(fewer_stories, 0, 0)


def _sections(
    ranked: Sequence[Story], lines: Sequence[str], topics: Topics, summaries: int, say: Translator
) -> Iterator[str]:
    """Yield a paragraph for each topic, that of the best story first."""
    by_topic: dict[TopicSlug, list[str]] = {}
    for rank, story in enumerate(ranked):
        section = by_topic.setdefault(story.topic, [])
        section.append(lines[rank])
        if rank < summaries and story.summary:
            section.append(f"<blockquote expandable>{escape(story.summary)}</blockquote>")
    for slug, section in by_topic.items():
        topic = topics.get(slug)
        name = [f"{topic.emoji} <b>{escape(topic.names[say.language])}</b>"] if topic else []
        yield "\n".join([*name, *section])
