"""What is said to the bot's admins. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from html import escape

from babel.dates import format_timedelta
from babel.numbers import format_decimal

from bot.i18n import Say
from bot.model import LANGUAGES, FeedHealth, Levels, TopicSlug
from bot.storage.statistics import Audience, Lately
from bot.topics import Topics

# A reason of a server's may be as long as it likes.
_WORDS_CHARS = 120


def numbers(
    audience: Audience, levels: Levels, lately: Lately, topics: Topics, say: Say, *, now: datetime
) -> str:
    """Return who reads, what went out since yesterday, and what is owed."""
    kinds = {
        "private": say.plain("people"),
        "group": say.plain("groups"),
        "channel": say.plain("channels"),
    }
    slugs = {it.slug: it.names[say.language] for it in topics}
    topic_names = {name: slugs.get(TopicSlug(name), name) for name in audience.by_topic}
    languages: dict[str, str] = {it: say.language_name(it) for it in LANGUAGES}
    since = levels.due_since
    late = now - since if since is not None and since < now else timedelta(0)
    return "\n".join(
        [
            say("<b>Numbers</b>"),
            "",
            say(
                "👥 Subscribers: {count}",
                count=_with_parts(audience.by_kind, kinds, say),
            ),
            say(
                "Paused: {paused}; cannot be written to: {gone}",
                paused=figure(audience.paused, say),
                gone=figure(audience.gone, say),
            ),
            say("🗂 Topics: {each}", each=_each(audience.by_topic, topic_names, say)),
            say("🌐 News in: {each}", each=_each(audience.by_language, languages, say)),
            "",
            say(
                "📰 Feeds: {fine} fine, {failing} failing, {stopped} stopped",
                **{name: figure(count, say) for name, count in levels.feeds.items()},
            ),
            "",
            say(
                "📨 Of what fell due in the last 24 hours: sent {sent}, lost {lost}, possible"
                " repeats {repeats}",
                sent=figure(lately.sent, say),
                lost=figure(lately.lost, say),
                repeats=figure(lately.possible_repeats, say),
            ),
            say(
                "⏳ Owed now: {owed}; late by {late}",
                owed=figure(levels.owed, say),
                late=span(late, say),
            ),
        ]
    )


def troubled(
    found: Sequence[FeedHealth],
    in_words: Callable[[FeedHealth, datetime], str],
    say: Say,
    *,
    skipped: int,
    count: int,
    now: datetime,
) -> str:
    """Return the feeds in trouble, numbered as their buttons are."""
    if not found:
        return say("All feeds are fine.")
    heading = say("<b>Feeds in trouble</b>: {count}", count=figure(count, say))
    lines = [
        f'{number}. <a href="{escape(it.url)}">{escape(it.source)}</a> — '
        f"{escape(in_words(it, now)[:_WORDS_CHARS])}"
        for number, it in enumerate(found, skipped + 1)
    ]
    return "\n\n".join([heading, "\n".join(lines)])


def figure(count: int, say: Say) -> str:
    """Return a number as the language writes it: "1,204"."""
    return format_decimal(count, locale=say.language)


def span(length: timedelta, say: Say) -> str:
    """Return a length of time in words: "3 seconds", "2 hours"."""
    return format_timedelta(length, granularity="second", locale=say.language)


def _with_parts(counts: Mapping[str, int], names: Mapping[str, str], say: Say) -> str:
    every = figure(sum(counts.values()), say)
    return f"{every} ({_each(counts, names, say)})" if counts else every


def _each(counts: Mapping[str, int], names: Mapping[str, str], say: Say) -> str:
    return ", ".join(f"{names[it]} {figure(count, say)}" for it, count in counts.items()) or "—"
