from contextlib import suppress
from datetime import timedelta

import pytest
from aiogram.exceptions import AiogramError

from bot.telegram.api.client import open_bot
from bot_playground.fake_telegram import Lookalike
from bot_playground.state.faults import Fault, Kind
from tests.fakes import TOKEN

Noted = list[tuple[str, str, timedelta]]


async def call(telegram: Lookalike) -> Noted:
    noted: Noted = []
    bot = open_bot(TOKEN, telegram.url, patient=False, note=lambda *what: noted.append(what))
    async with bot:
        with suppress(AiogramError):
            await bot.get_me()
    return noted


async def test_a_call_is_noted_by_its_method_alone(telegram: Lookalike) -> None:
    assert await call(telegram) == [("getMe", "ok", timedelta(0))]


@pytest.mark.parametrize(
    ("fault", "outcome", "wait"),
    [
        (Fault(kind=Kind.RETRY_AFTER, retry_after=7), "put_off", 7),
        (Fault(kind=Kind.BAD_GATEWAY), "unreachable", 0),
        (Fault(kind=Kind.TORN_BEFORE), "unreachable", 0),
        (Fault(kind=Kind.SERVER_ERROR), "failed", 0),
        (Fault(kind=Kind.REFUSAL), "refused", 0),
    ],
    ids=lambda it: it.kind if isinstance(it, Fault) else str(it),
)
async def test_a_call_that_fails_is_noted_by_how(
    telegram: Lookalike, fault: Fault, outcome: str, wait: int
) -> None:
    telegram.fault(fault)
    assert await call(telegram) == [("getMe", outcome, timedelta(seconds=wait))]
