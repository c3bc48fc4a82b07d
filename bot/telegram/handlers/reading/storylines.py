"""Followed storylines: the button under a chapter, and their list, which /follow shows too."""

from collections.abc import Sequence
from html import escape

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator, speak
from bot.model import LANGUAGES, ChatId, Story, StoryId, Subscriber, Visibility
from bot.storage.database import Database
from bot.storage.stories import storylines
from bot.storage.subscribers import subscribers
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_callback
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards.story import EndStoryline, FollowStory, storyline_list, with_followed
from bot.telegram.replies import NO_PREVIEW, answer, answer_callback, edit_buttons, edit_message


def router() -> Router:
    """Return the router of followed storylines; it must precede that of /channel.

    A story was sent to the chat itself, not to a channel that is managed from it.
    """
    routes = Router(name="storylines")
    on_callback(routes, FollowStory, follow_story)
    on_callback(routes, EndStoryline, end_storyline)
    return routes


async def follow_story(
    query: CallbackQuery, callback_data: FollowStory, db: Database, now: Now
) -> None:
    """Follow the storyline of the story, or end following it."""
    chat_id, story_id = ChatId(context.chat_of(query).id), StoryId(callback_data.story_id)
    subscriber = await subscribers.find(db.reader, chat_id)
    if subscriber is None:
        await answer_stale_button(query, db)
        return
    async with db.transaction() as tx:
        if callback_data.wanted:
            is_followed = await storylines.follow(tx, chat_id, story_id, now=now())
        else:
            is_followed = False
            await storylines.unfollow(tx, chat_id, story_id)
    say = speak(subscriber.language)
    if is_followed:
        text = say.plain("🔔 You follow this story. What happens next comes at once.")
    elif callback_data.wanted and len(subscriber.followed_storylines) >= storylines.MAX_FOLLOWED:
        text = say.plain(
            "You've reached the limit of {most} followed stories. End one first.",
            most=str(storylines.MAX_FOLLOWED),
        )
    elif callback_data.wanted:
        text = say.plain("This story is no longer there.")
    else:
        text = say.plain("➖ You no longer follow this story.")
    await answer_callback(query, text, alert=callback_data.wanted and not is_followed)
    if isinstance(query.message, Message) and query.message.reply_markup is not None:
        markup = with_followed(query.message.reply_markup, say, is_followed=is_followed)
        await edit_buttons(query.message, markup)


async def end_storyline(query: CallbackQuery, callback_data: EndStoryline, db: Database) -> None:
    """End following a storyline of the list, and show the rest."""
    chat_id = ChatId(context.chat_of(query).id)
    async with db.transaction() as tx:
        await storylines.unfollow(tx, chat_id, StoryId(callback_data.story_id))
        subscriber = await subscribers.find(tx, chat_id)
    if subscriber is None or not isinstance(query.message, Message):
        await answer_stale_button(query, db)
        return
    say = speak(subscriber.language)
    await answer_callback(query, say.plain("➖ You no longer follow this story."))
    followed = await _followed(db, subscriber)
    await edit_message(
        query.message, _list_text(followed, say), storyline_list(followed), preview=NO_PREVIEW
    )


async def list_followed(message: Message, db: Database, subscriber: Subscriber) -> None:
    """Answer with the followed storylines, each by its newest chapter; with nothing for none."""
    followed = await _followed(db, subscriber)
    if followed:
        text = _list_text(followed, speak(subscriber.language))
        await answer(message, db, text, storyline_list(followed), preview=NO_PREVIEW)


async def _followed(db: Database, subscriber: Subscriber) -> tuple[Story, ...]:
    """Return the newest chapter of each, in any language if there is none of the reader's."""
    own_only = Visibility(own=subscriber.visibility.own)
    newest = {
        story.storyline: story
        for languages, visibility in (
            (LANGUAGES, own_only),
            (subscriber.news_languages, subscriber.visibility),
        )
        for story in await storylines.newest_chapters(
            db.reader,
            sorted(subscriber.followed_storylines),
            languages=languages,
            visibility=visibility,
        )
    }
    return tuple(newest.values())


def _list_text(followed: Sequence[Story], say: Translator) -> str:
    lines = [
        f'{number}. <a href="{escape(story.url)}">{escape(story.title)}</a>'
        for number, story in enumerate(followed, start=1)
    ]
    if not lines:
        return say("You follow no stories.")
    return "\n\n".join([say("🔔 <b>Stories you follow</b>"), *lines])
