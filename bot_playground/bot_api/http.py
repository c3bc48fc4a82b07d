"""Bot API over HTTP: tokens, parameters, injected faults and answers; file downloads."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from bot_playground.bot_api.errors import (
    BotApiError,
    Json,
    bad_request,
    too_large,
    too_many_requests,
)
from bot_playground.bot_api.methods import execute
from bot_playground.bot_api.parameters import canonical_name, read_parameters
from bot_playground.state.call_log import Call
from bot_playground.state.faults import Fault, FaultKind
from bot_playground.state.files import Upload
from bot_playground.state.world import World

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_ATTACH_SCHEME = "attach://"
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
    """Answer `/file/bot<token>/<path>` with the file of that `file_path`."""
    try:
        _check_token(world, request.match_info["token"])
        file = world.files.by_path(request.match_info["path"])
        if file is None:
            raise BotApiError(404, "Not Found")
        fault = world.faults.inject("file", None, now=world.now())
        if fault is not None and fault.kind in (FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER):
            return _drop_connection(request)
        if answer := _fault_answer(fault):
            return _response(answer)
    except BotApiError as error:
        return _response(_error_answer(error))
    return web.Response(body=file.upload.content, content_type="application/octet-stream")


async def respond(world: World, request: web.Request) -> web.StreamResponse:
    """Answer `/bot<token>/<method>`, and log the call with its answer."""
    call: Call | None = None
    fault: Fault | None = None
    try:
        _check_token(world, request.match_info["token"])
        method = canonical_name(request.match_info["method"])
        parameters = await _read_request(request)
        call = Call(method=method, parameters=parameters, chat_id=None, at=world.now())
        world.call_log.calls.append(call)
        call.parameters = read_parameters(method, parameters)
        chat_id = call.parameters.get("chat_id")
        if isinstance(chat_id, str):
            chat = world.chats.find(chat_id)
            chat_id = None if chat is None else chat.id
        call.chat_id = chat_id if isinstance(chat_id, int) else None
        fault = world.faults.inject(method, call.chat_id, now=world.now())
        if fault is not None and fault.kind is FaultKind.DROP_BEFORE:
            return _drop_connection(request)
        answer = _fault_answer(fault)
        if answer is None:
            result = {"ok": True, "result": await execute(world, call)}
            # In ASCII, as Telegram answers: half a surrogate pair has no other form.
            answer = _Answer(code=200, text=json.dumps(result))
    except BotApiError as error:
        answer = _error_answer(error)
    return await _send(world, request, answer, call=call, fault=fault)


def _check_token(world: World, token: str) -> None:
    if not _TOKEN.fullmatch(token):
        raise BotApiError(404, "Not Found")
    if token != world.token or world.is_token_revoked:
        raise BotApiError(401, "Unauthorized")


async def _read_request(request: web.Request) -> Json:
    """Return the parameters of the query and of the body, which wins; files are `Upload`s."""
    parameters: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError as error:
            raise bad_request("can't parse JSON object") from error
        if not isinstance(body, dict):
            raise bad_request("the body must be a JSON object")
        return parameters | body
    try:
        fields = await request.post()
    except web.HTTPRequestEntityTooLarge:
        raise too_large() from None
    for name, value in fields.items():
        if isinstance(value, web.FileField):
            parameters[name] = Upload(value.filename, value.file.read())
        else:
            parameters[name] = value
    return _resolve_attachments(parameters)


def _resolve_attachments(parameters: Json) -> Json:
    """Return the parameters with each `attach://name` replaced by the file field `name`."""
    attachments = {
        name: str(value).removeprefix(_ATTACH_SCHEME)
        for name, value in parameters.items()
        if str(value).startswith(_ATTACH_SCHEME)
    }
    field_names = set(attachments.values())
    others = {name: value for name, value in parameters.items() if name not in field_names}
    resolved = {
        name: parameters.get(field_name) or parameters[name]
        for name, field_name in attachments.items()
    }
    return others | resolved


def _fault_answer(fault: Fault | None) -> _Answer | None:
    """Return the answer of a fault that replaces that of the method; None if it does not."""
    if fault is None:
        return None
    match fault.kind:
        case FaultKind.RETRY_AFTER:
            raise too_many_requests(fault.retry_after)
        case FaultKind.SERVER_ERROR:
            raise BotApiError(500, "Internal Server Error")
        case FaultKind.REFUSAL:
            raise BotApiError(fault.code, fault.description)
        case FaultKind.BAD_GATEWAY:
            return _Answer(code=502, text=_BAD_GATEWAY, content_type="text/html")
        case _:
            return None


def _error_answer(error: BotApiError) -> _Answer:
    body: Json = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    retry_after = error.parameters.get("retry_after")
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return _Answer(code=error.code, text=json.dumps(body), headers=headers)


async def _send(
    world: World,
    request: web.Request,
    answer: _Answer,
    *,
    call: Call | None,
    fault: Fault | None,
) -> web.StreamResponse:
    """Write the answer and log it."""
    if call is not None:
        call.code = answer.code
        call.description = "" if answer.code == 200 else answer.text
    if fault is not None and fault.kind is FaultKind.DROP_AFTER:
        return _drop_connection(request)
    if fault is not None and fault.kind is FaultKind.DELAY:
        await asyncio.sleep(fault.seconds)
    response = _response(answer)
    if await _write(request, response) and call is not None:
        call.answered, call.answered_at = True, world.now()
    return response


async def _write(request: web.Request, response: web.Response) -> bool:
    """Write the response; return whether its last byte went to the socket."""
    try:
        await response.prepare(request)
        await response.write_eof()
    except ConnectionError:
        return False
    transport = request.transport
    if transport is None or transport.is_closing():
        return False
    return transport.get_write_buffer_size() == 0


def _response(answer: _Answer) -> web.Response:
    return web.Response(
        status=answer.code,
        text=answer.text,
        content_type=answer.content_type,
        headers=answer.headers,
    )


def _drop_connection(request: web.Request) -> web.Response:
    """Close the connection without a byte of answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=499)
