"""Control routes for failures: blocks, member status, injected faults, rate limits, the report.

The JSON objects are documented in docs/playground.md.
"""

from dataclasses import asdict

from aiohttp import web

from bot_playground.bot_api.errors import Json
from bot_playground.control import fields
from bot_playground.control.fields import FieldError, answer, read_body
from bot_playground.control.routes import STATUSES
from bot_playground.people import actions
from bot_playground.state.chats import Person
from bot_playground.state.faults import Fault, FaultKind
from bot_playground.state.limits import LimitMode
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
_KINDS = {kind.value: kind.name for kind in FaultKind}
_MODES = {mode.value: mode.name for mode in LimitMode}


async def block(world: World, request: web.Request) -> web.StreamResponse:
    """Block or unblock the bot."""
    body = await read_body(request)
    person = fields.person(world, body)
    actions.block(world, person, blocked=fields.boolean(body, "blocked", default=True))
    return answer({})


async def deactivate(world: World, request: web.Request) -> web.StreamResponse:
    """Delete an account."""
    actions.deactivate(world, fields.person(world, await read_body(request)))
    return answer({})


async def kick(world: World, request: web.Request) -> web.StreamResponse:
    """Kick the bot out of a chat."""
    body = await read_body(request)
    actions.set_bot_status(world, fields.chat(world, body), "kicked", by=_actor(world, body))
    return answer({})


async def add(world: World, request: web.Request) -> web.StreamResponse:
    """Add, promote, demote or remove the bot."""
    body = await read_body(request)
    status = STATUSES[fields.choice(body, "status", STATUSES, "member")]
    actions.set_bot_status(world, fields.chat(world, body), status, by=_actor(world, body))
    return answer({})


async def migrate(world: World, request: web.Request) -> web.StreamResponse:
    """Migrate a group to a supergroup."""
    supergroup = actions.migrate(world, fields.chat(world, await read_body(request)))
    return answer({"chat_id": supergroup.id})


async def add_fault(world: World, request: web.Request) -> web.StreamResponse:
    """Inject a fault."""
    return answer({"fault_id": world.faults.add(_parse_fault(await read_body(request)))})


async def faults(world: World, _: web.Request) -> web.StreamResponse:
    """List the active faults."""
    return answer(
        [{"fault_id": fault_id, **asdict(fault)} for fault_id, fault in world.faults.active.items()]
    )


async def clear_faults(world: World, request: web.Request) -> web.StreamResponse:
    """End all faults, or the one in `?fault_id=`."""
    world.faults.clear_faults(fields.number(request.query, "fault_id", 0) or None)
    return answer({})


async def revoke(world: World, request: web.Request) -> web.StreamResponse:
    """Revoke the token, or restore it."""
    world.is_token_revoked = fields.boolean(await read_body(request), "revoked", default=True)
    return answer({})


async def limits(world: World, request: web.Request) -> web.StreamResponse:
    """Switch the rate limits."""
    body = await read_body(request)
    world.limits.set_mode(LimitMode(fields.choice(body, "mode", _MODES, "on")))
    return answer({"mode": world.limits.mode})


async def report(world: World, _: web.Request) -> web.StreamResponse:
    """Return counts of calls, messages and pending updates."""
    more: Json = {
        "violations": world.limits.violations,
        "limits": world.limits.mode,
        "updates_waiting": len(world.updates.pending),
    }
    return answer({**world.call_log.report(), **more})


def _actor(world: World, body: Json) -> Person | None:
    return fields.person(world, body) if "person_id" in body else None


def _parse_fault(body: Json) -> Fault:
    kind = FaultKind(fields.choice(body, "kind", _KINDS, "retry_after"))
    unknown = sorted(set(body) - set(_TYPES) - {"kind"})
    if unknown:
        raise FieldError(f"A fault has no {unknown[0]}.")
    values = {name: value for name, value in body.items() if name != "kind" and value is not None}
    for name, value in values.items():
        if not isinstance(value, _TYPES[name]):
            raise FieldError(f"{name} has the wrong type.")
    return Fault(kind=kind, **values)  # type: ignore[arg-type]  # checked just above
