from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramRetryAfter
from aiogram.methods import GetMe
from aiogram.types import MessageId

from bot.errors import SetupError
from bot.model import (
    ChatGone,
    ChatId,
    ChatMigrated,
    OutgoingMessage,
    Rejected,
    ReplyTo,
    RetryLater,
    SendOutcome,
    Sent,
    StoryButtons,
    StoryId,
    ThreadClosed,
    ThreadId,
    Unanswered,
)
from bot.telegram.api.client import open_delivery_bot
from bot.telegram.api.send import edit, send
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.state.chats import Chat, Person
from bot_playground.state.faults import Fault, FaultKind
from tests.support.bot_session import FakeSession
from tests.support.fakes import TOKEN

URL = "https://courier.example/bridge"
STORY = OutgoingMessage(
    text="<b>Bridge opens</b>",
    preview=URL,
    buttons=StoryButtons(
        story_id=StoryId(7),
        title="Bridge opens",
        url=URL,
        source_count=2,
        link_count=0,
        kind="private",
    ),
)


@pytest.fixture
def ann(telegram: FakeTelegram) -> Person:
    person = telegram.person("Ann", language="en")
    telegram.say(person, "/start")
    return person


async def post(bot: Bot, where: Person | Chat, text: str = "<b>Bridge opens</b>") -> SendOutcome:
    return await send(bot, ChatId(where.id), OutgoingMessage(text=text, preview=URL))


async def test_an_accepted_message_is_sent(bot: Bot, telegram: FakeTelegram, ann: Person) -> None:
    outcome = await post(bot, ann)
    (message,) = telegram.messages(ann, of_bot=True)
    assert outcome == Sent(message.id)
    assert message.text == "Bridge opens"


@pytest.mark.parametrize("is_html", [True, False])
async def test_a_story_has_its_buttons_as_html_and_as_plain_text(
    bot: Bot, telegram: FakeTelegram, ann: Person, is_html: bool
) -> None:
    message = replace(STORY, is_html=is_html)
    assert isinstance(await send(bot, ChatId(ann.id), message), Sent)
    (sent,) = telegram.messages(ann, of_bot=True)
    assert sent.buttons == (("🔖 Save", "🗞 2 sources", "⋯"),)
    assert "menu:7" in str(sent.body["reply_markup"])
    assert len(telegram.calls("getMe")) == 1


async def test_an_edit_keeps_the_buttons(bot: Bot, telegram: FakeTelegram, ann: Person) -> None:
    outcome = await send(bot, ChatId(ann.id), STORY)
    assert isinstance(outcome, Sent)
    assert STORY.buttons is not None
    grown = replace(STORY, text="Bridge is open", buttons=replace(STORY.buttons, is_saved=True))
    assert await edit(bot, ChatId(ann.id), outcome.message_id, grown) == outcome
    (shown,) = telegram.messages(ann, of_bot=True)
    assert shown.text == "Bridge is open"
    assert shown.buttons == (("✅ Saved", "🗞 2 sources", "⋯"),)


async def test_a_rate_limit_names_the_wait(bot: Bot, telegram: FakeTelegram, ann: Person) -> None:
    telegram.inject_fault(
        Fault(kind=FaultKind.RETRY_AFTER, method="sendMessage", times=1, retry_after=7)
    )
    assert await post(bot, ann) == RetryLater(timedelta(seconds=7), "too many requests")


async def test_a_server_error_is_tried_later(bot: Bot, telegram: FakeTelegram, ann: Person) -> None:
    telegram.inject_fault(Fault(kind=FaultKind.SERVER_ERROR, method="sendMessage", times=1))
    outcome = await post(bot, ann)
    assert isinstance(outcome, RetryLater)
    assert outcome.after is None


async def test_after_a_gateways_error_page_the_outcome_is_unknown(
    bot: Bot, telegram: FakeTelegram, ann: Person
) -> None:
    telegram.inject_fault(Fault(kind=FaultKind.BAD_GATEWAY, method="sendMessage", times=1))
    assert isinstance(await post(bot, ann), Unanswered)


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER])
async def test_after_a_broken_connection_the_outcome_is_unknown(
    bot: Bot, telegram: FakeTelegram, ann: Person, kind: FaultKind
) -> None:
    telegram.inject_fault(Fault(kind=kind, method="sendMessage", times=1))
    assert isinstance(await post(bot, ann), Unanswered)


async def test_without_a_connection_nothing_was_sent() -> None:
    async with open_delivery_bot(TOKEN, "http://127.0.0.1:9") as bot:
        outcome = await send(bot, ChatId(1), OutgoingMessage(text="Bridge opens", preview=URL))
    assert isinstance(outcome, RetryLater)


async def test_a_group_that_became_a_supergroup_has_moved(
    bot: Bot, telegram: FakeTelegram, ann: Person
) -> None:
    group = telegram.group("Friends", admins=[ann])
    supergroup = telegram.migrate(group)
    assert await post(bot, group) == ChatMigrated(ChatId(supergroup.id))


async def test_a_person_who_blocked_the_bot_is_gone(
    bot: Bot, telegram: FakeTelegram, ann: Person
) -> None:
    telegram.block(ann)
    assert await post(bot, ann) == ChatGone("Forbidden: bot was blocked by the user")


async def test_a_deleted_account_is_gone(bot: Bot, telegram: FakeTelegram, ann: Person) -> None:
    telegram.deactivate(ann)
    assert await post(bot, ann) == ChatGone("Forbidden: user is deactivated")


async def test_a_chat_that_does_not_exist_is_gone(bot: Bot) -> None:
    assert await send(bot, ChatId(777), OutgoingMessage(text="x", preview=URL)) == ChatGone(
        "Bad Request: chat not found"
    )


async def test_a_channel_that_the_bot_may_not_write_to_is_gone(
    bot: Bot, telegram: FakeTelegram, ann: Person
) -> None:
    channel = telegram.channel("News", admins=[ann], bot="member")
    assert isinstance(await post(bot, channel), ChatGone)


async def test_bad_markup_is_rejected_and_the_chat_stays(bot: Bot, ann: Person) -> None:
    outcome = await post(bot, ann, "<p>Bridge</p>")
    assert isinstance(outcome, Rejected)
    assert "can't parse entities" in outcome.reason


async def test_a_revoked_token_is_an_error_for_the_operator(
    bot: Bot, telegram: FakeTelegram, ann: Person
) -> None:
    telegram.revoke_token()
    with pytest.raises(SetupError):
        await post(bot, ann)


@pytest.mark.parametrize(
    ("data", "outcome"),
    [
        ({"ok": True, "result": {"message_id": 5, "novelty": []}}, Sent(5)),
        ("<html>", Unanswered("not an answer of the Bot API: '<html>'")),
    ],
)
async def test_a_message_of_a_kind_too_new_for_aiogram_was_sent_all_the_same(
    data: object, outcome: SendOutcome
) -> None:
    def answer(_: object) -> None:
        raise ClientDecodeError("Failed to deserialize object", ValueError(), data)

    async with Bot(TOKEN, session=FakeSession([answer])) as bot:
        assert (
            await send(bot, ChatId(1), OutgoingMessage(text="Bridge opens", preview=URL)) == outcome
        )


@pytest.mark.parametrize("message_id", [0, -1, 2**63, 10**40])
async def test_an_answer_with_an_id_that_cannot_be_is_no_answer(
    message_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answered(*_: object, **__: object) -> object:
        return MessageId.model_construct(message_id=message_id)

    async with open_delivery_bot(TOKEN, "http://127.0.0.1:9") as bot:
        monkeypatch.setattr(bot.session, "make_request", answered)
        outcome = await send(bot, ChatId(1), OutgoingMessage(text="Bridge opens", preview=URL))
    assert isinstance(outcome, Unanswered)


@pytest.mark.parametrize("seconds", [10**9, 10**40])
async def test_no_wait_of_years_is_believed(seconds: int) -> None:
    def answer(_: object) -> None:
        raise TelegramRetryAfter(GetMe(), "Too Many Requests", retry_after=seconds)

    async with Bot(TOKEN, session=FakeSession([answer])) as bot:
        outcome = await send(bot, ChatId(1), OutgoingMessage(text="Bridge opens", preview=URL))
    assert outcome == RetryLater(timedelta(days=7), "too many requests")


async def test_an_error_of_an_unknown_code_is_tried_later(
    bot: Bot, telegram: FakeTelegram, ann: Person
) -> None:
    telegram.inject_fault(
        Fault(
            kind=FaultKind.REFUSAL,
            method="sendMessage",
            times=1,
            code=420,
            description="Flood control",
        )
    )
    outcome = await post(bot, ann)
    assert isinstance(outcome, RetryLater)
    assert outcome.after is None


@pytest.mark.parametrize(
    "description",
    [
        "Bad Request: CHAT_WRITE_FORBIDDEN",
        "Bad Request: USER_BANNED_IN_CHANNEL",
        "Bad Request: CHAT_SEND_PLAIN_FORBIDDEN",
        "Bad Request: not enough rights to send text messages to the chat",
        "Bad Request: need administrator rights in the channel chat",
        "Bad Request: group chat was deactivated",
    ],
)
async def test_a_closed_chat_is_gone_whatever_the_error_text(
    bot: Bot, telegram: FakeTelegram, ann: Person, description: str
) -> None:
    telegram.inject_fault(
        Fault(kind=FaultKind.REFUSAL, method="sendMessage", description=description)
    )
    assert await post(bot, ann) == ChatGone(description)


async def test_a_chat_that_refuses_the_options_of_a_message_alone_gets_it_without_them(
    bot: Bot, telegram: FakeTelegram, ann: Person
) -> None:
    refusal = "Bad Request: not enough rights to send web page previews"
    telegram.inject_fault(
        Fault(kind=FaultKind.REFUSAL, method="sendMessage", times=1, description=refusal)
    )
    assert isinstance(await post(bot, ann), Sent)
    (message,) = telegram.messages(ann, of_bot=True)
    assert message.body["link_preview_options"] == {"is_disabled": True}


async def test_a_message_too_large_for_telegram_is_rejected(
    bot: Bot, telegram: FakeTelegram, ann: Person
) -> None:
    telegram.inject_fault(
        Fault(
            kind=FaultKind.REFUSAL,
            method="sendMessage",
            times=1,
            code=413,
            description="Request Entity Too Large",
        )
    )
    assert isinstance(await post(bot, ann), Rejected)


async def test_plain_text_is_shown_as_it_is(bot: Bot, telegram: FakeTelegram, ann: Person) -> None:
    plain = OutgoingMessage(text="A <b> & C", preview=None, is_html=False)
    assert isinstance(await send(bot, ChatId(ann.id), plain), Sent)
    assert telegram.messages(ann, of_bot=True)[-1].text == "A <b> & C"


async def test_a_preview_is_of_the_article_or_there_is_none(
    bot: Bot, telegram: FakeTelegram, ann: Person
) -> None:
    await post(bot, ann)
    await send(bot, ChatId(ann.id), OutgoingMessage(text="A list", preview=None))
    one, listed = [call.parameters for call in telegram.calls("sendMessage")]
    assert URL in str(one["link_preview_options"])
    assert "is_disabled" in str(listed["link_preview_options"])


async def revise(bot: Bot, where: Person, message_id: int, text: str) -> SendOutcome:
    return await edit(bot, ChatId(where.id), message_id, OutgoingMessage(text=text, preview=URL))


async def test_a_sent_message_is_edited(bot: Bot, telegram: FakeTelegram, ann: Person) -> None:
    sent = await post(bot, ann)
    assert isinstance(sent, Sent)
    assert await revise(bot, ann, sent.message_id, "<b>Bridge is open</b>") == sent
    (message,) = telegram.messages(ann, of_bot=True)
    assert message.text == "Bridge is open"


async def test_an_edit_that_changes_nothing_counts_as_sent(bot: Bot, ann: Person) -> None:
    sent = await post(bot, ann)
    assert isinstance(sent, Sent)
    assert await revise(bot, ann, sent.message_id, "<b>Bridge opens</b>") == sent


async def test_a_missing_message_cannot_be_edited(bot: Bot, ann: Person) -> None:
    assert isinstance(await revise(bot, ann, 999, "Bridge"), Rejected)


async def test_a_rate_limited_edit_is_tried_later(
    bot: Bot, telegram: FakeTelegram, ann: Person
) -> None:
    sent = await post(bot, ann)
    assert isinstance(sent, Sent)
    telegram.inject_fault(
        Fault(kind=FaultKind.RETRY_AFTER, method="editMessageText", times=1, retry_after=7)
    )
    outcome = await revise(bot, ann, sent.message_id, "Bridge")
    assert outcome == RetryLater(timedelta(seconds=7), "too many requests")


async def test_a_thread_of_a_forum_is_open_closed_or_deleted(
    bot: Bot, telegram: FakeTelegram, ann: Person
) -> None:
    forum = telegram.supergroup("Forum", admins=[ann], is_forum=True)
    thread = ThreadId(telegram.topic(ann, forum, "War"))

    async def post_to(thread_id: ThreadId | None) -> SendOutcome:
        message = OutgoingMessage(text="Bridge opens", preview=URL, thread_id=thread_id)
        return await send(bot, ChatId(forum.id), message)

    assert isinstance(await post_to(thread), Sent)
    assert telegram.messages(forum, of_bot=True)[-1].body["message_thread_id"] == thread
    telegram.change_topic(ann, forum, thread, "close")
    assert await post_to(thread) == ThreadClosed(thread, for_good=False)
    assert isinstance(await post_to(None), Sent)
    telegram.change_topic(ann, forum, None, "close")
    assert await post_to(None) == RetryLater(None, "Bad Request: TOPIC_CLOSED")
    telegram.change_topic(ann, forum, thread, "delete")
    assert await post_to(thread) == ThreadClosed(thread, for_good=True)


@pytest.mark.parametrize(("quote", "calls"), [("", 1), ("Bridge", 1), ("Not in that message", 2)])
async def test_a_reply_arrives_as_one_with_or_without_its_quote(
    bot: Bot, telegram: FakeTelegram, ann: Person, quote: str, calls: int
) -> None:
    first = await post(bot, ann)
    assert isinstance(first, Sent)
    message = replace(STORY, text="Bridge closes", reply_to=ReplyTo(first.message_id, quote))
    assert isinstance(await send(bot, ChatId(ann.id), message), Sent)
    *_, reply = telegram.messages(ann, of_bot=True)
    answered: Any = reply.body["reply_to_message"]
    assert answered["message_id"] == first.message_id
    assert len(telegram.calls("sendMessage")) == 1 + calls


async def test_a_reply_to_a_message_that_is_gone_arrives_all_the_same(
    bot: Bot, telegram: FakeTelegram, ann: Person
) -> None:
    message = replace(STORY, reply_to=ReplyTo(404, "Bridge"))
    assert isinstance(await send(bot, ChatId(ann.id), message), Sent)
    (sent,) = telegram.messages(ann, of_bot=True)
    assert sent.text == "Bridge opens"
    assert len(telegram.calls("sendMessage")) == 1


async def test_a_picture_is_shown_large_above_the_text_and_again_after_an_edit(
    bot: Bot, telegram: FakeTelegram, ann: Person
) -> None:
    picture = OutgoingMessage(text="Bridge opens", preview=f"{URL}.jpg", is_picture=True)
    outcome = await send(bot, ChatId(ann.id), picture)
    assert isinstance(outcome, Sent)
    options = {"url": f"{URL}.jpg", "prefer_large_media": True, "show_above_text": True}
    message = telegram.world.chats.chats[ann.id].messages[outcome.message_id]
    assert message.body["link_preview_options"] == options
    await edit(bot, ChatId(ann.id), outcome.message_id, replace(picture, text="Bridge is open"))
    message = telegram.world.chats.chats[ann.id].messages[outcome.message_id]
    assert (message.text, message.body["link_preview_options"]) == ("Bridge is open", options)
