from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families

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


def answer(outcome: SendOutcome, *, deliveries: int = 1) -> SendResult:
    covered = tuple(
        Delivery(id=DeliveryId(it), story_id=STORY, chat_id=ChatId(4242), attempts=0, owed_at=NOON)
        for it in range(deliveries)
    )
    return SendResult(READER, covered, outcome)


def shown(metrics: Metrics) -> dict[str, float]:
    """Return the values by `name{labels}`."""
    families = text_string_to_metric_families(metrics.text().decode())
    return {
        it.name + "".join(f"[{value}]" for value in it.labels.values()): it.value
        for family in families
        for it in family.samples
    }


def test_polls_are_counted_by_how_they_ended() -> None:
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
    metrics.polled(poll)
    assert shown(metrics)["readalso_polls_total[torn]"] == 1


def test_a_message_counts_for_every_delivery_in_it() -> None:
    metrics = Metrics()
    metrics.answered(answer(ChatGone("blocked"), deliveries=3), {}, now=NOON)
    assert shown(metrics)["readalso_deliveries_total[gone]"] == 3


def test_what_was_not_answered_may_be_a_repeat() -> None:
    metrics = Metrics()
    metrics.answered(answer(Unanswered("timeout"), deliveries=2), {}, now=NOON)
    assert shown(metrics)["readalso_possible_repeats_total"] == 2


def test_latency_is_from_the_publication_to_the_reader() -> None:
    metrics = Metrics()
    published = {STORY: NOON - timedelta(minutes=4)}
    metrics.answered(answer(Sent(1)), published, now=NOON)
    metrics.answered(answer(Sent(2)), {STORY: NOON + timedelta(hours=1)}, now=NOON)
    metrics.answered(answer(Sent(3)), {}, now=NOON)  # of a story that is gone
    found = shown(metrics)
    assert found["readalso_latency_seconds_count"] == 2
    assert found["readalso_latency_seconds_bucket[120.0]"] == 1
    assert found["readalso_latency_seconds_bucket[300.0]"] == 2
    assert found["readalso_latency_seconds_sum"] == 240


def test_calls_are_counted_by_method_and_outcome_and_waits_in_seconds() -> None:
    metrics = Metrics()
    metrics.called("sendMessage", "put_off", timedelta(seconds=7))
    metrics.called("sendMessage", "ok", timedelta(0))
    found = shown(metrics)
    assert found["readalso_telegram_calls_total[sendMessage][put_off]"] == 1
    assert found["readalso_telegram_wait_seconds_total[sendMessage]"] == 7


def test_nobody_is_named() -> None:
    metrics = Metrics()
    metrics.answered(answer(Sent(1)), {}, now=NOON)
    assert "4242" not in metrics.text().decode()


def tables(levels: TableCounts | None) -> Metrics:
    made = TableCollector(free_bytes=lambda: 5, size_bytes=lambda: 3)
    made.levels, made.at = levels, NOON
    metrics = Metrics()
    metrics.registry.register(made)
    return metrics


def test_what_the_tables_say_is_shown_with_its_age() -> None:
    levels = TableCounts(
        articles=9,
        unread=1,
        stories=5,
        deliveries=20,
        owed=4,
        owed_since=NOON - timedelta(hours=1),
        due_since=None,
        updates=2,
        subscribers={"reading": 3, "paused": 1, "gone": 0},
        feeds={"fine": 8, "failing": 1, "stopped": 0},
    )
    found = shown(tables(levels))
    assert found["readalso_articles_total"] == 9
    assert found["readalso_deliveries_pending"] == 4
    assert found["readalso_oldest_owed_seconds"] == 3600
    assert found["readalso_late_seconds"] == 0
    assert found["readalso_subscribers[paused]"] == 1
    assert found["readalso_feeds[failing]"] == 1


def test_of_tables_that_do_not_answer_nothing_is_said() -> None:
    found = shown(tables(None))
    assert found["readalso_disk_free_bytes"] == 5
    assert "readalso_articles_total" not in found
    assert found["process_resident_memory_bytes"] > 0
