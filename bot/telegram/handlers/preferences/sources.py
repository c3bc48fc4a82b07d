"""/sources: the newspapers a chat sees or has switched off, by language and topic."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator, speak
from bot.model import LANGUAGES, FeedId, Language, SourceChoice, Subscriber, TopicSlug
from bot.storage.database import Database
from bot.storage.stories import delays
from bot.storage.stories.delays import SourceDelay
from bot.storage.subscribers import visibility
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards.common import LANGUAGE_NAMES
from bot.telegram.keyboards.sources import (
    PAGE_SIZE,
    ChooseAllSources,
    ChooseSource,
    OpenSources,
    OpenSourceTopics,
    source_list,
    source_topics,
)
from bot.telegram.replies import answer, answer_callback, edit
from bot.topics import Topics

WEEK = timedelta(days=7)


def router() -> Router:
    """Return the router of /sources."""
    routes = Router(name="sources")
    on_command(routes, "sources", sources)
    on_callback(routes, OpenSources, open_sources)
    on_callback(routes, OpenSourceTopics, open_topics)
    on_callback(routes, ChooseSource, choose_source)
    on_callback(routes, ChooseAllSources, choose_all_sources)
    return routes


async def sources(message: Message, db: Database, topics: Topics, now: Now) -> None:
    """List the sources of the first language that the chat reads."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    page = _existing(OpenSources(), subscriber, topics)
    choices = await _choices(db, subscriber, page)
    text = await _text(db, page, choices, say, now)
    await answer(message, db, text, source_list(choices, page, topics, say))


async def open_sources(
    query: CallbackQuery, callback_data: OpenSources, db: Database, topics: Topics, now: Now
) -> None:
    """List the sources of a language and a topic in place of another page."""
    subscriber = await context.ensure_subscriber(db, query, now=now())
    await answer_callback(query)
    await _show(query, db, subscriber, callback_data, topics, now)


async def open_topics(
    query: CallbackQuery, callback_data: OpenSourceTopics, db: Database, topics: Topics, now: Now
) -> None:
    """Show the topics by which sources can be listed."""
    subscriber = await context.ensure_subscriber(db, query, now=now())
    say = speak(subscriber.language)
    await answer_callback(query)
    text = say("Which topic's sources?")
    await edit(query, db, text, source_topics(callback_data.language, topics, say))


async def choose_source(
    query: CallbackQuery, callback_data: ChooseSource, db: Database, topics: Topics, now: Now
) -> None:
    """Switch a source off or on."""
    subscriber = await context.ensure_subscriber(db, query, now=now())
    language, topic = callback_data.language, callback_data.topic
    text = ""
    for choice in await visibility.sources(db.reader, subscriber.chat_id, language):
        if callback_data.feed_id in choice.feeds:
            await _refuse(db, subscriber, choice.feeds, refused=callback_data.refused)
            text = f"{'▫️' if callback_data.refused else '✅'} {choice.source}"
            break
    await answer_callback(query, text)
    page = OpenSources(language=language, topic=topic, skipped=callback_data.skipped)
    await _show(query, db, subscriber, page, topics, now)


async def choose_all_sources(
    query: CallbackQuery, callback_data: ChooseAllSources, db: Database, topics: Topics, now: Now
) -> None:
    """Switch all listed sources off or on."""
    topic = topics.get(TopicSlug(callback_data.topic))
    if callback_data.topic and topic is None:
        await answer_stale_button(query, db)
        return
    subscriber = await context.ensure_subscriber(db, query, now=now())
    page = OpenSources(language=callback_data.language, topic=callback_data.topic)
    feeds = [feed for choice in await _choices(db, subscriber, page) for feed in choice.feeds]
    await _refuse(db, subscriber, feeds, refused=callback_data.refused)
    await answer_callback(query)
    await _show(query, db, subscriber, page, topics, now)


async def _refuse(
    db: Database, subscriber: Subscriber, feeds: Iterable[FeedId], *, refused: bool
) -> None:
    async with db.transaction() as tx:
        await visibility.set_refused(tx, subscriber.chat_id, feeds, refused=refused)


async def _show(
    query: CallbackQuery,
    db: Database,
    subscriber: Subscriber,
    page: OpenSources,
    topics: Topics,
    now: Now,
) -> None:
    say = speak(subscriber.language)
    page = _existing(page, subscriber, topics)
    choices = await _choices(db, subscriber, page)
    text = await _text(db, page, choices, say, now)
    await edit(query, db, text, source_list(choices, page, topics, say))


def _existing(page: OpenSources, subscriber: Subscriber, topics: Topics) -> OpenSources:
    """Return the page of a topic that exists, else of all, and of a language.

    Where it names no language, that is one that the subscriber reads.
    """
    topic = topics.get(TopicSlug(page.topic))
    first: Language = next(
        language for language in LANGUAGES if language in subscriber.news_languages
    )
    own = subscriber.language if subscriber.language in subscriber.news_languages else first
    return OpenSources(
        language=page.language or own, topic=topic.slug if topic else "", skipped=page.skipped
    )


async def _choices(db: Database, subscriber: Subscriber, page: OpenSources) -> list[SourceChoice]:
    assert page.language
    choices = await visibility.sources(db.reader, subscriber.chat_id, page.language)
    topic = TopicSlug(page.topic)
    return [
        choice for choice in choices if not topic or not choice.topics or topic in choice.topics
    ]


async def _text(
    db: Database, page: OpenSources, choices: list[SourceChoice], say: Translator, now: Now
) -> str:
    """Return how many sources there are, and the delays of those on the page."""
    assert page.language
    off = sum(choice.refused for choice in choices)
    heading = say("<b>Sources</b> · {language}", language=LANGUAGE_NAMES[page.language])
    if not choices:
        return f"{heading}\n\n" + say("There are none in this language on this topic.")
    lines = [
        say.plural("{count} source.", "{count} sources.", len(choices)),
        say("Tap one to switch it off or on."),
    ]
    if off:
        lines.insert(1, say.plural("{count} is off.", "{count} are off.", off))
    shown = choices[page.skipped if page.skipped < len(choices) else 0 :][:PAGE_SIZE]
    feeds = [feed for choice in shown for feed in choice.feeds]
    found = await delays.of_feeds(db.reader, feeds, since=now() - WEEK)
    return "\n\n".join([heading, " ".join(lines), *delay_lines(found, say)])


def delay_lines(found: Mapping[str, SourceDelay], say: Translator) -> list[str]:
    """Return the paragraph on the delays of sources, the quickest first; none of none."""
    quickest = sorted(found.items(), key=lambda item: item[1])
    lines = [
        say(
            "• {source}: half within {half}, nine of ten within {most}",
            source=source,
            half=say.duration(delay.half),
            most=say.duration(delay.most),
        )
        for source, delay in quickest
    ]
    heading = say("⏱ From publication to the first reader, this week:")
    return ["\n".join([heading, *lines])] if lines else []
