"""Several stories in one message: by topic, the best first, with "Read also" of its own. Pure."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from html import escape

from bot.i18n import Translator
from bot.model import EditorLink, Story, TopicSlug
from bot.rendering.story import MAX_LENGTH, Followed, length, line, read_also
from bot.topics import Topics

# More than anyone reads at a time; the rest is counted, and found by /latest.
MOST = 30
# The best stories come with their summaries, folded by clients to three lines.
TOLD = 3


def render_digest(  # noqa: PLR0913
    ranked: Sequence[Story],
    *,
    topics: Topics,
    related: Sequence[Story | EditorLink],
    say: Translator,
    now: datetime,
    heading: str = "",
    followed: Followed | None = None,
) -> str:
    """Return the message of stories that are ranked, the best first; it may have its own heading.

    What does not fit in `MAX_LENGTH` goes: first the summaries, then the links, then stories,
    the last ones first.
    """
    links = read_also([line(link, say=say, now=now) for link in related], say)
    because = followed or {}
    lines = [line(it, say=say, now=now, because=because.get(it.id, ())) for it in ranked[:MOST]]

    def draft(shown: int, *, told: int, linked: int) -> str:
        parts = [
            heading or _heading(len(ranked), say),
            *_sections(ranked[:shown], lines, topics=topics, told=told, say=say),
            *_rest(len(ranked) - shown, say),
            *(["\n".join(links[:linked])] if linked else ()),
        ]
        return "\n\n".join(parts)

    shown = min(len(ranked), MOST)
    drafts = (draft(many, told=told, linked=linked) for many, told, linked in _sizes(shown, links))
    return next(made for made in drafts if length(made) <= MAX_LENGTH)


def digest_of(topics: Topics) -> Callable[[Sequence[Story], str, Translator, datetime], str]:
    """Return what renders ranked stories under a heading of their own, with no links below."""

    def digest(ranked: Sequence[Story], heading: str, say: Translator, now: datetime) -> str:
        return render_digest(ranked, topics=topics, related=(), say=say, now=now, heading=heading)

    return digest


def _sizes(shown: int, links: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Return how many stories, summaries and links to show: ever fewer."""
    for told in range(TOLD, -1, -1):
        yield shown, told, len(links)
    for linked in range(len(links) - 1, -1, -1):
        yield shown, 0, linked
    for many in range(shown - 1, -1, -1):
        yield many, 0, 0


def _heading(count: int, say: Translator) -> str:
    return say("🗞 <b>Digest</b>") + " · " + say.plural("{count} story", "{count} stories", count)


def _rest(count: int, say: Translator) -> Iterator[str]:
    if count:
        more = say.plural("… and {count} more story.", "… and {count} more stories.", count)
        yield f"{more} /latest"


def _sections(
    ranked: Sequence[Story], lines: Sequence[str], *, topics: Topics, told: int, say: Translator
) -> Iterator[str]:
    """Return a paragraph for each topic, that of the best story first."""
    by_topic: dict[TopicSlug, list[str]] = {}
    for rank, story in enumerate(ranked):
        its = by_topic.setdefault(story.topic, [])
        its.append(lines[rank])
        if rank < told and story.summary:
            its.append(f"<blockquote expandable>{escape(story.summary)}</blockquote>")
    for slug, its in by_topic.items():
        topic = topics.get(slug)
        name = [f"{topic.emoji} <b>{escape(topic.names[say.language])}</b>"] if topic else []
        yield "\n".join([*name, *its])
