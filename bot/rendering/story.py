"""Make the text of a message: the only place that makes Telegram HTML of a story. Pure.

Everything a publisher wrote is escaped, so nothing of it can break a message.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from html import escape, unescape

from bot.i18n import Translator
from bot.model import Coverage, EditorLink, Story, StoryId
from bot.topics import Topic, Topics

# "1-4096 characters after entities parsing", https://core.telegram.org/bots/api#sendmessage.
# We count the markup too, in UTF-16 code units: never less than Telegram counts.
MAX_LENGTH = 4096
# Escaped, a character has six units at the most.
_BARE_TITLE = 600
# Of what came while the reader was away.
HEADLINES = 5

# Beside the one that is shown, so many sources are named.
NAMED = 2

# Because of which words each of the stories came.
Followed = Mapping[StoryId, Sequence[str]]

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"»”’)]*\s+")
_LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def render(
    story: Story,
    *,
    topic: Topic | None,
    related: tuple[Story | EditorLink, ...],
    say: Translator,
    now: datetime,
    because: Sequence[str] = (),
) -> str:
    """Return the message of one story: headline, summary, source, time and "Read also" links.

    And `because` of which followed words it came, if of any.

    What does not fit in `MAX_LENGTH` goes: first links, the last one first, then sentences
    off the end of the summary, then the headline's link, then words off its end.
    """
    links = [line(other, say=say, now=now) for other in related]
    headline, source = _headline(story), _source(story, topic) + _because(because, say)
    drafts = _drafts(headline, story.summary, source, read_also(links, say))
    fitting = (draft for draft in drafts if length(draft) <= MAX_LENGTH)
    return next(fitting, f"<b>{escape(story.title[:_BARE_TITLE])}</b>")


def renderer(topics: Topics) -> Callable[[Story, Translator, datetime], str]:
    """Return what makes the message of a story by itself, with no links below."""

    def story_alone(story: Story, say: Translator, now: datetime) -> str:
        return render(story, topic=topics.get(story.topic), related=(), say=say, now=now)

    return story_alone


def render_list(
    stories: tuple[Story, ...],
    heading: str,
    say: Translator,
    now: datetime,
    *,
    numbered: bool = False,
    followed: Followed | None = None,
) -> str:
    """Return a list of headlines below `heading` (HTML); what does not fit at its end goes."""
    lines = [
        line(
            story,
            say=say,
            now=now,
            mark=f"{number}." if numbered else "•",
            because=(followed or {}).get(story.id, ()),
        )
        for number, story in enumerate(stories, start=1)
    ]
    drafts = ("\n\n".join([heading, *lines[:count]]) for count in range(len(lines), -1, -1))
    return next(draft for draft in drafts if length(draft) <= MAX_LENGTH)


def render_missed(
    best: tuple[Story, ...],
    *,
    count: int,
    say: Translator,
    now: datetime,
    followed: Followed | None = None,
) -> str:
    """Return what came while the reader was away: how much, the best of it, where the rest is."""
    came = say.plural(
        "While you were away, {count} story came.",
        "While you were away, {count} stories came.",
        count,
    )
    heading = f"<b>{escape(came)}</b>"
    if count > HEADLINES:
        more = say("Here is what most sources told; /latest shows the newest.")
        heading = f"{heading}\n{more}"
    return render_list(best[:HEADLINES], heading, say, now, followed=followed)


def content_hash(story: Story) -> bytes:
    """Return what the message of the story tells, hashed; ages and links to others are no news."""
    told = (story.title, story.summary, story.url, story.source, *story.other_sources)
    return blake2b("\0".join(told).encode("utf-8", "surrogatepass"), digest_size=8).digest()


def plain(html: str) -> str:
    """Return a message of ours as plain text, with the addresses of its links."""
    return unescape(_TAG.sub("", _LINK.sub(r"\2 \1", html)))


def length(text: str) -> int:
    """Return the length in UTF-16 code units, in which Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def read_also(links: list[str], say: Translator) -> list[str]:
    """Return the paragraph's lines; its heading is with the first link: neither stands alone."""
    if not links:
        return []
    first, *others = links
    title = say("<b>Read also:</b>")
    return [f"{title}\n{first}", *others]


def line(
    link: Story | EditorLink,
    *,
    say: Translator,
    now: datetime,
    mark: str = "•",
    because: Sequence[str] = (),
) -> str:
    """Return a link in one line: its headline, its source, of how many, and its age.

    Of what we have not stored we know no age, and maybe no source. The last are the words
    because of which it came.
    """
    followed = [f"🔔 {word}" for word in because[:NAMED]]
    aside = escape(", ".join(filter(None, [*_aside(link, say=say, now=now), *followed])))
    beside = f" <i>— {aside}</i>" if aside else ""
    return f'{mark} <a href="{escape(link.url)}">{escape(link.title)}</a>{beside}'


def _aside(link: Story | EditorLink, *, say: Translator, now: datetime) -> tuple[str, ...]:
    if isinstance(link, EditorLink):
        return (link.source,)
    others = f" +{len(link.other_sources)}" if link.other_sources else ""
    return f"{link.source}{others}", say.age(link.published_at, now=now)


def _drafts(headline: str, summary: str, source: str, read_also: list[str]) -> Iterator[str]:
    top = [headline, escape(summary), source] if summary else [headline, source]
    for count in range(len(read_also), 0, -1):
        yield "\n\n".join([*top, "\n".join(read_also[:count])])
    yield "\n\n".join(top)
    for end in reversed(list(_SENTENCE_END.finditer(summary[:MAX_LENGTH]))):
        yield "\n\n".join([headline, escape(summary[: end.start()]), source])
    yield "\n\n".join([headline, source])


def _headline(story: Story) -> str:
    return f'<b><a href="{escape(story.url)}">{escape(story.title)}</a></b>'


def _because(words: Sequence[str], say: Translator) -> str:
    if not words:
        return ""
    named = ", ".join(say.plain("“{word}”", word=word) for word in words[:NAMED])
    return "\n" + say("🔔 <i>because you follow {words}</i>", words=named)


def _source(story: Story, topic: Topic | None) -> str:
    # The time as text is for clients that cannot show it in the reader's own zone.
    seconds = int(story.published_at.timestamp())
    clock = f"{story.published_at:%d.%m %H:%M} UTC"
    emoji = f"{topic.emoji} " if topic else ""
    sources = ", ".join([story.source, *story.other_sources[:NAMED]])
    others = len(story.other_sources) - NAMED
    more = f" +{others}" if others > 0 else ""
    return (
        f"{emoji}<i>{escape(sources)}{more}</i> · "
        f'<tg-time unix="{seconds}" format="r">{clock}</tg-time>'
    )


def render_coverage(
    story: Story, tellings: Sequence[Coverage], say: Translator, now: datetime
) -> str:
    """Return the message that lists how the story was told; what does not fit is counted."""
    sources = len({telling.source for telling in tellings})
    heading = "\n".join(
        [
            f"<b>{escape(story.title)}</b>",
            "🗞 " + say.plural("{count} source tells this:", "{count} sources tell this:", sources),
        ]
    )
    lines = [_line(telling, say=say, now=now) for telling in tellings]
    drafts = (
        "\n\n".join([heading, *lines[:shown], *_rest(len(lines) - shown, say)])
        for shown in range(len(lines), -1, -1)
    )
    return next(draft for draft in drafts if length(draft) <= MAX_LENGTH)


def _line(telling: Coverage, *, say: Translator, now: datetime) -> str:
    """Return a telling in one line; its language where it is not the one that we speak."""
    aside = [telling.source, say.age(telling.published_at, now=now)]
    language = None if telling.language == "other" else telling.language
    if language is not None and language != say.language:
        aside.append(say.language_name(language))
    link = f'<a href="{escape(telling.url)}">{escape(telling.title)}</a>'
    return f"• {link} <i>— {escape(', '.join(aside))}</i>"


def _rest(count: int, say: Translator) -> list[str]:
    return [say("… and {count} more.", count=str(count))] if count else []
