"""Log configuration: structlog on standard error, text or JSON, with bot tokens redacted."""

import logging
import re
import sys
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# A bot's token: aiohttp's errors name URLs, and those of the Bot API contain it.
_TOKEN = re.compile(r"\b(?:bot)?\d{5,}:[A-Za-z0-9_-]{20,}")
_REDACTED = "<token>"

# Loggers that print URLs and texts at INFO and below.
_VERBOSE_LOGGERS = ("aiogram", "aiohttp", "aiosqlite", "asyncio")


def set_up_logs(form: Literal["text", "json"]) -> None:
    """Log from INFO up to standard error, a line a record; only JSON has the `extra` fields."""
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    fields: list[Processor] = [structlog.stdlib.ExtraAdder()] if form == "json" else []
    common: list[Processor] = [
        *fields,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:%M:%SZ", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=common,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in _VERBOSE_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


def redact(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Replace any bot token in the event by `<token>`; a structlog processor."""
    return {
        key: _TOKEN.sub(_REDACTED, value) if isinstance(value, str) else value
        for key, value in event.items()
    }
