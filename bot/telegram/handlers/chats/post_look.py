"""The look of the posts in a managed channel: a draft is chosen, previewed, and then counts."""

from dataclasses import astuple, replace
from zlib import crc32

from aiogram import Bot, Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator, speak
from bot.model import ChatId, PostLook, Subscriber
from bot.storage.database import Database
from bot.storage.outbox import due
from bot.storage.subscribers import post_looks
from bot.telegram import context
from bot.telegram.api.prepared_message import preview
from bot.telegram.api.startup import username_of
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_callback
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards.post_look import (
    ChooseLook,
    DropOwnLine,
    LimitPosts,
    OpenLook,
    PreviewLook,
    UseLook,
    look_choice,
    use_look,
)
from bot.telegram.keyboards.story import under_story
from bot.telegram.replies import answer, answer_callback, edit
from bot.telegram.story_lists import StoryLists
from bot.telegram.story_views import StoryViews
from bot.text.safe import storable

MAX_LINE_CHARS = 200
# Begin the own line after the command /channel.
LINE_WORDS = frozenset({"line", "рядок", "строка"})


def router() -> Router:
    """Return the router of the look; it must follow that of /channel."""
    routes = Router(name="post_look")
    on_callback(routes, OpenLook, open_look)
    on_callback(routes, ChooseLook, choose_part)
    on_callback(routes, LimitPosts, limit_posts)
    on_callback(routes, DropOwnLine, drop_own_line)
    on_callback(routes, PreviewLook, preview_look)
    on_callback(routes, UseLook, use)
    return routes


def is_own_line(args: str | None) -> bool:
    """Return whether what follows the command /channel is a line for below its posts."""
    first, *_ = (args or "").split(maxsplit=1) or [""]
    return first.lower().rstrip(":") in LINE_WORDS


async def set_own_line(message: Message, command: CommandObject, db: Database) -> None:
    """Set the own line of the draft, and answer with the draft."""
    chat_id = await context.target_chat_id(db, message)
    say = await context.translator_for(db, message)
    line = storable(" ".join((command.args or "").split()[1:]))
    if not line or len(line) > MAX_LINE_CHARS:
        text = say(
            "The line has 1 to {count} characters: <code>/channel line More news: @name</code>.",
            count=str(MAX_LINE_CHARS),
        )
        await answer(message, db, text)
        return
    look = replace(await post_looks.draft(db.reader, chat_id), own_line=line)
    async with db.transaction() as tx:
        await post_looks.save_draft(tx, chat_id, look)
    await answer(message, db, look_text(look, say), look_choice(look, say))


async def open_look(query: CallbackQuery, db: Database) -> None:
    """Show the draft in place of another page."""
    found = await _draft_of(query, db)
    if found is None:
        await answer_stale_button(query, db)
        return
    subscriber, look = found
    say = speak(subscriber.language)
    await answer_callback(query)
    await edit(query, db, look_text(look, say), look_choice(look, say))


async def choose_part(query: CallbackQuery, callback_data: ChooseLook, db: Database) -> None:
    """Show a part of the posts in the draft, or leave it out."""
    await _change(query, db, {callback_data.part: callback_data.wanted})


async def limit_posts(query: CallbackQuery, callback_data: LimitPosts, db: Database) -> None:
    """Limit the posts of an hour in the draft."""
    await _change(query, db, {"per_hour": callback_data.count or None})


async def drop_own_line(query: CallbackQuery, db: Database) -> None:
    """Leave the own line out of the draft."""
    await _change(query, db, {"own_line": ""})


async def preview_look(
    query: CallbackQuery, bot: Bot, db: Database, lists: StoryLists, views: StoryViews
) -> None:
    """Show the last story in the look of the draft, and ask whether it shall count."""
    found = await _draft_of(query, db)
    if found is None or not isinstance(query.message, Message):
        await answer_stale_button(query, db)
        return
    subscriber, look = found
    say = speak(subscriber.language)
    await answer_callback(query)
    drafted = replace(subscriber, look=look)
    story_id = await lists.newest_id(subscriber)
    view = await views.show(drafted, story_id, "brief") if story_id else None
    question = say("There is no story yet to show. Shall the posts look as you have chosen?")
    if view is not None:
        await query.message.answer(
            view.text,
            link_preview_options=preview(view.preview, is_picture=view.is_picture),
            reply_markup=under_story(view.buttons, bot_name=await username_of(bot))
            if look.buttons
            else None,
        )
        question = say("So the last story would be posted. Shall all posts look so?")
    await answer(query.message, db, question, use_look(look_code(look), say))


async def use(query: CallbackQuery, callback_data: UseLook, db: Database, now: Now) -> None:
    """Let the draft count that was previewed; one that has changed since is previewed first."""
    found = await _draft_of(query, db)
    if found is None or look_code(found[1]) != callback_data.code:
        await answer_stale_button(query, db)
        return
    subscriber, _ = found
    say = speak(subscriber.language)
    async with db.transaction() as tx:
        await post_looks.use_draft(tx, subscriber.chat_id)
        await due.recheck(tx, subscriber.chat_id, now=now())
    await answer_callback(query)
    await edit(query, db, say("✅ New posts look so from now on."))


def look_code(look: PostLook) -> int:
    """Return a number that tells looks apart."""
    return crc32(repr(astuple(look)).encode())


def look_text(look: PostLook, say: Translator) -> str:
    """Return the page of the look."""

    line = say("An own line below: <code>/channel line More news: @name</code>")
    if look.own_line:
        line = say("Own line below: {line}", line=look.own_line)
    return "\n\n".join(
        [
            say("🎨 <b>Look of the posts</b>"),
            say(
                "What shall each post show, and how many shall there be in an hour? What is too"
                " much waits for the next hour; with “Several in one post” it comes together."
                " Nothing changes before you have seen the last story so."
            ),
            line,
        ]
    )


async def _change(query: CallbackQuery, db: Database, fields: dict[str, object]) -> None:
    """Change the draft and show it."""
    found = await _draft_of(query, db)
    if found is not None:
        look = replace(found[1], **fields)  # type: ignore[arg-type]
        async with db.transaction() as tx:
            await post_looks.save_draft(tx, found[0].chat_id, look)
    await open_look(query, db)


async def _draft_of(query: CallbackQuery, db: Database) -> tuple[Subscriber, PostLook] | None:
    """Return the managed channel and the draft of its look; None: no channel is managed."""
    managed = await context.managed_channel(db, query)
    subscriber = await context.find_subscriber(db, query) if managed else None
    if subscriber is None:
        return None
    return subscriber, await post_looks.draft(db.reader, ChatId(subscriber.chat_id))
