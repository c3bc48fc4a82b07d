import ast
import json
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import bot
from bot.logs import set_up_logs
from bot.model import ChatId, chat_code

TOKEN = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    yield
    logging.captureWarnings(False)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    root.handlers[:], root.level = handlers, level


def test_a_line_says_when_where_and_what(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("text")
    logging.getLogger("bot.feeds.polling.poller").info("feed %d: %d new articles", 7, 3)
    line = capsys.readouterr().err
    assert "feed 7: 3 new articles" in line
    assert "bot.feeds.polling.poller" in line
    assert line.startswith("20")


def test_json_lines_have_the_usual_fields(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("json")
    logging.getLogger("bot").warning("Міст: %s", "HTTP 503")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["logger"]) == ("Міст: HTTP 503", "warning", "bot")


def test_extra_fields_are_in_json_only(capsys: pytest.CaptureFixture[str]) -> None:
    log = logging.getLogger("bot.x")
    set_up_logs("json")
    log.info("deliveries 7: sent", extra={"deliveries": [7]})
    assert json.loads(capsys.readouterr().err)["deliveries"] == [7]
    set_up_logs("text")
    log.info("deliveries 7: sent", extra={"deliveries": [7]})
    assert "[7]" not in capsys.readouterr().err


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_token_is_never_in_a_line_nor_in_a_traceback(
    capsys: pytest.CaptureFixture[str], form: str
) -> None:
    set_up_logs("json" if form == "json" else "text")
    log = logging.getLogger("bot")
    log.warning("POST https://api.telegram.org/bot%s/getMe failed", TOKEN)
    try:
        raise RuntimeError(f"https://api.telegram.org/bot{TOKEN}/getMe")
    except RuntimeError:
        log.exception("failed")
    lines = capsys.readouterr().err
    assert "ABC-DEF" not in lines
    assert lines.count("<token>") >= 2
    assert "RuntimeError" in lines


def test_other_libraries_log_warnings_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up_logs("text")
    logging.getLogger("aiogram.event").info("Update id=1 is handled")
    assert capsys.readouterr().err == ""


HOSTILE = "a\x1b[2Jb\x9bc\u202ed\0e\ud800f\rg\u2028h"


@pytest.mark.parametrize("form", ["text", "json"])
def test_text_of_others_cannot_command_a_terminal_nor_forge_a_line(
    capsys: pytest.CaptureFixture[str], form: str
) -> None:
    set_up_logs("json" if form == "json" else "text")
    log = logging.getLogger("bot")
    forged = f"{HOSTILE}\n2026-03-02T12:00:00Z [info     ] all is well"
    log.warning("%s: cannot be read", forged)
    try:
        raise RuntimeError(forged)
    except RuntimeError:
        log.exception("failed", extra={"reason": forged})
    written = capsys.readouterr().err
    assert not set(written) & (set(HOSTILE) - set("abcdefgh[2J"))
    assert "a\\u001b[2Jb\\u009bc\\u202ed\\u0000e\\ud800f\\" in written
    assert not [line for line in written.split("\n") if line.startswith("2026-03-02T12:00:00Z")]
    if form == "json":
        events = [json.loads(line) for line in written.splitlines()]
        assert [event["event"] for event in events] == [f"{forged}: cannot be read", "failed"]
        assert events[1]["reason"] == forged


def test_what_is_below_the_level_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    log = logging.getLogger("bot.x")
    set_up_logs("text", "WARNING")
    log.info("last minute: 42 polls")
    log.warning("a delivery was refused")
    set_up_logs("text", "DEBUG")
    log.debug("article 7 opens story 3")
    lines = capsys.readouterr().err.splitlines()
    assert [("refused" in line, "article 7" in line) for line in lines] == [
        (True, False),
        (False, True),
    ]


def fail_in_thread() -> None:
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()


def fail_at_last() -> None:
    try:
        1 / 0  # noqa: B018 (as a bug might)
    except ZeroDivisionError as error:
        sys.excepthook(type(error), error, error.__traceback__)


def warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("division is deprecated", DeprecationWarning, stacklevel=1)
        logging.captureWarnings(False)


@pytest.mark.parametrize("event", [fail_in_thread, fail_at_last, warn])
def test_in_json_what_nobody_caught_is_a_line_too(
    capsys: pytest.CaptureFixture[str], event: Callable[[], None]
) -> None:
    set_up_logs("json")
    logging.captureWarnings(False)
    event()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert len(lines) == 1
    assert {"time", "level", "event"} <= lines[0].keys()
    assert "division" in json.dumps(lines)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_chat_is_named_by_its_code_alone(capsys: pytest.CaptureFixture[str], form: str) -> None:
    set_up_logs("json" if form == "json" else "text", key=b"key")
    log = logging.getLogger("bot")
    log.warning("chat %d: no message can be planned", -1001234)
    log.warning("deliveries 7: sent", extra={"chat": -1001234})
    try:
        raise RuntimeError("chat -1001234 is no more")
    except RuntimeError:
        log.exception("failed")
    written = capsys.readouterr().err
    assert "1001234" not in written
    code = chat_code(ChatId(-1001234), b"key")
    assert f"chat {code}: no message" in written
    assert f"chat {code} is no more" in written
    if form == "json":
        assert json.loads(written.splitlines()[1])["chat"] == code


CODE = Path(bot.__file__).parent
# What holds the words of readers, or the address of a feed that one of them wrote.
WORDS = {"address", "caption", "content", "first_name", "full_name", "html", "query", "text"}


def log_calls(folder: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield each call of a logger in the folder, with the place of it."""
    for path in sorted((CODE / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                if isinstance(owner, ast.Name) and owner.id == "log":
                    yield f"{path.relative_to(CODE)}:{node.lineno}", node


def values_in(call: ast.Call) -> Iterator[str]:
    for node in ast.walk(call):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


def test_no_line_of_the_log_is_given_the_words_of_a_reader() -> None:
    calls = list(log_calls("."))
    assert len(calls) > 50
    for place, call in calls:
        given = set(values_in(call))
        assert not {name.rpartition(".")[2] for name in given} & (WORDS - {"text"}), place
        assert not given & {"message.text", "query.data", "update.text", "feed.url"}, place


def test_where_updates_are_handled_no_exception_is_quoted() -> None:
    """The message of an exception may hold what somebody wrote; `log_text` leaves it out."""
    # The build of aiogram's types, at the start, is of no update.
    calls = [call for call in log_calls("telegram") if "lazy_types" not in call[0]]
    assert calls
    for place, call in calls:
        assert isinstance(call.func, ast.Attribute)
        assert call.func.attr != "exception", place
        assert not [keyword for keyword in call.keywords if keyword.arg == "exc_info"], place
