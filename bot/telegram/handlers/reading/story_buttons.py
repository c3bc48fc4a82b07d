"""The presses under a story: keep it, show more of it, and go back."""

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator, speak
from bot.model import ChatId, StoryId
from bot.storage.database import Database
from bot.storage.stories import saved
from bot.storage.subscribers import subscribers
from bot.telegram.api.send import preview
from bot.telegram.api.startup import name_of
from bot.telegram.context import Now
from bot.telegram.deep_links import StoryLink, address
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards.story import SaveStory, ShowStory, under_story, with_saved
from bot.telegram.replies import answer_callback, change, change_buttons, open_link
from bot.telegram.story_views import StoryViews


def router() -> Router:
    """Return the router of stories; it must come before that of channels.

    A story stands in the chat that it was sent to, whichever channel is spoken of there.
    """
    routes = Router(name="stories")
    routes.callback_query.register(save_story, SaveStory.filter())
    # Elsewhere others read the message too.
    routes.callback_query.register(
        show_story, ShowStory.filter(), F.message.chat.type == ChatType.PRIVATE
    )
    return routes


async def save_story(
    query: CallbackQuery, callback_data: SaveStory, bot: Bot, db: Database, now: Now
) -> None:
    """Keep the story for the one who presses, or no more.

    Whom we do not know yet is led to the private chat, where the story waits.
    """
    chat_id, story_id = ChatId(query.from_user.id), StoryId(callback_data.story_id)
    subscriber = await subscribers.find(db.reader, chat_id)
    if subscriber is None:
        link = address(StoryLink(story_id), bot_name=await name_of(bot))
        await open_link(query, link)
        return
    async with db.transaction() as tx:
        if callback_data.wanted:
            is_saved = await saved.add(tx, chat_id, story_id, now=now())
        else:
            is_saved = False
            await saved.remove(tx, chat_id, story_id)
        is_full = await saved.count(tx, chat_id) >= saved.MOST
    say, is_here = speak(subscriber.language), _is_private(query)
    if is_saved:
        await answer_callback(query, _saved(say, is_here=is_here))
    elif callback_data.wanted:
        await answer_callback(query, _not_saved(say, is_full=is_full), alert=True)
    else:
        await answer_callback(query, say.plain("No longer saved."))
    if is_here:
        await _mark(query, is_saved=is_saved)


async def show_story(
    query: CallbackQuery, callback_data: ShowStory, bot: Bot, db: Database, views: StoryViews
) -> None:
    """Show another view of the story in place of the one that is shown."""
    subscriber = await subscribers.find(db.reader, ChatId(query.from_user.id))
    if subscriber is None or not isinstance(query.message, Message):
        await answer_stale_button(query, db)
        return
    shown = await views.show(subscriber, StoryId(callback_data.story_id), callback_data.view)
    if shown is None:
        await answer_callback(query, _not_there(speak(subscriber.language)), alert=True)
        return
    await answer_callback(query)
    keyboard = under_story(shown.buttons, bot_name=await name_of(bot), view=shown.view)
    await change(query.message, shown.text, keyboard, preview=preview(shown.preview))


def _is_private(query: CallbackQuery) -> bool:
    return query.message is not None and query.message.chat.type == ChatType.PRIVATE


def _saved(say: Translator, *, is_here: bool) -> str:
    if is_here:
        return say.plain("🔖 Saved. /saved shows all you keep.")
    return say.plain("🔖 Saved. You find it in our chat under /saved.")


def _not_saved(say: Translator, *, is_full: bool) -> str:
    if not is_full:
        return _not_there(say)
    return say.plain(
        "You have saved {count} stories, and I can keep no more. Please remove some first: /saved.",
        count=str(saved.MOST),
    )


def _not_there(say: Translator) -> str:
    return say.plain("This story is no longer there.")


async def _mark(query: CallbackQuery, *, is_saved: bool) -> None:
    """Show on the button what is so now.

    In a group it would be seen by all, and is so for the one who pressed alone.
    """
    message = query.message
    if isinstance(message, Message) and message.reply_markup is not None:
        await change_buttons(message, with_saved(message.reply_markup, is_saved=is_saved))
