"""Prometheus metrics: counters and histograms of the workers, a collector of table counts.

Labels are outcomes, methods and states; none identifies a person or a chat.
"""

import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot import __version__
from bot.delivery.outbox import SendResult
from bot.model import Poll, PollOutcome, SendOutcome, Sent, StoryId, TableCounts, Unanswered
from bot.version import commit

# From a minute, the shortest delay of polling, to two days: older news is not pushed.
_LATENCY_BUCKETS = (60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400, 172800)
# How a call of the Bot API ends.
CallOutcome = Literal["ok", "refused", "put_off", "failed", "unreachable"]
# The calls on which everything depends; another method has its series from its first call.
_METHODS = ("getUpdates", "sendMessage", "editMessageText", "answerCallbackQuery")
_LAG_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


@dataclass(slots=True)
class Metrics:
    """Counters and histograms in a registry of their own, so that one process may run two bots."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    polls: Counter = field(init=False)
    deliveries: Counter = field(init=False)
    repeats: Counter = field(init=False)
    latency: Histogram = field(init=False)
    calls: Counter = field(init=False)
    waits: Counter = field(init=False)
    lag: Histogram = field(init=False)
    restarts: Counter = field(init=False)

    def __post_init__(self) -> None:
        """Register the instruments."""
        self.polls = Counter(
            "readalso_polls",
            "Polls of feeds, by how they ended.",
            ["outcome"],
            registry=self.registry,
        )
        self.deliveries = Counter(
            "readalso_deliveries",
            "Deliveries attempted, by what Telegram answered.",
            ["outcome"],
            registry=self.registry,
        )
        self.repeats = Counter(
            "readalso_possible_repeats",
            "Deliveries whose answer never came.",
            registry=self.registry,
        )
        self.calls = Counter(
            "readalso_telegram_calls",
            "Calls of the Bot API.",
            ["method", "outcome"],
            registry=self.registry,
        )
        self.waits = Counter(
            "readalso_telegram_wait_seconds",
            "What Telegram asked us to wait.",
            ["method"],
            registry=self.registry,
        )
        self.latency = Histogram(
            "readalso_latency_seconds",
            "From the publication of a story to the reader's having it.",
            buckets=_LATENCY_BUCKETS,
            registry=self.registry,
        )
        self.lag = Histogram(
            "readalso_loop_lag_seconds",
            "How late the event loop is.",
            buckets=_LAG_BUCKETS,
            registry=self.registry,
        )
        self.restarts = Counter(
            "readalso_worker_restarts",
            "Restarts of workers that failed.",
            ["worker"],
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)
        # An alert on a rate needs the zero before the first count.
        for poll_outcome in get_args(PollOutcome):
            self.polls.labels(poll_outcome)
        for kind in get_args(SendOutcome):
            self.deliveries.labels(kind.label)
        for method in _METHODS:
            self.waits.labels(method)
            for outcome in get_args(CallOutcome):
                self.calls.labels(method, outcome)

    def record_poll(self, poll: Poll) -> None:
        """Count a poll."""
        self.polls.labels(poll.outcome).inc()

    def record_send(
        self, result: SendResult, published_at: Mapping[StoryId, datetime], *, now: datetime
    ) -> None:
        """Count the deliveries of a message by its outcome.

        The latency is measured of those whose story is in `published_at`.
        """
        count = len(result.covered)
        self.deliveries.labels(result.outcome.label).inc(count)
        match result.outcome:
            case Unanswered():
                # The answer to one message may fail to come seven times: it is one possible repeat.
                self.repeats.inc(sum(not delivery.is_doubtful for delivery in result.covered))
            case Sent():
                for delivery in result.covered:
                    if instant := published_at.get(delivery.story_id):
                        # A publisher's clock may be ahead of ours.
                        self.latency.observe(max((now - instant).total_seconds(), 0))
            case _:
                pass

    def record_api_call(self, method: str, outcome: str, wait: timedelta) -> None:
        """Count a call of the Bot API, and the wait that it asked for."""
        self.calls.labels(method, outcome).inc()
        if wait:
            self.waits.labels(method).inc(wait.total_seconds())

    def exposition(self) -> bytes:
        """Return all metrics in Prometheus's text format."""
        return generate_latest(self.registry)


@dataclass(slots=True, kw_only=True, eq=False)  # a registry hashes its collectors
class TableCollector(Collector):
    """Gauges of the tables, the disk and the backups.

    `counts` of None: reading them failed. `backup_age` is in seconds, None where backups are off.
    """

    free_bytes: Callable[[], int]
    size_bytes: Callable[[], int]
    backup_age: Callable[[], float | None] = lambda: None
    counts: TableCounts | None = None
    counted_at: datetime | None = None

    def collect(self) -> Iterator[Metric]:
        """Yield each metric; those of the tables only while `counts` is set."""
        build = GaugeMetricFamily(
            "readalso_build_info",
            "Always 1; the labels tell what runs.",
            labels=["version", "commit", "python"],
        )
        build.add_metric([__version__, commit(), platform.python_version()], 1)
        yield build
        yield _gauge("disk_free_bytes", "Room left on the database's disk.", self.free_bytes())
        yield _gauge("database_bytes", "Size of the database's file.", self.size_bytes())
        if (age := self.backup_age()) is not None:
            yield _gauge("backup_age_seconds", "Age of the last verified backup.", age)
        counts, counted_at = self.counts, self.counted_at
        if counts is None or counted_at is None:
            return
        yield _total("articles", "Articles that were stored, ever.", counts.articles)
        yield _total("stories", "Stories that were opened, ever.", counts.stories)
        yield _total("owed", "Deliveries that were owed, ever.", counts.deliveries)
        yield _gauge("articles_unread", "Articles that are not processed yet.", counts.unprocessed)
        yield _gauge("updates_waiting", "Updates that wait to be handled.", counts.updates)
        yield _gauge("deliveries_pending", "Deliveries that are owed now.", counts.pending)
        yield _gauge(
            "oldest_owed_seconds",
            "For how long the oldest of them is owed; readers' hours count too.",
            _age(counts.oldest_pending_at, counted_at),
        )
        yield _gauge(
            "late_seconds",
            "For how long the chat that waits for the longest has been due.",
            _age(counts.oldest_due_at, counted_at),
        )
        yield _by_state("subscribers", "Chats that read the news.", counts.subscribers)
        yield _by_state("feeds", "Feeds in the catalogue.", counts.feeds)
        yield _by_label(
            "dead_letters",
            "Rows set aside after repeated failures.",
            counts.dead_letters,
            label="queue",
        )
        family = CounterMetricFamily(
            "readalso_silent_joins",
            "Articles that joined a story and were owed to nobody, by the age of the story.",
            labels=["age"],
        )
        for story_age, count in counts.silent_joins.items():
            family.add_metric([story_age], count)
        yield family


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0) if since else 0


def _gauge(name: str, documentation: str, value: float) -> Metric:
    return GaugeMetricFamily(f"readalso_{name}", documentation, value=value)


def _total(name: str, documentation: str, value: float) -> Metric:
    return CounterMetricFamily(f"readalso_{name}", documentation, value=value)


def _by_state(name: str, documentation: str, counts: Mapping[str, int]) -> Metric:
    return _by_label(name, documentation, counts, label="state")


def _by_label(name: str, documentation: str, counts: Mapping[str, int], *, label: str) -> Metric:
    family = GaugeMetricFamily(f"readalso_{name}", documentation, labels=[label])
    for state, count in counts.items():
        family.add_metric([state], count)
    return family
