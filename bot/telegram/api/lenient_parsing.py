"""Lenient parsing of Telegram's objects: only what the bot uses is required of them.

Telegram adds kinds, fields and tags between releases of aiogram, and leaves out fields that
aiogram's models demand. An object that fails as a whole is parsed field by field: a field that
fails is absent. Objects that the bot does not read must satisfy aiogram or are absent as a whole.
"""

import logging
from collections.abc import Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from aiogram import Bot, types
from aiogram.types.base import TelegramObject
from aiogram.types.update import UpdateTypeLookupError
from pydantic import TypeAdapter, ValidationError

from bot.errors import UnreadableError
from bot.telegram.lazy_types import fields_of
from bot.text.safe import loads

log = logging.getLogger(__name__)

# The objects that the bot reads, and the fields of each that it cannot do without. Classes that
# inherit from them are read alike.
_REQUIRED: Mapping[type[TelegramObject], frozenset[str]] = {
    types.Update: frozenset({"update_id"}),
    types.Message: frozenset({"message_id", "chat"}),
    types.InaccessibleMessage: frozenset({"message_id", "chat"}),
    types.Chat: frozenset({"id", "type"}),
    types.User: frozenset({"id"}),
    types.CallbackQuery: frozenset({"id", "from_user"}),
    types.InlineQuery: frozenset({"id", "from_user"}),
    types.ChosenInlineResult: frozenset({"result_id", "from_user"}),
    types.ChatMemberUpdated: frozenset({"chat", "new_chat_member"}),
    types.Document: frozenset({"file_id"}),
    types.File: frozenset({"file_id"}),
    types.WebhookInfo: frozenset({"url"}),
    types.InlineKeyboardMarkup: frozenset({"inline_keyboard"}),
    types.InlineKeyboardButton: frozenset({"text"}),
}
# What a field holds that aiogram demands, the bot does not need, and Telegram left out.
_NEUTRAL: Mapping[object, object] = {str: "", bool: False, int: 0}

# After 0, the date of a message that is too old to be seen.
_SOME_DATE = 1


def load_update(content: str, bot: Bot) -> types.Update:
    """Return the update that the JSON holds.

    Raises:
        UnreadableError: if its kind is unknown to aiogram, or it lacks what the bot needs.
    """
    # aiogram takes a message without a date for one that is too old to be edited.
    raw = loads(
        content,
        object_hook=lambda value: (
            {"date": _SOME_DATE, **value} if {"message_id", "chat"} <= value.keys() else value
        ),
    )
    update: types.Update = parse(types.Update, raw, bot)
    try:
        # Checked here, since aiogram's own warning prints the whole update.
        _ = update.event_type
    except UpdateTypeLookupError:
        raise UnreadableError("unknown kind") from None
    return update


def parse(annotation: Any, raw: object, bot: Bot) -> Any:
    """Return the JSON value as the type that an aiogram model or method names.

    Raises:
        UnreadableError: if the bot cannot do without what is missing or unknown.
    """
    try:
        return _validator(annotation).validate_python(raw, context={"bot": bot})
    except ValidationError:
        return _parse_leniently(annotation, raw, bot, path="")


@cache
def _validator(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


def _parse_leniently(annotation: Any, raw: object, bot: Bot, *, path: str) -> Any:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _parse_leniently(arguments[0], raw, bot, path=path)
    if origin in (Union, UnionType):
        return _parse_union(arguments, raw, bot, path=path)
    if origin is list and isinstance(raw, list):
        return _parse_list(arguments[0], raw, bot, path=path)
    # The fields that the bot needs of a model; None if it does not read such objects.
    bases = getattr(annotation, "__mro__", ())
    required = next((_REQUIRED[base] for base in bases if base in _REQUIRED), None)
    if isinstance(raw, dict) and required is not None:
        return _parse_fields(annotation, raw, bot, required=required, path=path)
    try:
        return _validator(annotation).validate_python(raw, context={"bot": bot})
    except ValidationError as error:
        first, *_ = error.errors(include_input=False, include_context=False)
        where = ".".join(filter(None, [path, *map(str, first["loc"])]))
        raise UnreadableError(f"{where}: {first['type']}") from None


def _parse_union(choices: tuple[Any, ...], raw: object, bot: Bot, *, path: str) -> Any:
    if raw is None and NoneType in choices:
        return None
    models = [choice for choice in choices if choice is not NoneType]
    if all(_is_model(model, types.ChatMember) for model in models):
        # Its status and its rights, as they came, tell enough.
        if isinstance(raw, dict) and isinstance(raw.get("status"), str):
            return types.ChatMember.model_validate(raw, context={"bot": bot})
        raise UnreadableError(f"{path}.status: missing")
    problem = UnreadableError(f"{path}: unknown type")
    for model in sorted(models, key=lambda model: not _has_tag_of(model, raw)):
        try:
            return _parse_leniently(model, raw, bot, path=path)
        except UnreadableError as error:
            problem = error
    raise problem


def _parse_list(item: Any, raw: list[object], bot: Bot, *, path: str) -> list[Any]:
    parsed = []
    for value in raw:
        try:
            parsed.append(_parse_leniently(item, value, bot, path=path))
        except UnreadableError as error:
            log.debug("an item of a list is passed over: %s", error)
    return parsed


def _parse_fields(
    model: type[TelegramObject],
    raw: Mapping[str, object],
    bot: Bot,
    *,
    required: frozenset[str],
    path: str,
) -> TelegramObject:
    values: dict[str, Any] = {}
    for name, info in fields_of(model).items():
        key = info.alias or name
        where = f"{path}.{key}".lstrip(".")
        try:
            if key in raw:
                values[name] = _parse_leniently(info.annotation, raw[key], bot, path=where)
                continue
            if name in required:
                raise UnreadableError(f"{where}: missing")
        except UnreadableError as error:
            # An update is nothing without its event.
            if name in required or model is types.Update:
                raise
            log.debug("a field is passed over: %s", error)
        if info.is_required():
            is_list = get_origin(info.annotation) is list
            values[name] = [] if is_list else _NEUTRAL.get(info.annotation)
    return model.model_construct(**values).as_(bot)


def _has_tag_of(annotation: Any, raw: object) -> bool:
    """Return whether a field of the model allows one value only, and the object has this value."""
    return (
        isinstance(raw, dict)
        and _is_model(annotation, TelegramObject)
        and any(
            get_origin(info.annotation) is Literal and raw.get(name) in get_args(info.annotation)
            for name, info in fields_of(annotation).items()
        )
    )


def _is_model(annotation: Any, base: type[TelegramObject]) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, base)
