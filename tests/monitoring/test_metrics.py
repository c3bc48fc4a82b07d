import platform
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import __version__
from bot.delivery.outbox import SendResult
from bot.model import (
    ChatGone,
    ChatId,
    Delivery,
    DeliveryId,
    Poll,
    SendOutcome,
    Sent,
    StoryId,
    Subscriber,
    TableCounts,
    Unanswered,
)
from bot.monitoring.metrics import Metrics, TableCollector
from bot.version import commit
from tests.support.fakes import NOON

READER = Subscriber(
    chat_id=ChatId(4242),
    kind="private",
    language="en",
    news_languages=frozenset({"en"}),
    topics=frozenset(),
    paused=False,
)
STORY = StoryId(7)


def result(outcome: SendOutcome, *, deliveries: int = 1) -> SendResult:
    covered = tuple(
        Delivery(
            id=DeliveryId(number), story_id=STORY, chat_id=ChatId(4242), attempts=0, queued_at=NOON
        )
        for number in range(deliveries)
    )
    return SendResult(READER, covered, outcome)


def shown(metrics: Metrics) -> dict[str, float]:
    """Return the values by `name{labels}`."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {
        sample.name + "".join(f"[{value}]" for value in sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_polls_are_counted_by_outcome() -> None:
    metrics = Metrics()
    poll = Poll(
        outcome="torn",
        ended_at=NOON,
        took=timedelta(seconds=1),
        status=200,
        received=10,
        conditional=False,
        news=0,
        problem=None,
    )
    metrics.record_poll(poll)
    assert shown(metrics)["readalso_polls_total[torn]"] == 1


def test_every_outcome_is_there_with_zero_from_the_first_moment() -> None:
    values = shown(Metrics())
    assert values["readalso_polls_total[killed]"] == 0
    assert values["readalso_deliveries_total[rejected]"] == 0
    assert values["readalso_telegram_calls_total[sendMessage][put_off]"] == 0
    assert values["readalso_telegram_wait_seconds_total[sendMessage]"] == 0


def test_a_message_counts_for_every_delivery_in_it() -> None:
    metrics = Metrics()
    metrics.record_send(result(ChatGone("blocked"), deliveries=3), {}, now=NOON)
    assert shown(metrics)["readalso_deliveries_total[gone]"] == 3


def test_a_message_without_an_answer_may_be_a_repeat() -> None:
    metrics = Metrics()
    metrics.record_send(result(Unanswered("timeout"), deliveries=2), {}, now=NOON)
    assert shown(metrics)["readalso_possible_repeats_total"] == 2


def test_one_delivery_is_a_possible_repeat_once_however_often_no_answer_comes() -> None:
    metrics = Metrics()
    first = result(Unanswered("bad gateway"))
    again = first._replace(covered=(replace(first.covered[0], is_doubtful=True),))
    for attempt in [first, *[again] * 6]:
        metrics.record_send(attempt, {}, now=NOON)
    assert shown(metrics)["readalso_possible_repeats_total"] == 1


def test_latency_is_from_the_publication_to_the_reader() -> None:
    metrics = Metrics()
    published = {STORY: NOON - timedelta(minutes=4)}
    metrics.record_send(result(Sent(1)), published, now=NOON)
    metrics.record_send(result(Sent(2)), {STORY: NOON + timedelta(hours=1)}, now=NOON)
    metrics.record_send(result(Sent(3)), {}, now=NOON)  # of a story that is gone
    values = shown(metrics)
    assert values["readalso_latency_seconds_count"] == 2
    assert values["readalso_latency_seconds_bucket[120.0]"] == 1
    assert values["readalso_latency_seconds_bucket[300.0]"] == 2
    assert values["readalso_latency_seconds_sum"] == 240


def test_calls_are_counted_by_method_and_outcome_and_waits_in_seconds() -> None:
    metrics = Metrics()
    metrics.record_api_call("sendMessage", "put_off", timedelta(seconds=7))
    metrics.record_api_call("sendMessage", "ok", timedelta(0))
    values = shown(metrics)
    assert values["readalso_telegram_calls_total[sendMessage][put_off]"] == 1
    assert values["readalso_telegram_wait_seconds_total[sendMessage]"] == 7


def test_nobody_is_named() -> None:
    metrics = Metrics()
    metrics.record_send(result(Sent(1)), {}, now=NOON)
    assert "4242" not in metrics.exposition().decode()


def with_tables(counts: TableCounts | None) -> Metrics:
    tables = TableCollector(free_bytes=lambda: 5, size_bytes=lambda: 3)
    tables.counts, tables.counted_at = counts, NOON
    metrics = Metrics()
    metrics.registry.register(tables)
    return metrics


def test_table_counts_are_shown_with_the_age_of_what_waits() -> None:
    counts = TableCounts(
        articles=9,
        unprocessed=1,
        stories=5,
        deliveries=20,
        pending=4,
        oldest_pending_at=NOON - timedelta(hours=1),
        oldest_due_at=None,
        updates=2,
        subscribers={"reading": 3, "paused": 1, "gone": 0},
        feeds={"fine": 8, "failing": 1, "stopped": 0},
        dead_letters={"articles": 2, "pages": 0},
        silent_joins={"1h": 3, "older": 1},
    )
    values = shown(with_tables(counts))
    assert values["readalso_articles_total"] == 9
    assert values["readalso_deliveries_pending"] == 4
    assert values["readalso_oldest_owed_seconds"] == 3600
    assert values["readalso_late_seconds"] == 0
    assert values["readalso_subscribers[paused]"] == 1
    assert values["readalso_feeds[failing]"] == 1
    assert values["readalso_dead_letters[articles]"] == 2
    assert values["readalso_dead_letters[pages]"] == 0
    assert values["readalso_silent_joins_total[1h]"] == 3


def test_what_runs_is_shown_as_labels() -> None:
    tables = TableCollector(free_bytes=lambda: 0, size_bytes=lambda: 0)
    (sample,) = [
        sample
        for metric in tables.collect()
        for sample in metric.samples
        if sample.name == "readalso_build_info"
    ]
    assert sample.value == 1
    assert sample.labels == {
        "version": __version__,
        "commit": commit(),
        "python": platform.python_version(),
    }


def test_tables_that_cannot_be_counted_are_left_out() -> None:
    values = shown(with_tables(None))
    assert values["readalso_disk_free_bytes"] == 5
    assert "readalso_articles_total" not in values
    assert values["process_resident_memory_bytes"] > 0


@pytest.mark.parametrize("age", [None, 0.0, 86400.0])
def test_the_age_of_the_last_backup_is_shown_unless_backups_are_off(age: float | None) -> None:
    metrics = Metrics()
    metrics.registry.register(
        TableCollector(free_bytes=lambda: 5, size_bytes=lambda: 3, backup_age=lambda: age)
    )
    assert shown(metrics).get("readalso_backup_age_seconds") == age
