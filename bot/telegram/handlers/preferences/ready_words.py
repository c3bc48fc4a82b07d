"""Ready-made words: the pages of places to follow and of what can be muted by one tap."""

from datetime import datetime

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.i18n import Translator, speak
from bot.model import Subscriber, Word
from bot.ready_words.lists import find_ready_words, ready_words
from bot.ready_words.marks import marked_text
from bot.storage.database import Database
from bot.storage.outbox import deliveries
from bot.storage.stories import queries
from bot.storage.subscribers import words
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.preferences.words import limit_text, put_words
from bot.telegram.handlers.reading.why import MAX_COUNTED, PERIOD
from bot.telegram.handlers.routing import on_callback
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards.ready_words import (
    ChooseReady,
    OpenMutes,
    OpenPlaces,
    mute_page,
    place_page,
)
from bot.telegram.replies import answer_callback, edit
from bot.text.phrases import contains


def router() -> Router:
    """Return the router of ready-made words."""
    routes = Router(name="ready_words")
    on_callback(routes, OpenPlaces, open_places)
    on_callback(routes, OpenMutes, open_mutes)
    on_callback(routes, ChooseReady, choose)
    return routes


async def open_places(
    query: CallbackQuery, callback_data: OpenPlaces, db: Database, now: Now
) -> None:
    """Show a page of the places in place of another page."""
    subscriber = await context.ensure_subscriber(db, query, now=now())
    await answer_callback(query)
    await _show_places(query, db, subscriber, callback_data.skipped)


async def open_mutes(query: CallbackQuery, db: Database, now: Now) -> None:
    """Show what can be muted by one tap in place of another page."""
    subscriber = await context.ensure_subscriber(db, query, now=now())
    await answer_callback(query)
    await _show_mutes(query, db, subscriber, now())


async def choose(query: CallbackQuery, callback_data: ChooseReady, db: Database, now: Now) -> None:
    """Follow the place or mute the list of the button, or stop it, and show its page again."""
    subscriber = await context.find_subscriber(db, query)
    chosen = find_ready_words(callback_data.id)
    if subscriber is None or chosen is None:
        await answer_stale_button(query, db)
        return
    say = speak(subscriber.language)
    label, is_mute = chosen.label(say.language), chosen.kind == "mute"
    if not callback_data.wanted:
        async with db.transaction() as tx:
            await words.drop(tx, subscriber.chat_id, chosen.phrase)
    elif not await put_words(
        db, subscriber, [Word(text=label, phrase=chosen.phrase, muted=is_mute)]
    ):
        await answer_callback(query, limit_text(say.plain, muted=is_mute), alert=True)
        return
    await answer_callback(query, f"{'➕' if callback_data.wanted else '➖'} {label}")
    subscriber = await context.find_subscriber(db, query) or subscriber
    if is_mute:
        await _show_mutes(query, db, subscriber, now())
    else:
        await _show_places(query, db, subscriber, callback_data.skipped)


def places_text(say: Translator) -> str:
    """Return what it means to follow a place."""
    return say(
        "📍 <b>Places</b>\n\nStories that name the place in the headline or the first sentence"
        " come, whatever their topic; words of its government do not count. I am no siren: follow"
        " official alerts too."
    )


def mutes_text(say: Translator) -> str:
    """Return what it means to mute a list."""
    return say(
        "🔕 <b>Mute by one tap</b>\n\nBeside each: how many stories of the last week would not have"
        " come."
    )


async def _show_places(
    query: CallbackQuery, db: Database, subscriber: Subscriber, skipped: int
) -> None:
    say = speak(subscriber.language)
    keyboard = place_page(ready_words("place"), subscriber.words, skipped, say)
    await edit(query, db, places_text(say), keyboard)


async def _show_mutes(
    query: CallbackQuery, db: Database, subscriber: Subscriber, now: datetime
) -> None:
    say, lists = speak(subscriber.language), ready_words("mute")
    ids = await deliveries.stories_since(
        db.reader, subscriber.chat_id, since=now - PERIOD, limit=MAX_COUNTED
    )
    got = await queries.visible_stories(
        db.reader, ids, languages=subscriber.news_languages, visibility=subscriber.visibility
    )
    texts = [marked_text(story.title, story.summary) for story in got]
    # How many of the stories that the reader got in a week each list would have hidden.
    hidden = {each.id: sum(contains(text, each.phrase) for text in texts) for each in lists}
    await edit(query, db, mutes_text(say), mute_page(lists, subscriber.words, hidden, say))
