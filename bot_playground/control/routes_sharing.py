"""How does the chat page send files, and use the bot inline? As JSON routes.

The shapes are in docs/playground.md.
"""

from urllib.parse import quote

from aiohttp import web

from bot_playground.control import fields
from bot_playground.control.fields import answer, read_body
from bot_playground.people import actions, inline_deeds
from bot_playground.state.files import Upload
from bot_playground.state.world import World


async def send_document(world: World, request: web.Request) -> web.StreamResponse:
    """Send a file: the body as it is; all else stands in the address."""
    given = request.query
    message = actions.send_document(
        world,
        fields.person(world, given),
        fields.chat(world, given),
        Upload(fields.text(given, "name"), await request.read(), given.get("mime_type", "")),
        caption=given.get("caption", ""),
        thread=fields.number(given, "message_thread_id", 0) or None,
    )
    return answer(message.body)


async def file(world: World, request: web.Request) -> web.StreamResponse:
    """Give out a file that was sent, to be saved and never to be shown."""
    found = world.files.by_id.get(request.match_info["file_id"])
    if found is None:
        raise LookupError("There is no such file.")
    name = quote(found.upload.name, safe="")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "X-Content-Type-Options": "nosniff",
    }
    body = found.upload.content
    return web.Response(body=body, content_type="application/octet-stream", headers=headers)


async def ask_inline(world: World, request: web.Request) -> web.StreamResponse:
    """Type "@bot words" in a chat."""
    body = await read_body(request)
    query = inline_deeds.ask(
        world,
        fields.person(world, body),
        fields.chat(world, body),
        fields.text(body, "query", ""),
        offset=fields.text(body, "offset", ""),
    )
    return answer({"inline_query_id": query.id, "answer": query.answer})


async def choose_inline(world: World, request: web.Request) -> web.StreamResponse:
    """Send a result of an inline query."""
    body = await read_body(request)
    query = world.inline.queries.get(fields.text(body, "inline_query_id"))
    if query is None:
        raise LookupError("There is no such query.")
    message = inline_deeds.choose(
        world,
        fields.person(world, body),
        query,
        fields.text(body, "result_id"),
        thread=fields.number(body, "message_thread_id", 0) or None,
    )
    return answer(message.body)
