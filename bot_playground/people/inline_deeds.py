"""How do people use the bot in any chat? By "@bot words", results, and the one they choose."""

from bot_playground.bot_api.errors import Json, bad_request
from bot_playground.people.inline import checked_offer
from bot_playground.people.messages import ActionError, check_writer, write
from bot_playground.state.call_log import Call
from bot_playground.state.chats import Chat, ChatMessage, Person
from bot_playground.state.inline import Query
from bot_playground.state.world import World

# Telegram names no number; after some ten seconds nobody looks any more, and answers are refused.
_ANSWER_WITHIN = 10.0
_USUAL_CACHE = 300
MAX_WORDS = 256
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def ask(world: World, person: Person, chat: Chat, words: str, *, offset: str = "") -> Query:
    """Type "@bot words" in a chat, and queue the query unless its answer is remembered.

    `offset` asks for what comes after the results that are shown.

    Raises:
        ActionError: if the person cannot write there, or the bot has no inline mode.
    """
    check_writer(world, person, chat)
    if not world.inline.is_on:
        raise ActionError("The bot has no inline mode.")
    words = words.strip()[:MAX_WORDS]
    query = world.inline.open(person.id, chat.id, words, offset, at=world.now())
    if query.answer is None:
        is_own = chat.id == person.id
        update: Json = {
            "id": query.id,
            "from": person.user(),
            "query": words,
            "offset": offset,
            "chat_type": "sender" if is_own else chat.type,
        }
        world.updates.add("inline_query", update)
    return query


def choose(
    world: World, person: Person, query: Query, result_id: str, *, thread: int | None = None
) -> ChatMessage:
    """Send what a result holds, "via @bot", to the chat where it was asked for.

    Raises:
        ActionError: if it was not offered to this person, or cannot be sent there.
    """
    result = query.result(result_id) if query.person_id == person.id else None
    if result is None:
        raise ActionError("There is no such result.")
    message = result["message"]
    assert isinstance(message, dict)
    content: Json = {**message, "via_bot": world.bot.user()}
    return write(world, person, world.chats.chats[query.chat_id], content, thread=thread)


def answer_inline_query(world: World, parameters: Json, _: Call) -> bool:
    """Show the results to whoever asked; each query is answered once, and soon."""
    query = world.inline.queries.get(str(parameters["inline_query_id"]))
    if query is None or query.answer is not None or world.now() - query.at > _ANSWER_WITHIN:
        raise bad_request(_TOO_OLD)
    answer = checked_offer(parameters)
    cache_time = parameters.get("cache_time", _USUAL_CACHE)
    assert isinstance(cache_time, int)
    world.inline.remember(
        query,
        answer,
        until=world.now() + cache_time,
        is_personal=parameters.get("is_personal") is True,
    )
    world.events.publish("inline_answer", {"inline_query_id": query.id, **answer})
    return True
