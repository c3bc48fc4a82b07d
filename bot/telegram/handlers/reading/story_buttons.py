"""Buttons under a story: save it, switch between its views, open its menu, report a mistake."""

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator, speak
from bot.model import ChatId, StoryId
from bot.storage.database import Database
from bot.storage.stories import judgements, queries, saved
from bot.storage.subscribers import subscribers
from bot.telegram.api.prepared_message import preview
from bot.telegram.api.startup import username_of
from bot.telegram.context import Now
from bot.telegram.deep_links import StoryLink, View, link_url
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards.story import (
    Judge,
    OpenMenu,
    SaveStory,
    ShowStory,
    story_menu,
    under_story,
    with_saved,
)
from bot.telegram.replies import answer_callback, edit_buttons, edit_message, open_link
from bot.telegram.story_views import StoryView, StoryViews


def router() -> Router:
    """Return the router of story buttons; it must precede that of /channel.

    They act for the person who presses, not for a channel that the person manages.
    """
    routes = Router(name="stories")
    routes.callback_query.register(save_story, SaveStory.filter())
    # In a group all members would see the view that one of them chose.
    is_private = F.message.chat.type == ChatType.PRIVATE
    routes.callback_query.register(show_story, ShowStory.filter(), is_private)
    routes.callback_query.register(open_menu, OpenMenu.filter(), is_private)
    routes.callback_query.register(report, Judge.filter(), is_private)
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
    say = speak(subscriber.language)
    message = query.message
    is_private = message is not None and message.chat.type == ChatType.PRIVATE
    if callback_data.wanted and not is_saved:
        text = await _refusal_text(db, chat_id, story_id, say)
        await answer_callback(query, text, alert=True)
    else:
        text = _confirmation_text(say, is_saved=is_saved, is_private=is_private)
        await answer_callback(query, text)
    # In a group all members see the button, but the story is saved for one of them.
    if is_private and isinstance(message, Message) and message.reply_markup is not None:
        await edit_buttons(message, with_saved(message.reply_markup, say, is_saved=is_saved))


async def show_story(
    query: CallbackQuery, callback_data: ShowStory, bot: Bot, db: Database, views: StoryViews
) -> None:
    """Show another view of the story in its message."""
    view = await _view(query, callback_data.story_id, callback_data.view, db, views)
    if view is not None and isinstance(query.message, Message):
        await answer_callback(query)
        keyboard = under_story(view.buttons, bot_name=await username_of(bot), view=view.view)
        options = query.message.link_preview_options or preview(
            view.preview, is_picture=view.is_picture
        )
        await edit_message(query.message, view.text, keyboard, preview=options)


async def open_menu(
    query: CallbackQuery, callback_data: OpenMenu, bot: Bot, db: Database, views: StoryViews
) -> None:
    """Show the menu of the story in place of its buttons; its text stays."""
    view = await _view(query, callback_data.story_id, "brief", db, views)
    if view is not None and isinstance(query.message, Message):
        await answer_callback(query)
        keyboard = story_menu(view.buttons, bot_name=await username_of(bot))
        await edit_buttons(query.message, keyboard)


async def report(
    query: CallbackQuery, callback_data: Judge, db: Database, views: StoryViews, now: Now
) -> None:
    """Keep what the reader says of the story, without who said it."""
    subscriber = await subscribers.find(db.reader, ChatId(query.from_user.id))
    view = await _view(query, callback_data.story_id, "brief", db, views)
    if view is None or subscriber is None:
        return
    async with db.transaction() as tx:
        await judgements.add(tx, StoryId(callback_data.story_id), callback_data.verdict, now=now())
    say = speak(subscriber.language)
    text = say.plain("Thank you. Reports like this make the bot better.")
    await answer_callback(query, text)


async def _view(
    query: CallbackQuery, story_id: int, view: View, db: Database, views: StoryViews
) -> StoryView | None:
    """Return the view for the person who presses; None: it is answered that there is none."""
    subscriber = await subscribers.find(db.reader, ChatId(query.from_user.id))
    if subscriber is None or not isinstance(query.message, Message):
        await answer_stale_button(query, db)
        return None
    shown = await views.show(subscriber, StoryId(story_id), view)
    if shown is None:
        await answer_callback(query, _missing_text(speak(subscriber.language)), alert=True)
    return shown


def _confirmation_text(say: Translator, *, is_saved: bool, is_private: bool) -> str:
    if not is_saved:
        return say.plain("Removed from saved.")
    if is_private:
        return say.plain("🔖 Saved. /saved shows all you keep.")
    return say.plain("🔖 Saved. It is in our private chat: /saved.")


async def _refusal_text(db: Database, chat_id: ChatId, story_id: StoryId, say: Translator) -> str:
    """Return why the story cannot be saved."""
    if await saved.count(db.reader, chat_id) >= saved.MAX_SAVED:
        return say.plain(
            "You've reached the limit of {count} saved stories. Remove some first: /saved.",
            count=str(saved.MAX_SAVED),
        )
    if await queries.exists(db.reader, story_id):
        return say.plain("This story is from a feed that only its own chat reads.")
    return _missing_text(say)


def _missing_text(say: Translator) -> str:
    return say.plain("This story is no longer there.")
