"""Messages that are no command, in a private chat: topics, addresses, wishes, and searches.

Each answer has buttons. A button that sends a command finds it in a line of its message.
"""

from html import escape

from aiogram import Bot, Dispatcher, F, Router
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message, Update

from bot.i18n import Translator, speak
from bot.model import ChatId, Subscriber
from bot.telegram import context
from bot.telegram.command_menu import commands
from bot.telegram.context import Now
from bot.telegram.handlers.open_questions import OpenQuestions, command_of_answer
from bot.telegram.handlers.reading.lists import nothing_on
from bot.telegram.handlers.routing import on_callback
from bot.telegram.handlers.start import start
from bot.telegram.handlers.wishes import FreeTextAnswer, wish_offer
from bot.telegram.keyboards.common import TurnPage
from bot.telegram.keyboards.menu import (
    SendCommand,
    menu,
    send_command,
    stop_or_pause,
    topic_buttons,
)
from bot.telegram.replies import NO_PREVIEW, answer, answer_callback, quote
from bot.telegram.story_lists import StoryLists
from bot.typed.commands import TypedCommand, address_in, nearest_command, read_command, wish_of

# A message that repeats it has at most 4,096 characters.
MAX_ARGS_CHARS = 1000


def router() -> Router:
    """Return the router of messages that no other router handles."""
    routes = Router(name="free_text")
    # A story sent by inline mode is not addressed to the bot.
    routes.message.register(answer_text, F.chat.type == ChatType.PRIVATE, ~F.via_bot)
    on_callback(routes, SendCommand, send)
    return routes


async def answer_text(  # noqa: PLR0913
    message: Message,
    bot: Bot,
    dispatcher: Dispatcher,
    lists: StoryLists,
    admins: frozenset[ChatId],
    questions: OpenQuestions,
    now: Now,
) -> None:
    """Answer with what the text is: a slip in a command, a wish, an address, a topic, a search."""
    db = lists.db
    subscriber = await context.find_subscriber(db, message)
    if subscriber is None and message.chat.id in admins:
        # An operator may write what is to be broadcast, and read no news.
        say = await context.translator_for(db, message)
        await answer(message, db, say("👋 Name a topic, or words to look for. Or tap:"), menu(say))
        return
    if subscriber is None:
        await start(message, db, lists.topics, now)
        return
    say, text = speak(subscriber.language), message.text or ""
    question = questions.of(message.chat.id)
    answered = question and command_of_answer(question, text, subscriber.timetable, lists.topics)
    if answered and not read_command(text):
        await _handle_as(message, answered, bot, dispatcher)
        return
    found = free_text_answer(text, say) or wish_offer(text, subscriber, lists.topics, now, say)
    if found is None:
        found = await _topic_answer(text, subscriber, lists, say) or f"/search {text}"
    if isinstance(found, str):
        await _handle_as(message, found, bot, dispatcher)
        return
    if found.query:
        page = await lists.page(subscriber, TurnPage(kind="search"), found.query)
        above = page.text if page else nothing_on(found.query, say)
        buttons = page.buttons if page else None
        pressed = [*(buttons.inline_keyboard if buttons else []), *found.keyboard.inline_keyboard]
        keyboard = InlineKeyboardMarkup(inline_keyboard=pressed)
        await answer(message, db, f"{above}\n\n{found.text}", keyboard, preview=NO_PREVIEW)
    else:
        await answer(message, db, found.text, found.keyboard, preview=NO_PREVIEW)


async def send(
    query: CallbackQuery, callback_data: SendCommand, bot: Bot, dispatcher: Dispatcher
) -> None:
    """Handle the command of the button as if the person had sent it."""
    await answer_callback(query)
    if not isinstance(query.message, Message):
        return
    name = callback_data.name
    lines = reversed((query.message.text or "").split("\n"))
    typed = (line for line in lines if (found := read_command(line)) and found.name == name)
    text = next(typed, f"/{name}")
    sender = query.message.model_copy(update={"from_user": query.from_user})
    await _handle_as(sender, text, bot, dispatcher)


def free_text_answer(text: str, say: Translator) -> FreeTextAnswer | str | None:
    """Return the answer to a text, or the command that it is; None: it is a sentence."""
    if typed := read_command(text):
        return suggestion(typed, say)
    if wish := wish_of(text):
        return wish_answer(wish, say)
    if address := address_in(text):
        return address_answer(address, say)
    if not text:
        return FreeTextAnswer(say("I read text, and lists of feeds as files."), menu(say))
    return None


def suggestion(typed: TypedCommand, say: Translator) -> FreeTextAnswer:
    """Return the command that a misspelt one is near, as a button; else the menu."""
    known = [name for name, _ in commands(say)]
    name = nearest_command(typed.name, known)
    unknown = say("I know no command {command}.", command=f"/{quote([typed.name])}")
    if name is None:
        return FreeTextAnswer(unknown, menu(say))
    command = f"/{name} {' '.join(typed.args.split())[:MAX_ARGS_CHARS]}".rstrip()
    text = f"{unknown} {say('Did you mean this?')}\n\n<code>{escape(command)}</code>"
    return FreeTextAnswer(text, send_command(name, f"/{name}"))


def wish_answer(wish: str, say: Translator) -> FreeTextAnswer | str:
    """Return the answer to a wish, or the command that it is."""
    if wish in ("greeting", "menu"):
        text = say("👋 Name a topic, or words to look for. Or tap:")
        return FreeTextAnswer(text, menu(say))
    if wish == "stop":
        text = say("A pause keeps your settings. Deleting forgets this chat for good.")
        return FreeTextAnswer(text, stop_or_pause(say))
    return f"/{wish}"


def address_answer(address: str, say: Translator) -> FreeTextAnswer:
    """Return the offer to add the feed of an address."""
    question = say("Shall I look for the feed of this site?")
    text = f"{question}\n\n<code>{escape(f'/add {address}')}</code>"
    return FreeTextAnswer(text, send_command("add", say.plain("➕ Add the feed")))


async def _topic_answer(
    text: str, subscriber: Subscriber, lists: StoryLists, say: Translator
) -> FreeTextAnswer | None:
    """Return the newest stories of a topic, and the button that subscribes to it.

    None: the text names none, several, or more than a topic.
    """
    match = lists.topics.find(text[:MAX_ARGS_CHARS])
    topic = lists.topics.get(match.slugs[0]) if len(match.slugs) == 1 else None
    if topic is None or match.unknown:
        return None
    page = await lists.page(subscriber, TurnPage(kind="latest"), topic.names[say.language])
    news = page.text if page else say("Nothing yet. I will write as soon as there is news.")
    paging = page.buttons if page else None
    return FreeTextAnswer(news, topic_buttons(topic, subscriber.topics, paging, say))


async def _handle_as(message: Message, text: str, bot: Bot, dispatcher: Dispatcher) -> None:
    """Handle the message as if the text were all of it."""
    sent = message.model_copy(update={"text": text, "reply_to_message": None, "entities": None})
    await dispatcher.feed_update(bot, Update(update_id=0, message=sent))
