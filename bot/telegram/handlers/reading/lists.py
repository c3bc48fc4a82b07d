"""/latest, /search and /best: paged lists of stories."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.i18n import Translator, speak
from bot.storage.database import Database
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards.common import SearchWord, TurnPage, rows, search_choices
from bot.telegram.keyboards.menu import menu
from bot.telegram.replies import NO_PREVIEW, answer, answer_callback, edit, quote
from bot.telegram.story_lists import ListPage, StoryLists, query_in, readings_question
from bot.topics import Topics
from bot.typed.topic_changes import shown_topics

# The query is repeated in the first line of the list.
MAX_SEARCH_CHARS = 200


def router() -> Router:
    """Return the router of /latest, /search and /best; /top is its former name."""
    routes = Router(name="latest")
    on_command(routes, "latest", latest)
    on_command(routes, "search", search)
    on_command(routes, "best", best)
    on_command(routes, "top", best)
    on_callback(routes, TurnPage, turn_page)
    on_callback(routes, SearchWord, search_word)
    return routes


async def latest(
    message: Message,
    command: CommandObject,
    db: Database,
    topics: Topics,
    lists: StoryLists,
    now: Now,
) -> None:
    """List the newest stories of the named topics, else of the chat's topics, else of all."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    slugs, unknown = shown_topics(command.args or "", topics, subscriber.topics)
    if unknown and not slugs:
        text = say(
            "I know no topic called “{words}”. The topics are: {topics}.",
            words=quote(unknown),
            topics=", ".join(topic.names[say.language] for topic in topics),
        )
        await answer(message, db, text)
        return
    query = ", ".join(topic.names[say.language] for topic in topics if topic.slug in slugs)
    page = await lists.page(subscriber, TurnPage(kind="latest"), query)
    await _answer(message, db, page, say("Nothing yet. I will write as soon as there is news."))


async def search(
    message: Message, command: CommandObject, db: Database, lists: StoryLists, now: Now
) -> None:
    """List the newest stories that contain all words of the query, in any form."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    query = " ".join((command.args or "").split())
    if not query:
        text = say("What should I look for? Try <code>/search bridge</code>")
        await answer(message, db, text, menu(say))
    elif len(query) > MAX_SEARCH_CHARS:
        text = say("That is too long for a search: a few words will do.")
        await answer(message, db, text, menu(say))
    else:
        page = await lists.page(subscriber, TurnPage(kind="search"), query)
        choices = search_choices(query)
        if page is None and choices:
            # Stories may have the other words, so that the question stands all the same.
            page = ListPage(
                text=readings_question(query, say),
                buttons=InlineKeyboardMarkup(inline_keyboard=rows(choices, width=1)),
            )
        await _answer(message, db, page, nothing_on(query, say), menu(say))


async def search_word(
    query: CallbackQuery, callback_data: SearchWord, db: Database, lists: StoryLists, now: Now
) -> None:
    """List the newest stories with the word that was meant."""
    subscriber = await context.ensure_subscriber(db, query, now=now())
    page = await lists.page(subscriber, TurnPage(kind="search"), callback_data.text)
    await answer_callback(query)
    if page is None:
        nothing = nothing_on(callback_data.text, speak(subscriber.language))
        await edit(query, db, nothing, menu(speak(subscriber.language)))
    else:
        await edit(query, db, page.text, page.buttons)


async def best(message: Message, db: Database, lists: StoryLists, now: Now) -> None:
    """List the most covered stories of the last 24 hours, of the chat's topics."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    page = await lists.page(subscriber, TurnPage(kind="top"))
    await _answer(message, db, page, say("Nothing yet. I will write as soon as there is news."))


async def turn_page(
    query: CallbackQuery, callback_data: TurnPage, db: Database, lists: StoryLists
) -> None:
    """Show another page of the list."""
    subscriber = await context.find_subscriber(db, query)
    page = None
    if subscriber is not None and isinstance(query.message, Message):
        message = query.message
        page = await lists.page(subscriber, callback_data, query_in(message), until=message.date)
    if page is None:
        await answer_stale_button(query, db)
        return
    await answer_callback(query)
    await edit(query, db, page.text, page.buttons)


def nothing_on(query: str, say: Translator) -> str:
    """Return that a search finds nothing."""
    return say("I found nothing on “{words}”. Try fewer words, or others.", words=quote([query]))


async def _answer(
    message: Message,
    db: Database,
    page: ListPage | None,
    nothing: str,
    keyboard: InlineKeyboardMarkup | None = None,
) -> None:
    if page is None:
        await answer(message, db, nothing, keyboard)
    else:
        await answer(message, db, page.text, page.buttons, preview=NO_PREVIEW)
