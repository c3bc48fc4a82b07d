"""Make the text of a message: the only place that makes Telegram HTML of a story. Pure.

Everything a publisher wrote is escaped, so nothing of it can break a message.
"""

from collections.abc import Iterator
from datetime import datetime
from html import escape

from bot.model import OwnLink, Story
from bot.texts import Say
from bot.topics import Topic

# "1-4096 characters after entities parsing", https://core.telegram.org/bots/api#sendmessage.
# We count the markup too, in UTF-16 code units: never less than Telegram counts.
MAX_LENGTH = 4096


def render(
    story: Story,
    *,
    topic: Topic | None,
    related: tuple[Story | OwnLink, ...],
    say: Say,
    now: datetime,
) -> str:
    """Return the message of one story: headline, summary, source, time and "Read also" links.

    What does not fit in `MAX_LENGTH` goes: first links, the last one first, then the
    summary, then the headline's link. The headline itself fits: `feeds.parse` cuts it.
    """
    links = [_link(other, say=say, now=now) for other in related]
    headline, source = _headline(story), _source(story, topic)
    drafts = _drafts(headline, escape(story.summary), source, _read_also(links, say))
    return next(
        (draft for draft in drafts if length(draft) <= MAX_LENGTH), f"<b>{escape(story.title)}</b>"
    )


def render_list(stories: tuple[Story, ...], heading: str, say: Say, now: datetime) -> str:
    """Return a list of headlines below `heading` (HTML); what does not fit at its end goes."""
    lines = [_link(story, say=say, now=now) for story in stories]
    drafts = ("\n\n".join([heading, *lines[:count]]) for count in range(len(lines), -1, -1))
    return next(draft for draft in drafts if length(draft) <= MAX_LENGTH)


def length(text: str) -> int:
    """Return the length in UTF-16 code units, in which Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _drafts(headline: str, summary: str, source: str, read_also: list[str]) -> Iterator[str]:
    top = [headline, summary, source] if summary else [headline, source]
    for count in range(len(read_also), 0, -1):
        yield "\n\n".join([*top, "\n".join(read_also[:count])])
    yield "\n\n".join(top)
    yield "\n\n".join([headline, source])


def _read_also(links: list[str], say: Say) -> list[str]:
    """Return the paragraph's lines, the title with the first link, so that neither stands alone."""
    if not links:
        return []
    first, *others = links
    title = say("<b>Read also:</b>")
    return [f"{title}\n{first}", *others]


def _headline(story: Story) -> str:
    return f'<b><a href="{escape(story.url)}">{escape(story.title)}</a></b>'


def _source(story: Story, topic: Topic | None) -> str:
    # The time as text is for clients that cannot show it in the reader's own zone.
    seconds = int(story.published_at.timestamp())
    clock = f"{story.published_at:%d.%m %H:%M} UTC"
    emoji = f"{topic.emoji} " if topic else ""
    return (
        f"{emoji}<i>{escape(story.source)}</i> · "
        f'<tg-time unix="{seconds}" format="r">{clock}</tg-time>'
    )


def _link(link: Story | OwnLink, *, say: Say, now: datetime) -> str:
    """Return the line of a link; of what we have not stored we know no age, and maybe no source."""
    age = [say.age(link.published_at, now=now)] if isinstance(link, Story) else []
    beside = ", ".join(filter(None, [escape(link.source), *age]))
    aside = f" <i>— {beside}</i>" if beside else ""
    return f'• <a href="{escape(link.url)}">{escape(link.title)}</a>{aside}'
