"""Messages about stories in Telegram HTML: one story, a list of headlines, a story's coverage.

Everything a publisher wrote is escaped, so nothing of it can break a message.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from hashlib import blake2b
from html import escape, unescape
from typing import NamedTuple

from bot.i18n import Translator
from bot.model import Coverage, EditorLink, PostLook, Story, StoryId
from bot.model.subscribers import DEFAULT_LOOK, DEFAULT_TIMETABLE
from bot.text.quantities import quantities, says_more
from bot.timezones import zone
from bot.topics import Topic

# "1-4096 characters after entities parsing", https://core.telegram.org/bots/api#sendmessage.
# Counted in UTF-16 code units: never less than Telegram counts.
MAX_LENGTH = 4096
# Telegram takes no more with the markup, and keeps the first hundred entities.
_MAX_BYTES = 32_768
_MAX_ENTITIES = 100
_MAX_BARE_TITLE = 600
# Headlines in the message about what came while the reader was away.
MAX_MISSED = 20
# Other sources, and followed words, that are named in a line.
_MAX_NAMED = 2
_HASH_BYTES = 8
_MAX_CHAPTER_TITLE = 200

# The followed words that each story matches.
FollowedWords = Mapping[StoryId, Sequence[str]]

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"»”’)]*\s+")
_LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def render_story(  # noqa: PLR0913
    story: Story,
    *,
    topic: Topic | None,
    related: Sequence[Story | EditorLink],
    say: Translator,
    now: datetime,
    followed: Sequence[str] = (),
    earlier: Sequence[Story] = (),
    newest: Story | None = None,
    updated_at: datetime | None = None,
    is_again: bool = False,
    zone_name: str = DEFAULT_TIMETABLE.zone,
    look: PostLook = DEFAULT_LOOK,
) -> str:
    """Return the message of one story: headline, summary, source, time and "Read also" links.

    `followed` are the reader's words that it matches, `earlier` chapters before it that the reader
    does not have, and `newest` is the newest one after it; `updated_at` is when the message began
    to say something else. One that comes again (`is_again`) says how many tell it now. Clients that
    show no times by themselves show those of `zone_name`. The `look` leaves out summary, source or
    links, and adds a line of the channel's own below.

    What does not fit in `MAX_LENGTH` is dropped: first links, the last one first, then sentences
    off the end of the summary, then the headline's link, then characters off its end.
    """
    lines = [_source_line(story, topic, say, zone(zone_name))] if look.source else []
    if followed:
        words = ", ".join(say.plain("“{word}”", word=word) for word in followed[:_MAX_NAMED])
        lines.append(say("🔔 <i>because you follow {words}</i>", words=words))
    lines += [_chapter_line(say("↩️ <i>Earlier:</i>"), chapter, say) for chapter in earlier]
    if newest is not None:
        lines.append(_chapter_line(say("➡️ <i>Since then:</i>"), newest, say))
    shown = related if look.read_also else ()
    links = [link_line(link, say=say, now=now) for link in shown]
    update = ""
    if is_again:
        count = 1 + len(story.other_sources)
        now_told = say.plural("Now told by {count} source:", "Now told by {count} sources:", count)
        update = f"🗞 <i>{now_told}</i>\n"
    elif updated_at is not None:
        seconds = int(updated_at.timestamp())
        local = updated_at.astimezone(zone(zone_name))
        time = f'<tg-time unix="{seconds}" format="t">{local:%H:%M}</tg-time>'
        update = f"✏️ <i>{say('updated')} {time}:</i>\n"
    frame = _Frame(
        headline=f'{update}<b><a href="{escape(story.url)}">{escape(story.title)}</a></b>',
        source="\n".join(lines),
        own_line=escape(look.own_line),
    )
    summary = story.summary if look.summary else ""
    return first_fitting(_story_drafts(story.title, summary, frame, read_also_lines(links, say)))


def render_list(
    stories: Sequence[Story],
    heading: str,
    say: Translator,
    now: datetime,
    *,
    numbered: bool = False,
    followed: FollowedWords | None = None,
) -> str:
    """Return headlines below `heading`, which is HTML; those that do not fit are dropped."""
    lines = [
        link_line(
            story,
            say=say,
            now=now,
            bullet=f"{number}." if numbered else "•",
            followed=(followed or {}).get(story.id, ()),
        )
        for number, story in enumerate(stories, start=1)
    ]
    return first_fitting(
        "\n\n".join([heading, *lines[:count]]) for count in range(len(lines), -1, -1)
    )


def render_missed(
    best: Sequence[Story],
    *,
    count: int,
    say: Translator,
    now: datetime,
    followed: FollowedWords | None = None,
) -> str:
    """Return the message about `count` stories that came while the reader was away.

    It lists the first `MAX_MISSED` of `best`.
    """
    summary = say.plural(
        "While you were away, {count} story came.",
        "While you were away, {count} stories came.",
        count,
    )
    heading = f"<b>{escape(summary)}</b>"
    if count > MAX_MISSED:
        more = say("These were the most covered; the rest: /latest")
        heading = f"{heading}\n{more}"
    return render_list(best[:MAX_MISSED], heading, say, now, followed=followed)


def render_coverage(
    story: Story, coverage: Sequence[Coverage], say: Translator, now: datetime
) -> str:
    """Return the message that lists a story's articles; those that do not fit are counted."""
    sources = len({article.source for article in coverage})
    heading = "\n".join(
        [
            f"<b>{escape(story.title)}</b>",
            "🗞 "
            + say.plural(
                "{count} source on this story:", "{count} sources on this story:", sources
            ),
        ]
    )
    lines = [_coverage_line(article, say=say, now=now) for article in coverage]

    def draft(shown: int) -> str:
        left = len(lines) - shown
        rest = [say("… and {count} more.", count=str(left))] if left else []
        return "\n\n".join([heading, *lines[:shown], *rest])

    return first_fitting(draft(shown) for shown in range(len(lines), -1, -1))


def link_line(
    link: Story | EditorLink,
    *,
    say: Translator,
    now: datetime,
    bullet: str = "•",
    followed: Sequence[str] = (),
) -> str:
    """Return a link in one line: headline, source, number of other sources, age, followed words.

    And the number of earlier chapters. An `EditorLink` has no age, and may have no source.
    """
    if isinstance(link, EditorLink):
        details = [link.source]
    else:
        sources = and_more(link.source, len(link.other_sources), say)
        details = [sources, say.age(link.published_at, now=now)]
        if link.earlier_count:
            details.append(say.plain("and {count} earlier", count=str(link.earlier_count)))
    details += [f"🔔 {word}" for word in followed[:_MAX_NAMED]]
    aside = escape(", ".join(filter(None, details)))
    ending = f" <i>— {aside}</i>" if aside else ""
    return f'{bullet} <a href="{escape(link.url)}">{escape(link.title)}</a>{ending}'


def and_more(names: str, others: int, say: Translator) -> str:
    """Return the names, and how many more there are: "The Courier and 2 more"."""
    if others <= 0:
        return names
    return say.plain("{names} and {count} more", names=names, count=str(others))


def read_also_lines(links: Sequence[str], say: Translator) -> list[str]:
    """Return the lines below "Read also"; the first holds the heading too."""
    if not links:
        return []
    first, *rest = links
    title = say("<b>Read also:</b>")
    return [f"{title}\n{first}", *rest]


def first_fitting(drafts: Iterable[str]) -> str:
    """Return the first draft that fits in a message; one must."""
    return next(filter(fits, drafts))


def fits(html: str) -> bool:
    """Tell whether Telegram takes a text as one message, with all its links."""
    return (
        len(html.encode("utf-8", "surrogatepass")) <= _MAX_BYTES
        and html.count("</") <= _MAX_ENTITIES
        and utf16_length(unescape(_TAG.sub("", html))) <= MAX_LENGTH
    )


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 code units, in which Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def to_plain_text(html: str) -> str:
    """Return a rendered message as plain text, with the addresses of its links if they fit."""
    with_addresses = _LINK.sub(r"\2 \1", html)
    return unescape(_TAG.sub("", with_addresses if fits(with_addresses) else html))


def content_hash(story: Story) -> bytes:
    """Return what tells apart messages that say something else; ages and links do not count.

    A hash of the words and the sources, and the quantities in the headline and anywhere.
    """
    content = "\0".join((story.title, story.summary, story.url, story.source, *story.other_sources))
    digest = blake2b(content.encode("utf-8", "surrogatepass"), digest_size=_HASH_BYTES).digest()
    named = (sorted(quantities(text)) for text in (story.title, f"{story.title}\n{story.summary}"))
    return digest + ";".join(map(" ".join, named)).encode()


def is_update(content: bytes, sent: bytes) -> bool:
    """Return whether a message says more than the sent one, by their `content_hash`.

    Other words for the same are no update: other numbers are, or the first of their kind.
    """
    in_title, anywhere = _named_quantities(content)
    return says_more((in_title, anywhere), _named_quantities(sent)[1])


def _named_quantities(content: bytes) -> tuple[frozenset[str], frozenset[str]]:
    in_title, _, anywhere = content[_HASH_BYTES:].decode(errors="replace").partition(";")
    return frozenset(in_title.split()), frozenset(anywhere.split())


def _chapter_line(label: str, chapter: Story, say: Translator) -> str:
    title = chapter.title[:_MAX_CHAPTER_TITLE]
    link = f'<a href="{escape(chapter.url)}">{escape(title)}</a>'
    return f"{label} {link}, {escape(say.day(chapter.published_at))}"


class _Frame(NamedTuple):
    """What each draft of a message of one story holds, in HTML, each may be empty."""

    headline: str
    source: str
    own_line: str

    def around(self, summary: str = "", links: Sequence[str] = ()) -> str:
        """Return the message with that summary, which is plain text, and these links."""
        parts = [self.headline, escape(summary), self.source, "\n".join(links), self.own_line]
        return "\n\n".join(filter(None, parts))


def _story_drafts(title: str, summary: str, frame: _Frame, links: Sequence[str]) -> Iterator[str]:
    """Yield the message in ever shorter forms."""
    for count in range(len(links), -1, -1):
        yield frame.around(summary, links[:count])
    for end in reversed(list(_SENTENCE_END.finditer(summary[:MAX_LENGTH]))):
        yield frame.around(summary[: end.start()])
    yield frame.around()
    yield f"<b>{escape(title[:_MAX_BARE_TITLE])}</b>"


def _source_line(story: Story, topic: Topic | None, say: Translator, clock: tzinfo) -> str:
    # The time as text is for clients that cannot show it by themselves.
    seconds = int(story.published_at.timestamp())
    local_time = f"{story.published_at.astimezone(clock):%d.%m %H:%M}"
    emoji = f"{topic.emoji} " if topic else ""
    sources = and_more(
        ", ".join([story.source, *story.other_sources[:_MAX_NAMED]]),
        len(story.other_sources) - _MAX_NAMED,
        say,
    )
    return (
        f"{emoji}<i>{escape(sources)}</i> · "
        f'<tg-time unix="{seconds}" format="r">{local_time}</tg-time>'
    )


def _coverage_line(article: Coverage, *, say: Translator, now: datetime) -> str:
    """Return an article in one line, with its language where that is not the reader's."""
    details = [article.source, say.age(article.published_at, now=now)]
    language = None if article.language == "other" else article.language
    if language is not None and language != say.language:
        details.append(say.language_name(language))
    link = f'<a href="{escape(article.url)}">{escape(article.title)}</a>'
    return f"• {link} <i>— {escape(', '.join(details))}</i>"
