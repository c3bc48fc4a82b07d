"""Metrics, dashboard and logs of a conversation, without tokens or texts."""

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import __version__
from bot.clock import now
from bot.model import ChatId, chat_code, code_key
from bot.settings import Settings
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.state.faults import Fault, FaultKind
from tests.end_to_end.process import READY_SECONDS, ROOT, open_new_process
from tests.support.builders import entry
from tests.support.fakes import TOKEN
from tests.support.feed_server import Press
from tests.support.running_bot import follow, news, running

SECRET = "xylophone-4711"


async def address(caplog: pytest.LogCaptureFixture) -> str:
    """Return where the bot says that it listens."""
    while not (found := re.search(r"health and metrics: (\S+)/healthz", caplog.text)):
        await asyncio.sleep(0.01)
    return found[1]


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        return answer.status, await answer.text()


async def measured(where: str) -> tuple[dict[str, float], set[str]]:
    """Return the values by `name{label=value}`, and all names; those too that have no value yet."""
    _, text = await get(f"{where}/metrics")
    samples: dict[str, float] = {}
    names: set[str] = set()
    for family in text_string_to_metric_families(text):
        names.add(f"{family.name}_total" if family.type == "counter" else family.name)
        for it in family.samples:
            labels = "".join(f"{{{name}={value}}}" for name, value in it.labels.items())
            samples[it.name + labels] = it.value
            names.add(it.name)
    return samples, names


async def test_what_the_bot_does_shows_in_its_metrics_and_the_dashboard_names_no_other(
    live_telegram: FakeTelegram,
    press: Press,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setattr("bot.monitoring.monitor.TABLE_COUNTS_TTL", timedelta(0))
    async with running(settings.model_copy(update={"http_listen": "127.0.0.1:0"})):
        where = await address(caplog)
        ann = await follow(live_telegram)
        await live_telegram.wait_for(lambda: press.polls.get("war", 0) >= 2)
        live_telegram.inject_fault(Fault(kind=FaultKind.RETRY_AFTER, method="sendMessage", times=1))
        press.publish("war", entry("Ceasefire talks begin", published_at=now()))
        await live_telegram.wait_for(lambda: news(live_telegram, ann))
        samples, names = await measured(where)
        while not samples.get("readalso_deliveries_total{outcome=sent}"):
            samples, names = await measured(where)
        status, text = await get(f"{where}/healthz")
    health = json.loads(text)
    assert status == 200
    assert health.pop("version").startswith(__version__)
    assert health == {"live": True, "ready": True, "reasons": []}
    assert samples["readalso_articles_total"] == 2
    assert samples["readalso_owed_total"] == 1
    assert samples["readalso_deliveries_pending"] == 0
    assert samples["readalso_latency_seconds_count"] == 1
    assert samples["readalso_polls_total{outcome=read}"] >= 2
    assert samples["readalso_telegram_calls_total{method=sendMessage}{outcome=put_off}"] == 1
    assert samples["readalso_telegram_wait_seconds_total{method=sendMessage}"] == 1
    assert samples["readalso_subscribers{state=reading}"] == 1
    assert samples["process_resident_memory_bytes"] > 0
    assert used_by_the_dashboard() <= names


def dashboard() -> dict[str, object]:
    found = json.loads((ROOT / "docs" / "grafana.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def used_by_the_dashboard() -> set[str]:
    text = json.dumps(dashboard()["panels"])
    return set(re.findall(r"\b(?:readalso|process)_[a-z_]+", text))


def test_the_dashboard_is_one_that_grafana_can_import() -> None:
    board = dashboard()
    assert board["title"] == "ReadAlso"
    assert board["uid"]
    assert isinstance(board["schemaVersion"], int)
    panels = board["panels"]
    assert isinstance(panels, list)
    assert len({panel["id"] for panel in panels}) == len(panels) >= 10
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        assert panel["type"] in ("timeseries", "stat", "heatmap")
        assert panel["title"]
        assert all(target["expr"] for target in panel["targets"])
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not cells & taken
        taken |= cells


async def test_the_log_of_a_conversation_holds_neither_token_nor_a_word_of_it(
    live_telegram: FakeTelegram, press: Press, settings: Settings, tmp_path: Path
) -> None:
    ann = live_telegram.person(f"Ann {SECRET}", language="en")
    group = live_telegram.supergroup(f"Friends of {SECRET}", admins=[ann])
    faults = [
        Fault(kind=FaultKind.REFUSAL, method="sendMessage", times=1),
        Fault(kind=FaultKind.BAD_GATEWAY, times=2),
        Fault(kind=FaultKind.DROP_AFTER, method="sendMessage", times=1),
        Fault(kind=FaultKind.SERVER_ERROR, method="getUpdates", times=1),
    ]
    environment = {
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API": live_telegram.url,
        "DATABASE": str(tmp_path / "readalso.db"),
        "FEEDS": str(settings.feeds),
        "POLL_FLOOR": "1",
        "ALLOW_PRIVATE_ADDRESSES": "true",
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "DEBUG",
    }
    words = ["/topics war", SECRET, f"/search {SECRET}", f"/when {SECRET}"]
    async with open_new_process(tmp_path, "run", **environment) as bot:
        await bot.wait_for_log("this is @")
        for fault in faults:
            live_telegram.inject_fault(fault)
        live_telegram.say(ann, f"/topics {SECRET}", chat=group)
        for word in words:
            live_telegram.say(ann, word)
        await live_telegram.wait_for(
            lambda: len(live_telegram.messages(ann, of_bot=True)) >= len(words),
            timeout=READY_SECONDS,
        )
        press.publish("war", entry("Ceasefire talks begin", published_at=now()))
        await live_telegram.wait_for(lambda: news(live_telegram, ann), timeout=READY_SECONDS)
        await bot.wait_for_log("deliveries 1: sent as message")
        lines = [json.loads(line) for line in bot.log.splitlines()]
        assert all({"time", "level", "event"} <= line.keys() for line in lines)
        (opened,) = (it for it in lines if "opens story 2: war, en, owed to" in it["event"])
        (told,) = (it for it in lines if it["event"].startswith("deliveries 1: sent"))
        assert (opened["article"], opened["story"]) == (2, 2)
        assert (told["deliveries"], told["stories"]) == ([1], [2])
        assert told["chat"] == chat_code(ChatId(ann.id), code_key(TOKEN))
        assert any(it.get("feed") == 1 for it in lines)
        assert await bot.stop() == 0
    assert TOKEN not in bot.log
    assert TOKEN.partition(":")[2] not in bot.log
    assert SECRET not in bot.log
