"""Digest: several stories in one message, by topic, the best first, with "Read also" links."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import NamedTuple

from bot.i18n import Translator
from bot.model import EditorLink, PostLook, Story, StoryId, TopicSlug
from bot.model.subscribers import DEFAULT_LOOK
from bot.rendering.story import FollowedWords, first_fitting, link_line, read_also_lines
from bot.topics import Topics

# More than anyone reads at a time; the rest is counted, and found by /latest.
MAX_STORIES = 30
# The best stories come with their summaries, which clients fold to three lines.
MAX_SUMMARIES = 3
# Headlines are cut to so many characters where whole ones do not fit.
_SHORT_TITLES = (120, 80, 50)


class _Size(NamedTuple):
    stories: int
    summaries: int
    links: int
    title: int | None = None


def render_digest(  # noqa: PLR0913
    ranked: Sequence[Story],
    *,
    topics: Topics,
    related: Sequence[Story | EditorLink],
    say: Translator,
    now: datetime,
    heading: str = "",
    followed: FollowedWords | None = None,
    shown_topics: Mapping[StoryId, TopicSlug | None] | None = None,
    look: PostLook = DEFAULT_LOOK,
) -> str:
    """Return the message of stories ranked best first; an empty `heading` counts them.

    Each stands below its topic of `shown_topics`, else below its main one. The `look` leaves out
    summaries, and adds a line of the channel's own below.

    What does not fit in a message is dropped: first the summaries, then the links, then the ends of
    headlines, then stories, the last ones first.
    """
    links = read_also_lines([link_line(link, say=say, now=now) for link in related], say)
    words = followed or {}
    listed = ranked[:MAX_STORIES]
    if not heading:
        count = say.plural("{count} story", "{count} stories", len(ranked))
        heading = say("🗞 <b>Digest</b>") + " · " + count

    slugs = shown_topics or {}

    def section_name(story: Story) -> str:
        """Return the heading of its topic, else of the word that brings it; it may be empty."""
        topic, followed_words = topics.get(slugs.get(story.id, story.topic)), words.get(story.id)
        if topic is not None:
            return f"{topic.emoji} <b>{escape(topic.names[say.language])}</b>"
        return f"🔔 <b>{say('“{word}”', word=followed_words[0])}</b>" if followed_words else ""

    sections = [section_name(story) for story in listed]

    def draft(size: _Size) -> str:
        shown, left = listed[: size.stories], len(ranked) - size.stories
        lines = [
            link_line(
                _shortened(story, size.title), say=say, now=now, followed=words.get(story.id, ())
            )
            for story in shown
        ]
        parts = [heading, *_sections(shown, lines, sections, size.summaries)]
        if left:
            more = say.plural("… and {count} more story.", "… and {count} more stories.", left)
            parts.append(f"{more} /latest")
        if size.links:
            parts.append("\n".join(links[: size.links]))
        return "\n\n".join([*parts, escape(look.own_line)]).rstrip()

    most_summaries = MAX_SUMMARIES * look.summary
    ever_smaller = (
        *(_Size(len(listed), summaries, len(links)) for summaries in range(most_summaries, -1, -1)),
        *(_Size(len(listed), 0, fewer_links) for fewer_links in reversed(range(len(links)))),
        *(_Size(len(listed), 0, 0, title) for title in _SHORT_TITLES),
        *(_Size(fewer, 0, 0, _SHORT_TITLES[-1]) for fewer in reversed(range(len(listed)))),
    )
    return first_fitting(map(draft, ever_smaller))


def _shortened(story: Story, length: int | None) -> Story:
    """Return the story with its title cut between two words."""
    if length is None or len(story.title) <= length:
        return story
    return replace(story, title=story.title[:length].rsplit(maxsplit=1)[0] + "…")


def _sections(
    ranked: Sequence[Story], lines: Sequence[str], names: Sequence[str], summaries: int
) -> Iterator[str]:
    """Yield a paragraph for each section, that of the best story first."""
    sections: dict[str, list[str]] = {}
    for rank, story in enumerate(ranked):
        item = lines[rank]
        if rank < summaries and story.summary:
            item += f"\n<blockquote expandable>{escape(story.summary)}</blockquote>"
        sections.setdefault(names[rank], []).append(item)
    for name, (first, *rest) in sections.items():
        # Items are apart, so that a headline is not read as the end of the one above.
        yield "\n\n".join([f"{name}\n{first}" if name else first, *rest])
