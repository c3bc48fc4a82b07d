import errno
import logging
import signal
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.app.reload import Configuration, Reloader, describe_changes, reloads_on_hangup
from bot.errors import SetupError
from bot.settings import Settings
from bot.topics import Topics
from tests.support.builders import TOPICS, listed_feed

RUNNING = Configuration(
    settings=Settings(poll_floor=300),
    topics=TOPICS,
    catalogue=(listed_feed("https://one.example/rss"), listed_feed("https://two.example/rss")),
)


@pytest.mark.parametrize(
    ("after", "changes"),
    [
        (RUNNING, ""),
        (replace(RUNNING, settings=Settings(poll_floor=600)), "settings: POLL_FLOOR"),
        (replace(RUNNING, topics=Topics([*TOPICS][:-1])), "topics: 1 removed"),
        (
            replace(
                RUNNING,
                catalogue=(
                    listed_feed("https://one.example/rss", topic=None),
                    listed_feed("https://three.example/rss"),
                ),
            ),
            "feeds: 1 added, 1 removed, 1 changed",
        ),
    ],
)
def test_what_has_changed_is_described(after: Configuration, changes: str) -> None:
    assert describe_changes(RUNNING, after) == changes


def reloader(read: Callable[[], Configuration]) -> Reloader:
    return Reloader(running=RUNNING, read=read)


def test_a_changed_configuration_is_accepted(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    asked = reloader(lambda: replace(RUNNING, settings=Settings(poll_floor=600)))
    assert asked.request()
    assert asked.is_accepted
    assert "settings: POLL_FLOOR" in caplog.text


def test_an_unchanged_configuration_lets_the_bot_go_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert not reloader(lambda: RUNNING).request()
    assert "nothing has changed" in caplog.text


def test_a_broken_file_changes_nothing_and_is_named(caplog: pytest.LogCaptureFixture) -> None:
    def read() -> Configuration:
        raise SetupError("FEEDS: feeds.toml: [[feeds]] 3 has no url")

    asked = reloader(read)
    assert not asked.request()
    assert not asked.is_accepted
    assert "nothing is reloaded: FEEDS: feeds.toml: [[feeds]] 3 has no url" in caplog.text


async def test_what_an_admin_asks_for_stops_the_bot_as_a_service_manager_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raised: list[int] = []
    monkeypatch.setattr("signal.raise_signal", raised.append)
    asked = reloader(lambda: replace(RUNNING, settings=Settings(poll_floor=600)))
    assert await asked.request_by_admin() == "settings: POLL_FLOOR"
    assert (asked.is_accepted, raised) == (True, [signal.SIGTERM])


async def test_what_has_not_changed_stops_nothing_for_an_admin_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("signal.raise_signal", pytest.fail)
    asked = reloader(lambda: RUNNING)
    assert await asked.request_by_admin() == ""
    assert not asked.is_accepted


@pytest.mark.parametrize(
    ("has_terminal", "reload", "expected"),
    [(True, True, False), (True, False, False), (False, True, True), (False, False, False)],
)
def test_a_hangup_is_a_reload_only_without_a_terminal_and_where_it_is_wanted(
    monkeypatch: pytest.MonkeyPatch, has_terminal: bool, reload: bool, expected: bool
) -> None:
    def open_terminal(path: str, _: int) -> int:
        assert path == "/dev/tty"
        if not has_terminal:
            raise OSError(errno.ENXIO, "No such device or address")
        return 99

    monkeypatch.setattr("bot.app.reload.os.open", open_terminal)
    monkeypatch.setattr("bot.app.reload.os.close", lambda _: None)
    assert reloads_on_hangup(Settings(reload=reload)) is expected
