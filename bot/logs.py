"""Log configuration: structlog on standard error, text or JSON.

Bot tokens are redacted. Text of others can neither command a terminal nor forge a line: controls
are escaped, and a line of text begins with its time only where a record begins. A chat is named by
its code: in texts as "chat 12", in fields as `chat`.
"""

import logging
import re
import sys
import threading
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.model import ChatId, chat_code
from bot.text.safe import printable, printable_lines

# A bot's token: aiohttp's errors name URLs, and those of the Bot API contain it.
_TOKEN = re.compile(r"\b(?:bot)?\d{5,}:[A-Za-z0-9_-]{20,}")
_REDACTED = "<token>"
_CHAT = re.compile(r"(?<=\bchat )-?\d+\b")
_TO_JSON = structlog.processors.JSONRenderer(ensure_ascii=False)

# Loggers that print URLs and texts at INFO and below.
_VERBOSE_LOGGERS = ("aiogram", "aiohttp", "aiosqlite", "asyncio")

log = logging.getLogger(__name__)


def set_up_logs(form: Literal["text", "json"], level: str = "INFO", key: bytes = b"") -> None:
    """Log from the level up to standard error, a line a record; JSON alone has `extra` fields.

    Warnings of libraries and errors that nobody catches are records too. `key` makes the codes of
    chats.
    """
    renderers: list[Processor] = (
        # What is printable escapes as JSON does: the document stays the same.
        [lambda *call: printable(str(_TO_JSON(*call)))]
        if form == "json"
        else [_printable_texts, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    )
    time = "time" if form == "json" else "timestamp"
    fields: list[Processor] = [structlog.stdlib.ExtraAdder()] if form == "json" else []
    common: list[Processor] = [
        *fields,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:%M:%SZ", utc=True, key=time),
        structlog.processors.format_exc_info,
        _redact,
        partial(_name_chats, key),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=common,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _VERBOSE_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda args: _log_uncaught(
        args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
    )
    sys.unraisablehook = lambda args: _log_uncaught(
        args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
    )


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    log.critical("an error that nobody caught", exc_info=(kind, error, trace))


def _name_chats(key: bytes, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Return the event with the codes of chats in place of their ids."""

    def code(found: re.Match[str]) -> str:
        return chat_code(ChatId(int(found[0])), key)

    if isinstance(event.get("chat"), int):
        event["chat"] = chat_code(event["chat"], key)
    return {
        name: _CHAT.sub(code, value) if isinstance(value, str) else value
        for name, value in event.items()
    }


def _each_text(change: Callable[[str], str]) -> Processor:
    """Return the processor that changes each text of an event."""

    def process(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        return {
            key: change(value) if isinstance(value, str) else value for key, value in event.items()
        }

    return process


_redact = _each_text(partial(_TOKEN.sub, _REDACTED))
_printable_texts = _each_text(lambda text: printable_lines(text).replace("\n", "\n  "))
