from bot.cli.check import identify
from bot_playground.fake_telegram import FakeTelegram
from tests.feeds.conftest import Wire, answer
from tests.feeds.conftest import wire as wire
from tests.support.fakes import TOKEN


async def test_telegram_says_whose_the_token_is_and_what_time_it_is(
    live_telegram: FakeTelegram,
) -> None:
    found = await identify(TOKEN, live_telegram.url)
    assert found.username
    assert found.problem == ""
    assert found.answered_at is not None


async def test_a_token_that_telegram_does_not_know_is_a_problem(
    live_telegram: FakeTelegram,
) -> None:
    found = await identify("1:nobody", live_telegram.url)
    assert (found.username, found.problem) == ("", "Unauthorized")
    assert found.answered_at is not None


async def test_no_answer_is_told_without_the_token(wire: Wire) -> None:
    api = (await wire.serve(b"")).removesuffix("/rss")
    found = await identify(TOKEN, api)
    assert found.problem == "no answer of the Bot API (ServerDisconnectedError)"
    assert found.answered_at is None


async def test_another_page_than_the_bot_api_is_a_problem(wire: Wire) -> None:
    for body in (b"[1]", b"{}"):
        api = (await wire.serve(answer(body, "Date: yesterday"))).removesuffix("/rss")
        found = await identify(TOKEN, api)
        assert (found.problem, found.answered_at) == ("not an answer of the Bot API", None)
