"""Control routes of the chat page: people, chats, messages, buttons, inline queries, events.

The JSON objects are documented in docs/playground.md.
"""

import json
from contextlib import aclosing
from urllib.parse import quote

from aiohttp import web

from bot_playground.bot_api.errors import Json
from bot_playground.bot_api.methods import bot_user
from bot_playground.control import fields
from bot_playground.control.fields import answer, read_body
from bot_playground.people import actions, inline
from bot_playground.state.chats import Chat, ChatType, MemberStatus, Person
from bot_playground.state.files import Upload
from bot_playground.state.world import World, bot_status

_CHAT_TYPES: dict[str, ChatType] = {
    "group": "group",
    "supergroup": "supergroup",
    "channel": "channel",
}
_TOPIC_CHANGES: dict[str, actions.Change] = {
    "close": "close",
    "reopen": "reopen",
    "delete": "delete",
}
STATUSES: dict[str, MemberStatus] = {
    "member": "member",
    "administrator": "administrator",
    "restricted": "restricted",
    "left": "left",
    "kicked": "kicked",
}


async def people(world: World, _: web.Request) -> web.StreamResponse:
    """List all people."""
    return answer([_person_object(world, person) for person in world.chats.people.values()])


async def add_person(world: World, request: web.Request) -> web.StreamResponse:
    """Add a person."""
    body = await read_body(request)
    person = world.chats.add_person(
        fields.text(body, "first_name"),
        language_code=fields.text(body, "language_code", "") or None,
        username=fields.text(body, "username", "") or None,
    )
    world.events.publish("person", {"person": _person_object(world, person)})
    return answer(_person_object(world, person))


async def chats(world: World, request: web.Request) -> web.StreamResponse:
    """List the chats of a person."""
    person = fields.person(world, request.query)
    return answer([_chat_object(world, chat, person) for chat in world.chats.visible_to(person.id)])


async def add_chat(world: World, request: web.Request) -> web.StreamResponse:
    """Create a chat and add the bot."""
    body = await read_body(request)
    type_ = _CHAT_TYPES[fields.choice(body, "type", _CHAT_TYPES, "group")]
    admins = fields.people(world, body, "admins")
    members = fields.people(world, body, "members")
    if not admins + members:
        raise fields.FieldError("A chat needs somebody in admins or members.")
    is_forum = fields.boolean(body, "is_forum", default=False)
    title = fields.text(body, "title")
    default = "administrator" if type_ == "channel" else "member"
    status = STATUSES[fields.choice(body, "bot_status", STATUSES, default)]
    chat = actions.create_chat(
        world,
        type_,
        title,
        admins=admins,
        members=members,
        is_forum=is_forum,
    )
    chat.username = fields.text(body, "username", "") or None
    actions.set_bot_status(world, chat, status)
    return answer(_chat_object(world, chat, (admins + members)[0]))


async def add_thread(world: World, request: web.Request) -> web.StreamResponse:
    """Create a topic of a forum."""
    body = await read_body(request)
    person, chat = fields.person(world, body), fields.chat(world, body)
    thread = actions.open_thread(world, person, chat, fields.text(body, "name"))
    return answer({"message_thread_id": thread})


async def change_thread(world: World, request: web.Request) -> web.StreamResponse:
    """Close, reopen or delete a topic of a forum."""
    body = await read_body(request)
    person, chat = fields.person(world, body), fields.chat(world, body)
    thread = fields.number(body, "message_thread_id", 0) or None
    change = _TOPIC_CHANGES[fields.choice(body, "change", _TOPIC_CHANGES, "close")]
    actions.change_thread(world, person, chat, thread, change)
    return answer({})


async def messages(world: World, request: web.Request) -> web.StreamResponse:
    """List the messages of a chat, from the one after `?since=`."""
    chat = fields.chat(world, request.match_info)
    since = fields.number(request.query, "since", 0)
    return answer([message.body for id_, message in sorted(chat.messages.items()) if id_ > since])


async def say(world: World, request: web.Request) -> web.StreamResponse:
    """Send a text message."""
    body = await read_body(request)
    message = actions.say(
        world,
        fields.person(world, body),
        fields.chat(world, body),
        fields.text(body, "text"),
        reply_to=fields.number(body, "reply_to_message_id", 0) or None,
        thread=fields.number(body, "message_thread_id", 0) or None,
    )
    return answer(message.body)


async def press(world: World, request: web.Request) -> web.StreamResponse:
    """Press an inline button."""
    body = await read_body(request)
    person, chat = fields.person(world, body), fields.chat(world, body)
    message = chat.messages.get(fields.number(body, "message_id"))
    if message is None:
        raise LookupError("There is no such message.")
    callback_query = actions.press(world, person, message, fields.text(body, "data"))
    return answer({"callback_query_id": callback_query.id})


async def events(world: World, request: web.Request) -> web.StreamResponse:
    """Stream events as server-sent events, after `Last-Event-ID` or `?since=`, else new ones."""
    last = request.headers.get("Last-Event-ID") or request.query.get("since", "")
    since = int(last) if last.isdecimal() else world.events.count
    response = web.StreamResponse(headers={"Cache-Control": "no-store"})
    response.content_type = "text/event-stream"
    response.charset = "utf-8"
    await response.prepare(request)
    await response.write(b": what changes, from now on\n\n")
    async with aclosing(world.events.watch(since=since)) as feed:
        async for number, event in feed:
            data = json.dumps(event, ensure_ascii=False)
            await response.write(f"id: {number}\ndata: {data}\n\n".encode())
    return response


async def commands(world: World, request: web.Request) -> web.StreamResponse:
    """Return the command menu of a person in a chat."""
    person, chat = fields.person(world, request.query), fields.chat(world, request.query)
    return answer(world.profile.menu(chat, person.id, _language(person.language_code)))


async def bot(world: World, request: web.Request) -> web.StreamResponse:
    """Return the bot's profile in the language of a person, or in `?language_code=`."""
    language: str | None = request.query.get("language_code")
    if "person_id" in request.query:
        language = fields.person(world, request.query).language_code
    texts = {
        name: world.profile.text(name, _language(language))
        for name in ("name", "description", "short_description")
    }
    return answer(
        {"id": world.bot.id, "username": world.bot.username, **texts, "me": bot_user(world)}
    )


async def send_document(world: World, request: web.Request) -> web.StreamResponse:
    """Send a file: the body is its content, the query has all else."""
    query = request.query
    message = actions.send_document(
        world,
        fields.person(world, query),
        fields.chat(world, query),
        Upload(fields.text(query, "name"), await request.read(), query.get("mime_type", "")),
        caption=query.get("caption", ""),
        thread=fields.number(query, "message_thread_id", 0) or None,
    )
    return answer(message.body)


async def file(world: World, request: web.Request) -> web.StreamResponse:
    """Download a file that was sent; browsers save it and never render it."""
    file = world.files.by_id.get(request.match_info["file_id"])
    if file is None:
        raise LookupError("There is no such file.")
    name = quote(file.upload.name, safe="")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "X-Content-Type-Options": "nosniff",
    }
    body = file.upload.content
    return web.Response(body=body, content_type="application/octet-stream", headers=headers)


async def ask_inline(world: World, request: web.Request) -> web.StreamResponse:
    """Type "@bot text" in a chat."""
    body = await read_body(request)
    query = inline.send_inline_query(
        world,
        fields.person(world, body),
        fields.chat(world, body),
        fields.text(body, "query", ""),
        offset=fields.text(body, "offset", ""),
    )
    return answer({"inline_query_id": query.id, "answer": query.answer})


async def choose_inline(world: World, request: web.Request) -> web.StreamResponse:
    """Choose a result of an inline query."""
    body = await read_body(request)
    query = world.inline.queries.get(fields.text(body, "inline_query_id"))
    if query is None:
        raise LookupError("There is no such query.")
    message = inline.choose_inline_result(
        world,
        fields.person(world, body),
        query,
        fields.text(body, "result_id"),
        thread=fields.number(body, "message_thread_id", 0) or None,
    )
    return answer(message.body)


def _person_object(world: World, person: Person) -> Json:
    return {
        "id": person.id,
        "first_name": person.first_name,
        "username": person.username,
        "language_code": person.language_code,
        "is_deactivated": person.id in world.chats.deactivated,
    }


def _chat_object(world: World, chat: Chat, person: Person) -> Json:
    is_private = chat.type == "private"
    is_admin = is_private or chat.is_admin(person.id)
    blocked = is_private and person.id in world.chats.blocked
    # General comes first and has no id.
    topics = [(None, chat.general), *chat.threads.items()] if chat.is_forum else []
    is_writer = is_admin or chat.type != "channel"
    return {
        "id": chat.id,
        "type": chat.type,
        "title": world.profile.text("name", "") if is_private else chat.title,
        "is_admin": is_admin,
        "is_forum": chat.is_forum,
        "topics": [
            {"message_thread_id": thread_id, "name": topic.name, "is_closed": topic.is_closed}
            for thread_id, topic in topics
        ],
        "bot_blocked": blocked,
        "bot_status": bot_status(world, chat),
        "can_write": is_writer and not blocked and person.id not in world.chats.deactivated,
        "last_message_id": chat.last_message_id(),
    }


def _language(code: str | None) -> str:
    """Return the primary language of a code such as `uk-UA`."""
    return (code or "").partition("-")[0].lower()
