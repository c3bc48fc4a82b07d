"""/sources: switch newspapers off and on, by language and topic."""

from collections.abc import Iterable

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator, speak
from bot.model import LANGUAGES, FeedId, Language, SourceChoice, Subscriber, TopicSlug
from bot.storage.database import Database
from bot.storage.subscribers import visibility
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.keyboards.common import LANGUAGE_NAMES
from bot.telegram.keyboards.sources import (
    ChooseAllSources,
    ChooseSource,
    OpenSources,
    OpenSourceTopics,
    source_list,
    source_topics,
)
from bot.telegram.replies import answer, answer_callback, edit
from bot.topics import Topics


def router() -> Router:
    """Return the router of sources."""
    made = Router(name="sources")
    on_command(made, "sources", sources)
    on_callback(made, OpenSources, open_sources)
    on_callback(made, OpenSourceTopics, open_topics)
    on_callback(made, ChooseSource, choose_source)
    on_callback(made, ChooseAllSources, choose_all_sources)
    return made


async def sources(message: Message, db: Database, topics: Topics, now: Now) -> None:
    """Show the sources of the first language that the chat reads."""
    reader = await context.ensure_subscriber(db, message, now=now())
    say = speak(reader.language)
    shown = _of(reader, OpenSources())
    found = await _found(db, reader, shown)
    await answer(message, db, _text(shown, found, say), source_list(found, shown, topics, say))


async def open_sources(
    query: CallbackQuery, callback_data: OpenSources, db: Database, topics: Topics, now: Now
) -> None:
    """Show the sources of a language and a topic in place of what is shown."""
    reader = await context.ensure_subscriber(db, query, now=now())
    await answer_callback(query)
    await _show(query, db, reader, callback_data, topics)


async def open_topics(
    query: CallbackQuery, callback_data: OpenSourceTopics, db: Database, topics: Topics, now: Now
) -> None:
    """Show the topics to list sources by."""
    reader = await context.ensure_subscriber(db, query, now=now())
    say = speak(reader.language)
    await answer_callback(query)
    text = say("Sources of which topic?")
    await edit(query, db, text, source_topics(callback_data.language, topics, say))


async def choose_source(
    query: CallbackQuery, callback_data: ChooseSource, db: Database, topics: Topics, now: Now
) -> None:
    """Switch a source off or on."""
    reader = await context.ensure_subscriber(db, query, now=now())
    language, topic = callback_data.language, callback_data.topic
    every = await visibility.sources(db.reader, reader.chat_id, language)
    meant = (it for it in every if callback_data.feed_id in it.feeds)
    if (it := next(meant, None)) is not None:
        await _refuse(db, reader, it.feeds, refused=callback_data.refused)
    mark = "▫️" if callback_data.refused else "✅"
    await answer_callback(query, f"{mark} {it.source}" if it else "")
    shown = OpenSources(language=language, topic=topic, skipped=callback_data.skipped)
    await _show(query, db, reader, shown, topics)


async def choose_all_sources(
    query: CallbackQuery, callback_data: ChooseAllSources, db: Database, topics: Topics, now: Now
) -> None:
    """Switch all that are listed off or on."""
    reader = await context.ensure_subscriber(db, query, now=now())
    shown = OpenSources(language=callback_data.language, topic=callback_data.topic)
    feeds = [feed for it in await _found(db, reader, shown) for feed in it.feeds]
    await _refuse(db, reader, feeds, refused=callback_data.refused)
    await answer_callback(query)
    await _show(query, db, reader, shown, topics)


async def _refuse(
    db: Database, reader: Subscriber, feeds: Iterable[FeedId], *, refused: bool
) -> None:
    async with db.transaction() as tx:
        await visibility.refuse(tx, reader.chat_id, feeds, refused=refused)


async def _show(
    query: CallbackQuery, db: Database, reader: Subscriber, asked: OpenSources, topics: Topics
) -> None:
    say = speak(reader.language)
    shown = _of(reader, asked)
    found = await _found(db, reader, shown)
    await edit(query, db, _text(shown, found, say), source_list(found, shown, topics, say))


def _of(reader: Subscriber, asked: OpenSources) -> OpenSources:
    """Return what is asked for, in a language; that of the reader's news if none is named."""
    if asked.language:
        return asked
    first: Language = next(it for it in LANGUAGES if it in reader.news_languages)
    own = reader.language if reader.language in reader.news_languages else first
    return OpenSources(language=own, topic=asked.topic, skipped=asked.skipped)


async def _found(db: Database, reader: Subscriber, shown: OpenSources) -> list[SourceChoice]:
    assert shown.language
    every = await visibility.sources(db.reader, reader.chat_id, shown.language)
    topic = TopicSlug(shown.topic)
    return [it for it in every if not topic or not it.topics or topic in it.topics]


def _text(shown: OpenSources, found: list[SourceChoice], say: Translator) -> str:
    assert shown.language
    off = sum(it.refused for it in found)
    heading = say("<b>Sources</b> · {language}", language=LANGUAGE_NAMES[shown.language])
    if not found:
        return f"{heading}\n\n" + say("There are none of this language and topic.")
    lines = [
        say.plural("{count} newspaper.", "{count} newspapers.", len(found)),
        say("Tap one to switch it off or on."),
    ]
    if off:
        lines.insert(1, say.plural("{count} is off.", "{count} are off.", off))
    return f"{heading}\n\n" + " ".join(lines)
