import logging
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import GetMe

from bot.errors import UnreadableError
from bot.telegram.updates.failures import (
    FIRST_PAUSE,
    MAX_PAUSE,
    MAX_UPDATE_ATTEMPTS,
    ChatClosed,
    GiveUp,
    Retry,
    classify_failure,
    log_text,
    problem_text,
    retry_pause,
)

METHOD = GetMe()


def error_of(path: Path, statement: str) -> sqlite3.Error:
    """Return the error of a statement while another connection holds the database."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    connection = sqlite3.connect(path, timeout=0)
    try:
        with pytest.raises(sqlite3.Error) as found:
            connection.execute(statement)
        return found.value
    finally:
        connection.close()
        other.close()


def test_a_locked_database_is_retried(tmp_path: Path) -> None:
    error = error_of(tmp_path / "x.db", "CREATE TABLE a (b)")
    failure = classify_failure(error)
    assert failure == Retry(error)
    assert log_text(failure) == problem_text(failure) == "the database: database is locked"


def test_a_wrong_statement_is_not_retried(tmp_path: Path) -> None:
    error = error_of(tmp_path / "x.db", "SELEKT 1")
    assert isinstance(classify_failure(error), GiveUp)


@pytest.mark.parametrize(
    ("error", "after"),
    [
        (TelegramNetworkError(METHOD, "connection reset"), None),
        (TelegramServerError(METHOD, "Bad Gateway"), None),
        (TelegramRetryAfter(METHOD, "Too Many Requests", 7), timedelta(seconds=7)),
    ],
)
def test_a_network_or_server_error_of_telegram_is_retried(
    error: Exception, after: timedelta | None
) -> None:
    failure = classify_failure(error)
    assert isinstance(failure, Retry)
    assert failure.after == after


@pytest.mark.parametrize(
    "error",
    [
        TelegramForbiddenError(METHOD, "Forbidden: bot was blocked by the user"),
        TelegramMigrateToChat(METHOD, "Bad Request: group chat was upgraded", -100),
        TelegramBadRequest(METHOD, "Bad Request: chat not found"),
        TelegramBadRequest(METHOD, "Bad Request: not enough rights to send text messages"),
        TelegramBadRequest(METHOD, "Bad Request: CHAT_WRITE_FORBIDDEN"),
        TelegramBadRequest(METHOD, "Bad Request: TOPIC_CLOSED"),
        TelegramBadRequest(METHOD, "Bad Request: message thread not found"),
    ],
)
def test_a_chat_that_cannot_be_answered_is_closed(error: Exception) -> None:
    assert isinstance(classify_failure(error), ChatClosed)


def test_a_refusal_that_concerns_no_chat_is_a_bug() -> None:
    assert isinstance(
        classify_failure(TelegramNotFound(METHOD, "Not Found: method not found")), GiveUp
    )


def test_an_update_unknown_to_aiogram_is_a_warning() -> None:
    failure = classify_failure(UnreadableError("message.origin: union_tag_invalid"))
    assert isinstance(failure, GiveUp)
    assert failure.level == logging.WARNING
    assert "this aiogram cannot read it: message.origin" in log_text(failure)


def test_the_log_of_a_bug_names_the_lines_and_quotes_nobody() -> None:
    with pytest.raises(KeyError) as caught:
        {"x": 1}["what Ann wrote"]
    failure = classify_failure(caught.value)
    assert isinstance(failure, GiveUp)
    assert failure.level == logging.ERROR
    assert log_text(failure).startswith("it cannot be handled: KeyError\n")
    assert Path(__file__).name in log_text(failure)
    assert "KeyError: 'what Ann wrote'" in problem_text(failure)


def test_a_refusal_is_logged_in_telegrams_words() -> None:
    failure = classify_failure(TelegramBadRequest(METHOD, "Bad Request: can't parse entities"))
    assert isinstance(failure, GiveUp)
    assert "TelegramBadRequest: Bad Request: can't parse entities" in log_text(failure)


def test_pauses_back_off_to_a_limit_unless_telegram_names_one() -> None:
    pauses = [retry_pause(attempts, None) for attempts in range(1, MAX_UPDATE_ATTEMPTS)]
    assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses[-1] == MAX_PAUSE
    assert retry_pause(10_000, None) == MAX_PAUSE
    assert retry_pause(3, timedelta(seconds=7)) == timedelta(seconds=7)


def test_an_exhausted_retry_is_an_error() -> None:
    failure = GiveUp("exhausted", TelegramNetworkError(METHOD, "connection reset"))
    assert failure.level == logging.ERROR
    assert log_text(failure) == f"all {MAX_UPDATE_ATTEMPTS} attempts failed: connection reset"
