"""Report of a soak test, from the call log, the database and /proc."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from statistics import median

from tests.end_to_end.process_stats import Vitals
from tests.end_to_end.simulated_readers import Reader
from tests.end_to_end.soak import Soak

# So many spans of the same length are looked at; the first of them is the warm-up.
SPANS = 6
# What the last may take more than the second: the middle of its memory, the most descriptors.
MEMORY, DESCRIPTORS = 1.05, 16
# In seconds, from owed to sent: the middle, and the longest, while Telegram is down for 15 at once.
MIDDLE_WAIT, LONGEST_WAIT = 20, 180
Told = tuple[Reader, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What was seen in a sixth of the time.

    `waits` are seconds from owed to sent.
    """

    until: float
    samples: Sequence[Vitals]
    waits: Sequence[int]

    @property
    def megabytes(self) -> float:
        """The middle of what it and its children took."""
        return median(it.megabytes + it.children_megabytes for it in self.samples)

    @property
    def descriptors(self) -> int:
        """The most that were open."""
        return max(it.descriptors for it in self.samples)

    @property
    def cpu(self) -> float:
        """The share of a core that it took."""
        first, last = self.samples[0], self.samples[-1]
        return (last.cpu - first.cpu) / (last.at - first.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What should not have been, and what each span took.

    A repeat is `unexplained` if the one before it was answered. `news_waits` are seconds from
    published to the first who had it.
    """

    spans: tuple[Span, ...]
    accepted: int
    lost: tuple[Told, ...]
    repeats: int
    unexplained: tuple[Told, ...]
    doubts: int
    news_waits: tuple[float, ...]
    violations: int


def is_steady(result: Report) -> bool:
    """Tell whether it took no more at the end than after its warm-up."""
    second, last = result.spans[1], result.spans[-1]
    return (
        last.megabytes <= MEMORY * second.megabytes
        and last.descriptors <= second.descriptors + DESCRIPTORS
        and max(it.children for it in last.samples) <= max(it.children for it in second.samples)
    )


def is_prompt(result: Report) -> bool:
    """Tell whether nobody waited for too long."""
    waits = [wait for span in result.spans for wait in span.waits]
    return median(waits) <= MIDDLE_WAIT and max(waits) <= LONGEST_WAIT


def report(soak: Soak) -> Report:
    """Compare the accepted messages with those that readers must get."""
    arrivals = soak.arrivals
    with closing(sqlite3.connect(soak.database)) as connection:
        ((doubts,),) = connection.execute("SELECT sum(doubts) FROM deliveries").fetchall()
    first: dict[str, float] = {}
    for (_, title), its in arrivals.items():
        first[title] = min(its[0].at, first.get(title, its[0].at))
    return Report(
        spans=_spans(soak),
        accepted=sum(map(len, arrivals.values())),
        lost=tuple(soak.crowd.must - arrivals.keys()),
        repeats=sum(len(its) - 1 for its in arrivals.values()),
        unexplained=tuple(
            told
            for told, its in arrivals.items()
            if len(its) - 1 > sum(not it.answered for it in its)
        ),
        doubts=doubts,
        news_waits=tuple(sorted(at - soak.published[title] for title, at in first.items())),
        violations=soak.telegram.violations,
    )


def _spans(soak: Soak) -> tuple[Span, ...]:
    length = soak.size.seconds / SPANS
    with closing(sqlite3.connect(soak.database)) as connection:
        waits = connection.execute(
            "SELECT done_at, done_at - owed_at FROM deliveries WHERE state = 'sent'"
        ).fetchall()
    began_at = min(soak.published.values())
    return tuple(
        Span(
            until=(number + 1) * length,
            samples=[it for it in soak.samples if int(it.at // length) == number],
            waits=sorted(wait for at, wait in waits if int((at - began_at) // length) == number),
        )
        for number in range(SPANS)
    )


def table(soak: Soak, result: Report) -> str:
    """Return in figures what happened."""
    head = (
        "minutes", "sent", "median wait, s", "99 in 100", "longest", "MB", "with children",
        "descriptors", "threads", "children", "of a core",
    )  # fmt: skip
    lines = [_row(head), _row(["--:"] * len(head)), *(_row(_cells(it)) for it in result.spans)]
    news = result.news_waits
    facts = [
        ("feeds", len(soak.papers.by_host)),
        ("readers", len(soak.crowd.readers)),
        ("stories", len(soak.published)),
        ("articles", soak.entries),
        ("messages accepted", result.accepted),
        ("owed by right", len(soak.crowd.must)),
        ("lost", len(result.lost)),
        ("repeated", result.repeats),
        ("of these without a doubt before", len(result.unexplained)),
        ("doubts that the bot counted", result.doubts),
        ("too fast", result.violations),
        ("from published to the first reader, the middle and the longest, s",
         f"{median(news):.0f}, {news[-1]:.0f}"),
        ("requests that met an ill feed", sum(soak.papers.met.values())),
    ]  # fmt: skip
    return "\n".join([*lines, "", *(f"| {name} | {value} |" for name, value in facts)])


def _cells(span: Span) -> list[str]:
    waits = span.waits or [0]
    return [
        f"{span.until / 60:.1f}".removesuffix(".0"),
        f"{len(span.waits):,}",
        f"{median(waits):.0f}",
        f"{waits[len(waits) * 99 // 100]}",
        f"{waits[-1]}",
        f"{median(it.megabytes for it in span.samples):.0f}",
        f"{span.megabytes:.0f}",
        _range(it.descriptors for it in span.samples),
        _range(it.threads for it in span.samples),
        _range(it.children for it in span.samples),
        f"{span.cpu:.2f}",
    ]


def _range(values: Iterable[int]) -> str:
    all_values = set(values)
    least, most = min(all_values), max(all_values)
    return f"{least}" if least == most else f"{least} to {most}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
