"""How does a call reach its method, and how does the answer get back? The Bot API over HTTP."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from bot_playground.bot_api.errors import (
    Json,
    RefusalError,
    bad_request,
    too_large,
    too_many_requests,
)
from bot_playground.bot_api.methods import carry_out
from bot_playground.bot_api.parameters import canonical_name, read_parameters
from bot_playground.state.call_log import Call
from bot_playground.state.faults import Fault, Kind
from bot_playground.state.files import Upload
from bot_playground.state.world import World

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_ATTACH = "attach://"
_BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    code: int
    text: str
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


async def download(world: World, request: web.Request) -> web.StreamResponse:
    """Answer `/file/bot<token>/<path>` with what `getFile` has told of."""
    try:
        _check_token(world, request.match_info["token"])
        file = world.files.at(request.match_info["path"])
        if file is None:
            raise RefusalError(404, "Not Found")
        fault = world.faults.strike("file", None, now=world.now())
        if fault is not None and fault.kind in (Kind.TORN_BEFORE, Kind.TORN_AFTER):
            return _torn(request)
        if answer := _failed(fault):
            return _response(answer)
    except RefusalError as refusal:
        return _response(_refused(refusal))
    return web.Response(body=file.upload.content, content_type="application/octet-stream")


async def respond(world: World, request: web.Request) -> web.StreamResponse:
    """Answer `/bot<token>/<method>`; record the call, and whether its answer was written whole."""
    call: Call | None = None
    fault: Fault | None = None
    try:
        _check_token(world, request.match_info["token"])
        method = canonical_name(request.match_info["method"])
        given = await _given(request)
        call = Call(method=method, parameters=given, chat_id=None, at=world.now())
        world.record.calls.append(call)
        call.parameters = read_parameters(method, given)
        call.chat_id = _chat_id(world, call.parameters)
        fault = world.faults.strike(method, call.chat_id, now=world.now())
        if fault is not None and fault.kind is Kind.TORN_BEFORE:
            return _torn(request)
        answer = _failed(fault) or _ok(await carry_out(world, call))
    except RefusalError as refusal:
        answer = _refused(refusal)
    return await _finish(world, request, answer, call=call, fault=fault)


def _check_token(world: World, token: str) -> None:
    if not _TOKEN.fullmatch(token):
        raise RefusalError(404, "Not Found")
    if token != world.token or world.is_revoked:
        raise RefusalError(401, "Unauthorized")


async def _given(request: web.Request) -> Json:
    """Return the parameters of the address and of the body; the body's win."""
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError as error:
            raise bad_request("can't parse JSON object") from error
        if not isinstance(body, dict):
            raise bad_request("the body must be a JSON object")
        return given | body
    try:
        fields = await request.post()
    except web.HTTPRequestEntityTooLarge:
        raise too_large() from None
    for name, value in fields.items():
        given[name] = _upload(value) if isinstance(value, web.FileField) else value
    return _attached(given)


def _upload(field: web.FileField) -> Upload:
    return Upload(field.filename, field.file.read())


def _attached(given: Json) -> Json:
    """Return the parameters with their files in place of the names of these."""
    names = {
        name: str(value).removeprefix(_ATTACH)
        for name, value in given.items()
        if str(value).startswith(_ATTACH)
    }
    files = {attached: given.get(attached) for attached in names.values()}
    kept = {name: value for name, value in given.items() if name not in files}
    return kept | {name: files[attached] or given[name] for name, attached in names.items()}


def _chat_id(world: World, parameters: Json) -> int | None:
    chat_id = parameters.get("chat_id")
    if isinstance(chat_id, str):
        chat = world.chats.find(chat_id)
        return None if chat is None else chat.id
    return chat_id if isinstance(chat_id, int) else None


def _failed(fault: Fault | None) -> _Answer | None:
    """Return the answer of a fault that answers instead of the method."""
    if fault is None:
        return None
    match fault.kind:
        case Kind.RETRY_AFTER:
            raise too_many_requests(fault.retry_after)
        case Kind.SERVER_ERROR:
            raise RefusalError(500, "Internal Server Error")
        case Kind.REFUSAL:
            raise RefusalError(fault.code, fault.description)
        case Kind.BAD_GATEWAY:
            return _Answer(code=502, text=_BAD_GATEWAY, content_type="text/html")
        case _:
            return None


def _ok(result: object) -> _Answer:
    text = json.dumps({"ok": True, "result": result}, ensure_ascii=False)
    return _Answer(code=200, text=text)


def _refused(refusal: RefusalError) -> _Answer:
    body: Json = {
        "ok": False,
        "error_code": refusal.code,
        "description": refusal.description,
    }
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    wait = refusal.parameters.get("retry_after")
    headers = {} if wait is None else {"Retry-After": str(wait)}
    return _Answer(code=refusal.code, text=json.dumps(body), headers=headers)


async def _finish(
    world: World,
    request: web.Request,
    answer: _Answer,
    *,
    call: Call | None,
    fault: Fault | None,
) -> web.StreamResponse:
    if call is not None:
        call.code = answer.code
        call.description = "" if answer.code == 200 else answer.text
    if fault is not None and fault.kind is Kind.TORN_AFTER:
        return _torn(request)
    if fault is not None and fault.kind is Kind.DELAY:
        await asyncio.sleep(fault.seconds)
    response = _response(answer)
    if await _written(request, response) and call is not None:
        call.answered, call.answered_at = True, world.now()
    return response


def _response(answer: _Answer) -> web.Response:
    return web.Response(
        status=answer.code,
        text=answer.text,
        content_type=answer.content_type,
        headers=answer.headers,
    )


async def _written(request: web.Request, response: web.Response) -> bool:
    """Write the answer; return whether the last byte of it went to the socket."""
    try:
        await response.prepare(request)
        await response.write_eof()
    except ConnectionError:
        return False
    transport = request.transport
    if transport is None or transport.is_closing():
        return False
    return transport.get_write_buffer_size() == 0


def _torn(request: web.Request) -> web.Response:
    """End the connection without a byte of answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=499)
