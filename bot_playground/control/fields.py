"""Fields of control requests, checked, and JSON answers."""

import json
from collections.abc import Mapping

from aiohttp import web

from bot_playground.bot_api.errors import Json
from bot_playground.state.chats import Chat, Person
from bot_playground.state.world import World


class FieldError(Exception):
    """A field is missing or wrong; the message names it."""


async def read_body(request: web.Request) -> Json:
    """Return the request's JSON object; an empty body is an empty object.

    Raises:
        FieldError: if the body is something else.
    """
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError as error:
        raise FieldError("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise FieldError("The body must be a JSON object.")
    return body


def answer(value: object) -> web.Response:
    """Return a JSON response."""
    text = json.dumps(value, ensure_ascii=False)
    headers = {"Cache-Control": "no-store"}
    return web.Response(text=text, content_type="application/json", headers=headers)


def text(fields: Mapping[str, object], name: str, default: str | None = None) -> str:
    """Return a non-empty text, or the default."""
    value = fields.get(name)
    if value in (None, "") and default is not None:
        return default
    if not isinstance(value, str) or not value:
        raise FieldError(f"{name} must be a text.")
    return value


def number(fields: Mapping[str, object], name: str, default: int | None = None) -> int:
    """Return an integer, also from the digits of a query string, or the default."""
    value = fields.get(name)
    if value is None and default is not None:
        return default
    if isinstance(value, str) and value.removeprefix("-").isdecimal():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise FieldError(f"{name} must be a whole number.")
    return value


def boolean(fields: Mapping[str, object], name: str, *, default: bool) -> bool:
    """Return a boolean, or the default."""
    value = fields.get(name, default)
    if not isinstance(value, bool):
        raise FieldError(f"{name} must be true or false.")
    return value


def choice(
    fields: Mapping[str, object], name: str, allowed: Mapping[str, str], default: str
) -> str:
    """Return a text that is a key of `allowed`, or the default."""
    value = text(fields, name, default)
    if value not in allowed:
        raise FieldError(f"{name} is one of: {', '.join(allowed)}.")
    return value


def person(world: World, fields: Mapping[str, object], name: str = "person_id") -> Person:
    """Return the person with this id.

    Raises:
        LookupError: if there is none.
    """
    person = world.chats.people.get(number(fields, name))
    if person is None:
        raise LookupError("There is no such person.")
    return person


def people(world: World, fields: Mapping[str, object], name: str) -> tuple[Person, ...]:
    """Return the people in a list of ids, in its order."""
    ids = fields.get(name, [])
    if not isinstance(ids, list):
        raise FieldError(f"{name} must be a list of ids.")
    return tuple(person(world, {"id": person_id}, "id") for person_id in ids)


def chat(world: World, fields: Mapping[str, object]) -> Chat:
    """Return the chat with the id `chat_id`.

    Raises:
        LookupError: if there is none.
    """
    chat = world.chats.find(number(fields, "chat_id"))
    if chat is None:
        raise LookupError("There is no such chat.")
    return chat
