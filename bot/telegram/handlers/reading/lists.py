"""/latest, /search and /top: stories to look back at, in pages that buttons turn."""

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.i18n import speak
from bot.storage.database import Database
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards.common import TurnPage
from bot.telegram.replies import NO_PREVIEW, answer, answer_callback, edit, quote
from bot.telegram.story_lists import ListPage, StoryLists, query_in
from bot.topics import Topics

# The words come back with the first line of the list.
MAX_SEARCH_CHARS = 200


def router() -> Router:
    """Return the router of looking back."""
    routes = Router(name="latest")
    on_command(routes, "latest", latest)
    on_command(routes, "search", search)
    on_command(routes, "top", top)
    on_callback(routes, TurnPage, turn_page)
    return routes


async def latest(
    message: Message,
    command: CommandObject,
    db: Database,
    topics: Topics,
    lists: StoryLists,
    now: Now,
) -> None:
    """List headlines of the named topics, or of those the chat follows, or of all."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    found = topics.find(command.args or "")
    if found.unknown and not found.slugs:
        known = ", ".join(topic.names[say.language] for topic in topics)
        await answer(
            message,
            db,
            say(
                "I know no topic called “{words}”. The topics are: {topics}.",
                words=quote(found.unknown),
                topics=known,
            ),
        )
        return
    asked = ", ".join(it.names[say.language] for it in topics if it.slug in found.slugs)
    page = await lists.page(subscriber, TurnPage(kind="latest"), asked)
    await _answer(message, db, page, say("Nothing yet. I will write as soon as there is news."))


async def search(
    message: Message, command: CommandObject, db: Database, lists: StoryLists, now: Now
) -> None:
    """List headlines of stories that hold all of the words, in any of their forms."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    asked = " ".join((command.args or "").split())
    if not asked:
        await answer(
            message, db, say("What shall I look for? Write it so: <code>/search bridge</code>")
        )
    elif len(asked) > MAX_SEARCH_CHARS:
        await answer(message, db, say("That is too long for a search: a few words will do."))
    else:
        page = await lists.page(subscriber, TurnPage(kind="search"), asked)
        nothing = say(
            "I found nothing on “{words}”. Try fewer words, or others.", words=quote([asked])
        )
        await _answer(message, db, page, nothing)


async def top(message: Message, db: Database, lists: StoryLists, now: Now) -> None:
    """List what most sources have told since yesterday, of the reader's topics."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    page = await lists.page(subscriber, TurnPage(kind="top"))
    await _answer(message, db, page, say("Nothing yet. I will write as soon as there is news."))


async def turn_page(
    query: CallbackQuery, callback_data: TurnPage, db: Database, lists: StoryLists
) -> None:
    """Show another page of a list in place of the one that is shown."""
    subscriber = await context.find_subscriber(db, query)
    page = None
    if subscriber is not None and isinstance(query.message, Message):
        page = await lists.page(subscriber, callback_data, query_in(query.message))
    if page is None:
        await answer_stale_button(query, db)
        return
    await answer_callback(query)
    await edit(query, db, page.text, page.buttons)


async def _answer(message: Message, db: Database, page: ListPage | None, nothing: str) -> None:
    if page is None:
        await answer(message, db, nothing)
    else:
        await answer(message, db, page.text, page.buttons, preview=NO_PREVIEW)
