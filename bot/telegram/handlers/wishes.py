"""Offers of what a plain sentence may ask for: a button for each reading, and one to search.

A reading that is sure is the command itself; whatever could keep news away is pressed first.
"""

from dataclasses import dataclass, replace
from html import escape

from aiogram.types import InlineKeyboardMarkup

from bot.i18n import Translator
from bot.model import Subscriber
from bot.telegram.context import Now
from bot.telegram.handlers.preferences.pause import end_text
from bot.telegram.handlers.preferences.timetable import fitted, settings_text
from bot.telegram.handlers.reading.lists import MAX_SEARCH_CHARS
from bot.telegram.keyboards.common import LANGUAGE_NAMES
from bot.telegram.keyboards.menu import send_commands
from bot.timezones import zone
from bot.topics import Topics
from bot.typed.choices import read_choice
from bot.typed.pauses import read_pause
from bot.typed.subjects import language_of
from bot.typed.timetable import read_timetable
from bot.typed.wishes import Wish, read_wishes

_SIGNS = {"mute": "🔕", "unmute": "🔔", "follow": "🔔", "unfollow": "➖", "search": "🔎"}
# Telegram cuts a longer label off.
_MAX_LABEL = 60


@dataclass(frozen=True, slots=True)
class FreeTextAnswer:
    """A text in HTML, and its buttons; below the stories that a query finds, if there is one."""

    text: str
    keyboard: InlineKeyboardMarkup
    query: str = ""


def wish_offer(
    text: str, subscriber: Subscriber, topics: Topics, now: Now, say: Translator
) -> FreeTextAnswer | str | None:
    """Return what a sentence may ask for, or the command that it surely is; None: neither."""
    local_now = now().astimezone(zone(subscriber.timetable.zone))
    sentence = " ".join(text.split())
    wishes = read_wishes(sentence, topics, local_now)
    if not wishes:
        return None
    if wishes[0].is_sure:
        return _command(wishes[0])
    first, *others = wishes
    query = first.args[:MAX_SEARCH_CHARS] if first.command == "search" else ""
    if query and not others:
        return _command(first)
    wishes = tuple(others) if query else wishes
    if not query and not any(wish.command == "search" for wish in wishes):
        wishes = (*wishes, Wish("search", sentence))
    choices = [(wish.command, _label(wish, subscriber, topics, now, say)) for wish in wishes]
    commands = "\n".join(f"<code>{escape(_command(wish))}</code>" for wish in wishes)
    text = f"{say('Tap what you mean:')}\n\n{commands}"
    return FreeTextAnswer(text, send_commands(choices), query)


def _command(wish: Wish) -> str:
    return f"/{wish.command} {wish.args}".rstrip()


def _label(wish: Wish, subscriber: Subscriber, topics: Topics, now: Now, say: Translator) -> str:
    """Return what a wish does, as a button says it; the command itself where that is shorter."""
    args, label = wish.args, _command(wish)
    match wish.command:
        case command if command in _SIGNS and args:
            label = f"{_SIGNS[command]} {say.plain('“{word}”', word=args)}"
        case "topics" if args:
            label = _topics_label(args, topics, say)
        case "when" if answer := read_timetable(args, subscriber.timetable):
            fitting = fitted(answer.timetable, subscriber)
            label = settings_text(replace(answer, timetable=fitting), say, now)
        case "pause":
            pause = read_pause(args, now().astimezone(zone(subscriber.timetable.zone)))
            if pause and pause != "resume" and pause.until:
                label = say.plain("⏸ Until {time}", time=end_text(pause.until, subscriber, say))
        case "language" if language := language_of(args):
            label = f"🌐 {LANGUAGE_NAMES[language]}"
    return label if len(label) <= _MAX_LABEL else f"{label[: _MAX_LABEL - 1]}…"


def _topics_label(args: str, topics: Topics, say: Translator) -> str:
    """Return which topics a text chooses, and which it removes."""
    typed = read_choice(args)
    wanted, unwanted = (
        ", ".join(found.names[say.language] for slug in slugs if (found := topics.get(slug)))
        for slugs in (topics.find(typed.wanted).slugs, topics.find(typed.unwanted).slugs)
    )
    wanted = say.plain("all") if typed.is_all else wanted
    if typed.is_only and wanted:
        wanted = say.plain("only {topics}", topics=wanted)
    parts = (f"{sign} {names}" for sign, names in (("🗂", wanted), ("➖", unwanted)) if names)
    return " ".join(parts) or say.plain("🗂 Topics")
