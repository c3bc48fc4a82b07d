"""What is counted while the bot works, in Prometheus's terms.

Nothing here says who wrote or read what: labels are outcomes, methods and states.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.delivery.outbox import SendResult
from bot.model import Poll, Sent, StoryId, TableCounts, Unanswered

# From a minute, which is as quick as polling can be, to two days: older news is not pushed.
_LATENCIES = (60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400, 172800)
_LAGS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


@dataclass(slots=True)
class Metrics:
    """All that is measured; a registry of its own, so that two bots in one process do not meet."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    polls: Counter = field(init=False)
    deliveries: Counter = field(init=False)
    repeats: Counter = field(init=False)
    latency: Histogram = field(init=False)
    calls: Counter = field(init=False)
    waits: Counter = field(init=False)
    lag: Histogram = field(init=False)

    def __post_init__(self) -> None:
        """Make the instruments."""
        counter = self._counter
        self.polls = counter("polls", "Polls of feeds, by how they ended.", "outcome")
        self.deliveries = counter(
            "deliveries", "Deliveries attempted, by what Telegram answered.", "outcome"
        )
        self.repeats = counter("possible_repeats", "Deliveries whose answer never came.")
        self.calls = counter("telegram_calls", "Calls of the Bot API.", "method", "outcome")
        self.waits = counter("telegram_wait_seconds", "What Telegram asked us to wait.", "method")
        self.latency = Histogram(
            "readalso_latency_seconds",
            "From the publication of a story to the reader's having it.",
            buckets=_LATENCIES,
            registry=self.registry,
        )
        self.lag = Histogram(
            "readalso_loop_lag_seconds",
            "How late the event loop is.",
            buckets=_LAGS,
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(f"readalso_{name}", says, labels, registry=self.registry)

    def polled(self, poll: Poll) -> None:
        """Count a poll."""
        self.polls.labels(poll.outcome).inc()

    def answered(
        self, answer: SendResult, published: Mapping[StoryId, datetime], *, now: datetime
    ) -> None:
        """Count what became of deliveries; `published` says when their stories were, if known."""
        count = len(answer.covered)
        self.deliveries.labels(answer.outcome.label).inc(count)
        match answer.outcome:
            case Unanswered():
                self.repeats.inc(count)
            case Sent():
                for delivery in answer.covered:
                    if at := published.get(delivery.story_id):
                        # A publisher's clock may be ahead of ours.
                        self.latency.observe(max((now - at).total_seconds(), 0))
            case _:
                pass

    def called(self, method: str, outcome: str, wait: timedelta) -> None:
        """Count a call of the Bot API, and what it asked us to wait."""
        self.calls.labels(method, outcome).inc()
        if wait:
            self.waits.labels(method).inc(wait.total_seconds())

    def text(self) -> bytes:
        """Return all of it as Prometheus reads it."""
        return generate_latest(self.registry)


@dataclass(slots=True, kw_only=True, eq=False)  # a registry keeps them by identity
class TableCollector(Collector):
    """What the tables said last, and how much room their disk has; None: they did not answer."""

    free_bytes: Callable[[], int]
    size_bytes: Callable[[], int]
    levels: TableCounts | None = None
    at: datetime | None = None

    def collect(self) -> Iterator[Metric]:
        """Yield each metric."""
        yield _gauge("disk_free_bytes", "Room left on the database's disk.", self.free_bytes())
        yield _gauge("database_bytes", "Size of the database's file.", self.size_bytes())
        if self.levels is None or self.at is None:
            return
        its = self.levels
        yield _total("articles", "Articles that were stored, ever.", its.articles)
        yield _total("stories", "Stories that were opened, ever.", its.stories)
        yield _total("owed", "Deliveries that were owed, ever.", its.deliveries)
        yield _gauge("articles_unread", "Articles that the editor has yet to read.", its.unread)
        yield _gauge("updates_waiting", "Updates that wait to be handled.", its.updates)
        yield _gauge("deliveries_pending", "Deliveries that are owed now.", its.owed)
        yield _gauge(
            "oldest_owed_seconds",
            "For how long the oldest of them is owed; readers' hours count too.",
            _age(its.owed_since, self.at),
        )
        yield _gauge(
            "late_seconds",
            "For how long the chat that waits for the longest has been due.",
            _age(its.due_since, self.at),
        )
        yield _by_state("subscribers", "Chats that read the news.", its.subscribers)
        yield _by_state("feeds", "Feeds in the catalogue.", its.feeds)


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0) if since else 0


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(f"readalso_{name}", says, value=value)


def _total(name: str, says: str, value: float) -> Metric:
    return CounterMetricFamily(f"readalso_{name}", says, value=value)


def _by_state(name: str, says: str, counts: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(f"readalso_{name}", says, labels=["state"])
    for state, count in counts.items():
        family.add_metric([state], count)
    return family
