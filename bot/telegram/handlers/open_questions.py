"""Open questions: what each chat was asked last, so that a plain word may answer it.

Kept in memory, for `ANSWER_TIME`: after a restart an answer is read as any other text.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.model import Timetable
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.preferences.timetable import read_label
from bot.telegram.keyboards.common import OpenTopics
from bot.telegram.keyboards.timetable import OpenWhen, Page, TimetableChange
from bot.telegram.keyboards.topics import ChooseTopic, ShowNews
from bot.topics import Topics
from bot.typed.choices import read_choice
from bot.typed.timetable import PAUSE, Setting, read_timetable
from bot.typed.tokens import clean, tokenize

Question = Page | Literal["topics"]

ANSWER_TIME = timedelta(minutes=10)
_OF_COMMANDS: Mapping[str, Question] = {"when": "main", "topics": "topics", "start": "topics"}
_OF_BUTTONS: Mapping[type, Question] = {
    ShowNews: "main",
    OpenTopics: "topics",
}
# How an answer may have to be completed to be read, and the settings that it may name.
_FORMS: Mapping[Question, tuple[tuple[str, ...], frozenset[Setting]]] = {
    "main": (("{}",), frozenset(["when", "quiet"])),
    "digest": (("{}",), frozenset(["when"])),
    "quiet": (("{}", "quiet {}"), frozenset(["quiet"])),
    "zone": (("{}",), frozenset(["zone"])),
    "limit": (("{} a day", "{}"), frozenset(["per_day"])),
}


@dataclass(slots=True)
class OpenQuestions(BaseMiddleware):
    """The question of each chat that is no older than `ANSWER_TIME`, noted after each handler."""

    now: Now
    _asked: dict[int, tuple[Question, datetime]] = field(default_factory=dict)

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Handle the event; a command or a press asks something new, or ends the question."""
        result = await handler(event, data)
        command, pressed = data.get("command"), data.get("callback_data")
        if isinstance(pressed, ChooseTopic):
            return result  # of several topics one
        if isinstance(event, Message | CallbackQuery) and (command or pressed):
            chat_id = context.chat_of(event).id
            self._asked.pop(chat_id, None)
            question = (
                _OF_COMMANDS.get(command.command) if command else _OF_BUTTONS.get(type(pressed))
            )
            if isinstance(pressed, OpenWhen | TimetableChange):
                question = pressed.page
            if question:
                self._drop_past()
                self._asked[chat_id] = (question, self.now())
        return result

    def of(self, chat_id: int) -> Question | None:
        """Return what the chat was asked last; None: nothing, or too long ago."""
        self._drop_past()
        return self._asked.get(chat_id, (None, None))[0]

    def _drop_past(self) -> None:
        """Drop what is too old; the oldest are the first."""
        past = self.now() - ANSWER_TIME
        for chat_id in [chat_id for chat_id, (_, at) in self._asked.items() if at < past]:
            del self._asked[chat_id]


def command_of_answer(
    question: Question, text: str, timetable: Timetable, topics: Topics
) -> str | None:
    """Return the command that an answer to the question stands for; None: it is no clear answer."""
    text = " ".join(text.split())
    if question == "topics":
        typed = read_choice(text)
        found = topics.find(typed.wanted)
        is_more = not (typed.unwanted or typed.is_only or typed.is_all or typed.is_none)
        return f"/topics {text}" if found.slugs and not found.unknown and is_more else None
    forms, settings = _FORMS[question]
    is_number = text.isdecimal()
    if is_number and question not in ("digest", "limit"):
        return None
    for form in forms:
        completed = form.format(text) if "{}" not in text else text
        # A word that is near one of ours may be another; the name of a place is a word too.
        is_known = question == "zone" or all(
            token.kind != "word" for token in tokenize(clean(completed))
        )
        answer = read_label(completed, timetable)
        if answer is None and is_known:
            answer = read_timetable(completed, timetable)
        if answer and set(answer.settings) <= settings and answer.other != PAUSE:
            return f"/when {completed}"
    return None
