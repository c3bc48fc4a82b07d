"""/saved: the paged list of a person's saved stories, with a button to remove each."""

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator, speak
from bot.model import ChatId, StoryId, Subscriber
from bot.storage.database import Database
from bot.storage.stories import saved
from bot.storage.subscribers import subscribers
from bot.telegram import context
from bot.telegram.handlers.routing import CommandNamed, on_command
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards.common import TurnPage
from bot.telegram.keyboards.story import RemoveSaved
from bot.telegram.replies import NO_PREVIEW, answer_callback, edit_message
from bot.telegram.story_lists import PAGE_SIZE, ListPage, StoryLists


def router() -> Router:
    """Return the router of /saved; it must precede that of /channel.

    The list belongs to the person, not to a channel that the person manages.
    """
    routes = Router(name="saved")
    is_private = F.chat.type == ChatType.PRIVATE
    for observer in (routes.message, routes.edited_message):
        observer.register(list_saved, is_private, CommandNamed("saved"))
    on_command(routes, "saved", answer_wrong_chat)
    is_private_message = F.message.chat.type == ChatType.PRIVATE
    routes.callback_query.register(
        turn_page, TurnPage.filter(F.kind == "saved"), is_private_message
    )
    routes.callback_query.register(remove_saved, RemoveSaved.filter(), is_private_message)
    return routes


async def list_saved(message: Message, db: Database, lists: StoryLists) -> None:
    """Answer with the first page."""
    subscriber = await subscribers.find(db.reader, ChatId(message.chat.id))
    say = speak(subscriber.language if subscriber else context.user_language(message))
    page = await lists.page(subscriber, TurnPage(kind="saved")) if subscriber else None
    await message.answer(
        page.text if page else _empty_text(say),
        reply_markup=page.buttons if page else None,
        link_preview_options=NO_PREVIEW,
    )


async def answer_wrong_chat(message: Message, db: Database) -> None:
    """Say that the list is in the private chat."""
    say = await context.translator_for(db, message)
    await message.answer(say("What you save is in our private chat: write /saved there."))


async def turn_page(
    query: CallbackQuery, callback_data: TurnPage, db: Database, lists: StoryLists
) -> None:
    """Show another page."""
    subscriber = await subscribers.find(db.reader, ChatId(query.from_user.id))
    page = await lists.page(subscriber, callback_data) if subscriber else None
    if subscriber is None or page is None:
        await answer_stale_button(query, db)
        return
    await _show(query, page, speak(subscriber.language))


async def remove_saved(
    query: CallbackQuery, callback_data: RemoveSaved, db: Database, lists: StoryLists
) -> None:
    """Remove the story and show the page without it, or an earlier one if it is empty."""
    subscriber = await subscribers.find(db.reader, ChatId(query.from_user.id))
    if subscriber is None:
        await answer_stale_button(query, db)
        return
    async with db.transaction() as tx:
        await saved.remove(tx, subscriber.chat_id, StoryId(callback_data.story_id))
    page = await _page(lists, subscriber, callback_data.skipped)
    await _show(query, page, speak(subscriber.language))


async def _page(lists: StoryLists, subscriber: Subscriber, skipped: int) -> ListPage | None:
    page = await lists.page(subscriber, TurnPage(kind="saved", skipped=skipped))
    if page is None and skipped:
        return await _page(lists, subscriber, max(0, skipped - PAGE_SIZE))
    return page


async def _show(query: CallbackQuery, page: ListPage | None, say: Translator) -> None:
    await answer_callback(query)
    if isinstance(query.message, Message):
        await edit_message(
            query.message,
            page.text if page else _empty_text(say),
            page.buttons if page else None,
            preview=NO_PREVIEW,
        )


def _empty_text(say: Translator) -> str:
    return say("Nothing saved yet. Tap 🔖 under a story to keep it here.")
