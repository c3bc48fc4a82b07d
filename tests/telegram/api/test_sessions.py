import asyncio
import gc
import json
import weakref
from http import HTTPStatus
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramBadRequest
from aiogram.methods import (
    EditMessageText,
    GetChat,
    GetChatMember,
    GetMe,
    Response,
    SendDocument,
    SendMessage,
    TelegramMethod,
)

from bot.telegram.api.sessions import LenientSession, MessageIdSession

BOT = Bot("42:TEST")
HOLOGRAM = {"type": "hologram"}
SEND = SendMessage(chat_id=1, text="Hi")
SESSIONS = pytest.mark.parametrize("session", [LenientSession, MessageIdSession])
SENDING = pytest.mark.parametrize(
    "method",
    [SEND, SendDocument(chat_id=1, document="f"), EditMessageText(text="Hi")],
    ids=lambda method: method.__api_method__,
)


class UnusualCall(TelegramMethod[list[bool]]):
    """A call whose answer no other test reads."""

    __returning__ = list[bool]
    __api_method__ = "none"


def answer(session: type[LenientSession], method: TelegramMethod[Any], **content: object) -> Any:
    text = json.dumps(content)
    return session().check_response(BOT, method, HTTPStatus.OK, text).result


@SESSIONS
@SENDING
@pytest.mark.parametrize(
    "rest", [{}, {"chat": HOLOGRAM}, {"chat": {"id": 1, "type": "private"}, "paid_media": HOLOGRAM}]
)
async def test_a_message_whose_answer_holds_its_id_was_sent(
    session: type[LenientSession], method: TelegramMethod[Any], rest: dict[str, Any]
) -> None:
    assert answer(session, method, ok=True, result={"message_id": 9, **rest}).message_id == 9


@SESSIONS
@SENDING
async def test_an_answer_without_an_id_is_unreadable(
    session: type[LenientSession], method: TelegramMethod[Any]
) -> None:
    with pytest.raises(ClientDecodeError):
        answer(session, method, ok=True, result={"message_id": "hologram"})


@SESSIONS
async def test_a_chat_is_read_whatever_reactions_it_allows(session: type[LenientSession]) -> None:
    chat = {"id": -1, "type": "channel", "title": "News", "available_reactions": [HOLOGRAM]}
    found = answer(session, GetChat(chat_id=-1), ok=True, result=chat)
    assert (found.id, found.type, found.title) == (-1, "channel", "News")


@SESSIONS
@pytest.mark.parametrize("status", ["administrator", "restricted", "hologram"])
async def test_a_member_is_read_by_status_and_the_rights_that_came(
    session: type[LenientSession], status: str
) -> None:
    member = {"status": status, "can_post_messages": True}
    found = answer(session, GetChatMember(chat_id=-1, user_id=42), ok=True, result=member)
    assert (found.status, found.can_post_messages) == (status, True)


@SESSIONS
async def test_the_bot_itself_is_read_by_its_id_and_name(session: type[LenientSession]) -> None:
    me = {"id": 42, "username": "readalso_bot", "can_join_groups": "hologram"}
    found = answer(session, GetMe(), ok=True, result=me)
    assert (found.id, found.username) == (42, "readalso_bot")


@SESSIONS
async def test_a_refusal_stays_a_refusal(session: type[LenientSession]) -> None:
    content = json.dumps({"ok": False, "error_code": 400, "description": "Bad Request: chat"})
    with pytest.raises(TelegramBadRequest):
        session().check_response(BOT, SEND, HTTPStatus.BAD_REQUEST, content)


async def test_the_type_of_a_response_is_built_once_for_all_calls() -> None:
    """pydantic holds it weakly, and to build it takes tens of milliseconds of the event loop."""
    answer(LenientSession, UnusualCall(), ok=True, result=[True])
    built = weakref.ref(Response[list[bool]])
    gc.collect()
    assert built() is not None


async def test_a_session_is_closed_without_a_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    session = LenientSession()
    await session.create_session()

    async def sleep(seconds: float) -> None:
        raise AssertionError(f"slept for {seconds} s")

    monkeypatch.setattr(asyncio, "sleep", sleep)
    await session.close()
    await session.close()
