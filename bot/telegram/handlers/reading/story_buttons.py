"""Buttons under a story: save it, and switch between its views."""

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator, speak
from bot.model import ChatId, StoryId
from bot.storage.database import Database
from bot.storage.stories import saved
from bot.storage.subscribers import subscribers
from bot.telegram.api.send import preview
from bot.telegram.api.startup import username_of
from bot.telegram.context import Now
from bot.telegram.deep_links import StoryLink, link_url
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards.story import SaveStory, ShowStory, under_story, with_saved
from bot.telegram.replies import answer_callback, edit_buttons, edit_message, open_link
from bot.telegram.story_views import StoryViews


def router() -> Router:
    """Return the router of story buttons; it must precede that of /channel.

    They act for the person who presses, not for a channel that the person manages.
    """
    routes = Router(name="stories")
    routes.callback_query.register(save_story, SaveStory.filter())
    # In a group all members would see the view that one of them chose.
    routes.callback_query.register(
        show_story, ShowStory.filter(), F.message.chat.type == ChatType.PRIVATE
    )
    return routes


async def save_story(
    query: CallbackQuery, callback_data: SaveStory, bot: Bot, db: Database, now: Now
) -> None:
    """Save the story for the person who presses, or remove it.

    A person who is no subscriber is sent to the private chat by a deep link to the story.
    """
    chat_id, story_id = ChatId(query.from_user.id), StoryId(callback_data.story_id)
    subscriber = await subscribers.find(db.reader, chat_id)
    if subscriber is None:
        await open_link(query, link_url(StoryLink(story_id), bot_name=await username_of(bot)))
        return
    async with db.transaction() as tx:
        if callback_data.wanted:
            is_saved = await saved.add(tx, chat_id, story_id, now=now())
        else:
            is_saved = False
            await saved.remove(tx, chat_id, story_id)
        is_full = await saved.count(tx, chat_id) >= saved.MAX_SAVED
    say = speak(subscriber.language)
    message = query.message
    is_private = message is not None and message.chat.type == ChatType.PRIVATE
    if is_saved and is_private:
        await answer_callback(query, say.plain("🔖 Saved. /saved shows all you keep."))
    elif is_saved:
        await answer_callback(query, say.plain("🔖 Saved. You find it in our chat under /saved."))
    elif callback_data.wanted:
        text = (
            say.plain(
                "You have saved {count} stories, and I can keep no more. Please remove some first:"
                " /saved.",
                count=str(saved.MAX_SAVED),
            )
            if is_full
            else _missing_text(say)
        )
        await answer_callback(query, text, alert=True)
    else:
        await answer_callback(query, say.plain("No longer saved."))
    # In a group all members see the button, but the story is saved for one of them.
    if is_private and isinstance(message, Message) and message.reply_markup is not None:
        await edit_buttons(message, with_saved(message.reply_markup, is_saved=is_saved))


async def show_story(
    query: CallbackQuery, callback_data: ShowStory, bot: Bot, db: Database, views: StoryViews
) -> None:
    """Show another view of the story in its message."""
    subscriber = await subscribers.find(db.reader, ChatId(query.from_user.id))
    if subscriber is None or not isinstance(query.message, Message):
        await answer_stale_button(query, db)
        return
    view = await views.show(subscriber, StoryId(callback_data.story_id), callback_data.view)
    if view is None:
        await answer_callback(query, _missing_text(speak(subscriber.language)), alert=True)
        return
    await answer_callback(query)
    keyboard = under_story(view.buttons, bot_name=await username_of(bot), view=view.view)
    await edit_message(query.message, view.text, keyboard, preview=preview(view.preview))


def _missing_text(say: Translator) -> str:
    return say.plain("This story is no longer there.")
