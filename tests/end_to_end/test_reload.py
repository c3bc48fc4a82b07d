"""SIGHUP to the process of a service: a new list of feeds counts, a broken one changes nothing."""

import signal
from pathlib import Path

from bot_playground.fake_telegram import FakeTelegram
from tests.end_to_end.process import READY_SECONDS, open_new_process
from tests.support.fakes import TOKEN
from tests.support.feed_server import Press


async def test_a_reload_begins_anew_in_the_same_process_with_what_is_whole(
    live_telegram: FakeTelegram, press: Press, tmp_path: Path
) -> None:
    catalogue = press.catalogue(tmp_path / "feeds.toml", war="war")
    settings = {
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API": live_telegram.url,
        "DATABASE": str(tmp_path / "readalso.db"),
        "FEEDS": str(catalogue),
        "ALLOW_PRIVATE_ADDRESSES": "true",
    }
    async with open_new_process(tmp_path, "run", **settings) as bot:
        await bot.wait_for_log("at work")
        assert bot.process is not None
        catalogue.write_text("[[feeds]]\nurl = 3\n")
        bot.process.send_signal(signal.SIGHUP)
        await bot.wait_for_log("nothing is reloaded: FEEDS: ")
        press.catalogue(catalogue, war="war", sports="sports")
        bot.process.send_signal(signal.SIGHUP)
        await bot.wait_for_log("the configuration is read again: feeds: 1 added")
        await live_telegram.wait_for(lambda: bot.log.count("at work") == 2, timeout=READY_SECONDS)
        assert bot.process.returncode is None
        assert "2 feeds in the catalogue" in bot.log
        assert await bot.stop() == 0
    assert "Traceback" not in bot.log
