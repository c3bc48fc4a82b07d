"""The presses under a story: keep it, show more of it, and go back."""

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, Message

from bot.model import ChatId, StoryId
from bot.storage import saved, subscribers
from bot.storage.database import Database
from bot.telegram.audience import Now
from bot.telegram.channel import preview
from bot.telegram.deep_links import StoryLink, address
from bot.telegram.handlers.start import stale
from bot.telegram.ourselves import name_of
from bot.telegram.replies import change, change_buttons, open_link, toast
from bot.telegram.story_keyboards import SaveStory, ShowStory, under_story, with_saved
from bot.telegram.story_views import StoryViews
from bot.texts import speak


def router() -> Router:
    """Return the router of stories; it must come before that of channels.

    A story stands in the chat that it was sent to, whichever channel is spoken of there.
    """
    made = Router(name="stories")
    made.callback_query.register(save, SaveStory.filter())
    # Elsewhere others read the message too.
    made.callback_query.register(show, ShowStory.filter(), F.message.chat.type == ChatType.PRIVATE)
    return made


async def save(
    query: CallbackQuery, callback_data: SaveStory, bot: Bot, db: Database, now: Now
) -> None:
    """Keep the story for the one who presses, or no more.

    Whom we do not know yet is led to the private chat, where the story waits.
    """
    chat_id, story_id = ChatId(query.from_user.id), StoryId(callback_data.story_id)
    reader = await subscribers.find(db.reader, chat_id)
    if reader is None:
        link = address(StoryLink(story_id), bot_name=await name_of(bot))
        await open_link(query, link)
        return
    say = speak(reader.language)
    async with db.transaction() as tx:
        if callback_data.wanted:
            is_saved = await saved.add(tx, chat_id, story_id, now=now())
        else:
            is_saved = False
            await saved.remove(tx, chat_id, story_id)
        count = await saved.count(tx, chat_id)
    if is_saved:
        await toast(query, say.plain("🔖 Saved. You find it in our chat under /saved."))
    elif not callback_data.wanted:
        await toast(query, say.plain("No longer saved."))
    elif count >= saved.MOST:
        words = say.plain(
            "You have saved {count} stories, and I can keep no more. Please remove some first:"
            " /saved.",
            count=str(saved.MOST),
        )
        await toast(query, words, alert=True)
    else:
        await toast(query, say.plain("This story is no longer there."))
    await _mark(query, is_saved=is_saved)


async def show(
    query: CallbackQuery, callback_data: ShowStory, bot: Bot, db: Database, views: StoryViews
) -> None:
    """Show another view of the story in place of the one that is shown."""
    reader = await subscribers.find(db.reader, ChatId(query.from_user.id))
    shown = None
    if reader is not None and isinstance(query.message, Message):
        shown = await views.show(reader, StoryId(callback_data.story_id), callback_data.view)
    if shown is None or not isinstance(query.message, Message):
        await stale(query, db)
        return
    await toast(query)
    keyboard = under_story(shown.buttons, bot_name=await name_of(bot), view=shown.view)
    await change(query.message, shown.text, keyboard, preview=preview(shown.preview))


async def _mark(query: CallbackQuery, *, is_saved: bool) -> None:
    """Show on the button what is so; in a group it is so for the one who pressed alone."""
    message = query.message
    if not isinstance(message, Message) or message.chat.type != ChatType.PRIVATE:
        return
    if message.reply_markup is not None:
        await change_buttons(message, with_saved(message.reply_markup, is_saved=is_saved))
