"""What can go wrong on purpose? Blocks, kicks, faults and limits, as JSON routes.

The shapes are in docs/playground.md.
"""

from dataclasses import fields as dataclass_fields

from aiohttp import web

from bot_playground.bot_api.errors import Json
from bot_playground.control import fields
from bot_playground.control.fields import FieldError, answer, read_body
from bot_playground.control.routes import STANDINGS
from bot_playground.people import actions
from bot_playground.state.chats import Person
from bot_playground.state.faults import Fault, Kind
from bot_playground.state.limits import Mode
from bot_playground.state.world import World

_TYPES: dict[str, tuple[type, ...]] = {
    "method": (str,),
    "chat_id": (int,),
    "times": (int,),
    "share": (int, float),
    "retry_after": (int,),
    "seconds": (int, float),
    "code": (int,),
    "description": (str,),
    "whole_bot": (bool,),
}
_KINDS = {kind.value: kind.name for kind in Kind}
_MODES = {mode.value: mode.name for mode in Mode}


async def block(world: World, request: web.Request) -> web.StreamResponse:
    """Block or unblock the bot."""
    body = await read_body(request)
    person = fields.person(world, body)
    actions.block(world, person, blocked=fields.truth(body, "blocked", default=True))
    return answer({})


async def deactivate(world: World, request: web.Request) -> web.StreamResponse:
    """Delete an account."""
    actions.deactivate(world, fields.person(world, await read_body(request)))
    return answer({})


async def kick(world: World, request: web.Request) -> web.StreamResponse:
    """Kick the bot out of a chat."""
    body = await read_body(request)
    actions.set_standing(world, fields.chat(world, body), "kicked", by=_doer(world, body))
    return answer({})


async def add(world: World, request: web.Request) -> web.StreamResponse:
    """Add, promote, demote or remove the bot."""
    body = await read_body(request)
    standing = STANDINGS[fields.choice(body, "status", STANDINGS, "member")]
    actions.set_standing(world, fields.chat(world, body), standing, by=_doer(world, body))
    return answer({})


async def migrate(world: World, request: web.Request) -> web.StreamResponse:
    """Turn a group into a supergroup."""
    heir = actions.migrate(world, fields.chat(world, await read_body(request)))
    return answer({"chat_id": heir.id})


async def add_fault(world: World, request: web.Request) -> web.StreamResponse:
    """Let something go wrong."""
    return answer({"fault_id": world.faults.add(_fault(await read_body(request)))})


async def faults(world: World, _: web.Request) -> web.StreamResponse:
    """List what goes wrong."""
    return answer([_fault_object(number, it) for number, it in world.faults.active.items()])


async def mend(world: World, request: web.Request) -> web.StreamResponse:
    """End all faults, or the one that `?fault_id=` names."""
    one = fields.number(request.query, "fault_id", 0)
    world.faults.mend(one or None)
    return answer({})


async def revoke(world: World, request: web.Request) -> web.StreamResponse:
    """Revoke the token, or make it good again."""
    world.is_revoked = fields.truth(await read_body(request), "revoked", default=True)
    return answer({})


async def limits(world: World, request: web.Request) -> web.StreamResponse:
    """Enforce the rate limits, or do not."""
    body = await read_body(request)
    world.limits.set_mode(Mode(fields.choice(body, "mode", _MODES, "on")))
    return answer({"mode": world.limits.mode})


async def report(world: World, _: web.Request) -> web.StreamResponse:
    """Count what happened."""
    more: Json = {
        "violations": world.limits.violations,
        "limits": world.limits.mode,
        "updates_waiting": len(world.updates.waiting),
    }
    return answer({**world.record.report(), **more})


def _doer(world: World, body: Json) -> Person | None:
    return fields.person(world, body) if "person_id" in body else None


def _fault(body: Json) -> Fault:
    kind = Kind(fields.choice(body, "kind", _KINDS, "retry_after"))
    unknown = sorted(set(body) - set(_TYPES) - {"kind"})
    if unknown:
        raise FieldError(f"A fault has no {unknown[0]}.")
    given = {name: value for name, value in body.items() if name != "kind" and value is not None}
    for name, value in given.items():
        if not isinstance(value, _TYPES[name]):
            raise FieldError(f"{name} has the wrong type.")
    return Fault(kind=kind, **given)  # type: ignore[arg-type]  # checked just above


def _fault_object(identifier: int, fault: Fault) -> Json:
    shown = {it.name: getattr(fault, it.name) for it in dataclass_fields(fault)}
    return {"fault_id": identifier, **shown}
