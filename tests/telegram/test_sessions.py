from datetime import timedelta

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramRetryAfter, TelegramServerError

from bot.playground.chats import Person
from bot.playground.faults import Fault, Kind
from bot.playground.lookalike import Lookalike
from bot.telegram import sessions
from bot.telegram.sessions import open_bot
from tests.fakes import TOKEN


@pytest.fixture
async def patient(telegram: Lookalike, monkeypatch: pytest.MonkeyPatch) -> Bot:
    monkeypatch.setattr(sessions, "FIRST_PAUSE", timedelta(milliseconds=1))
    return open_bot(TOKEN, telegram.url, patient=True)


@pytest.fixture
def ann(telegram: Lookalike) -> Person:
    person = telegram.person("Ann")
    telegram.say(person, "/start")
    return person


@pytest.mark.parametrize("kind", [Kind.TORN_BEFORE, Kind.SERVER_ERROR])
async def test_a_reply_that_failed_on_the_way_is_sent_again(
    patient: Bot, telegram: Lookalike, ann: Person, kind: Kind
) -> None:
    telegram.fault(Fault(kind=kind, method="sendMessage", times=2))
    async with patient:
        await patient.send_message(ann.id, "Hello")
    assert [message.text for message in telegram.messages(ann, of_bot=True)] == ["Hello"]


async def test_a_reply_that_was_put_off_waits_as_long_as_asked(
    patient: Bot, telegram: Lookalike, ann: Person, clock: object
) -> None:
    telegram.fault(Fault(kind=Kind.RETRY_AFTER, method="getMe", times=1, retry_after=1))
    async with patient:
        await patient.get_me()
    assert len(telegram.calls("getMe")) == 2


async def test_patience_has_an_end(
    patient: Bot, telegram: Lookalike, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "PATIENCE", timedelta(milliseconds=20))
    telegram.fault(Fault(kind=Kind.SERVER_ERROR, method="sendMessage"))
    async with patient:
        with pytest.raises(TelegramServerError):
            await patient.send_message(ann.id, "Hello")
    assert 2 <= len(telegram.calls("sendMessage")) <= 6


async def test_a_longer_wait_than_our_patience_is_not_begun(
    patient: Bot, telegram: Lookalike, ann: Person
) -> None:
    telegram.fault(Fault(kind=Kind.RETRY_AFTER, method="sendMessage", times=1, retry_after=900))
    async with patient:
        with pytest.raises(TelegramRetryAfter):
            await patient.send_message(ann.id, "Hello")


async def test_a_refusal_is_final(patient: Bot, telegram: Lookalike, ann: Person) -> None:
    async with patient:
        with pytest.raises(TelegramBadRequest):
            await patient.send_message(ann.id, "<p>")
    assert len(telegram.calls("sendMessage")) == 1
