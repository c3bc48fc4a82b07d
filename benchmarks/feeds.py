"""Cost of a poll, beside plain feedparser and `reader`. Run `python -m benchmarks.feeds`."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, median
from tempfile import TemporaryDirectory

from benchmarks.contenders import Contender, Costs, lemon24_reader, plain_feedparser, readalso
from benchmarks.lag import LANES, Lag, loop_lag
from benchmarks.recording import read_recording
from benchmarks.server import STAGES, RunningPublisher, Stage, open_publisher
from tests.support.markdown_report import machine_info, print_paragraph, table

CONTENDERS: Mapping[str, Contender] = {
    "feedparser": plain_feedparser,
    "reader": lemon24_reader,
    "ReadAlso": readalso,
}
OURS = "ReadAlso"
OTHERS = [name for name in CONTENDERS if name != OURS]
# To feedparser, which remembers nothing, each of these is the same work as the first poll.
SAME_WORK = frozenset(STAGES) - {"first poll", "304"}

# Of each stage the costs by the feed's number.
Results = Mapping[Stage, Mapping[str, float]]


async def main() -> None:
    """Measure, and print the tables."""
    print_paragraph(f"A poll of each of the recorded feeds, on {machine_info()}.")
    results = {}
    for name, contender in CONTENDERS.items():
        with open_publisher() as publisher, TemporaryDirectory() as folder:
            results[name] = await _measure(contender, publisher, Path(folder))
    print_paragraph(_costs_table(results))
    documents = read_recording()
    print_paragraph(_lag_sentence(await loop_lag(documents)))


async def _measure(contender: Contender, publisher: RunningPublisher, folder: Path) -> Results:
    costs: dict[Stage, Costs] = {}
    results: dict[Stage, Mapping[str, float]] = {}
    async with contender(publisher.urls(), folder) as poll_all:
        for stage in STAGES:
            feeds = await asyncio.to_thread(publisher.enter, stage)
            known = contender is plain_feedparser and stage in SAME_WORK
            costs[stage] = cost = costs["first poll"] if known else await poll_all()
            results[stage] = {_number(url): cost[url] for url in feeds if url in cost}
    return results


def _number(url: str) -> str:
    return url.rpartition("/")[2]


def _costs_table(results: Mapping[str, Results]) -> str:
    """Return the median (and the mean) cost of a poll, and how it compares with ours."""
    head = ["ms of CPU: median (mean)", "feeds", *results, *(f"ours : {name}" for name in OTHERS)]
    return table(head, [_row(stage, results) for stage in STAGES])


def _row(stage: Stage, results: Mapping[str, Results]) -> list[str]:
    by_name = {name: result[stage] for name, result in results.items()}
    common = sorted(set.intersection(*map(set, by_name.values())))
    costs = {name: [of[feed] * 1e3 for feed in common] for name, of in by_name.items()}
    figures = [
        f"{median(costs_of_one):.2f} ({fmean(costs_of_one):.2f})" for costs_of_one in costs.values()
    ]
    ratios = [_ratio(costs[OURS], costs[name]) for name in OTHERS]
    return [stage, str(len(common)), *figures, *ratios]


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    return f"1 : {median(theirs) / median(ours):.1f} (1 : {fmean(theirs) / fmean(ours):.1f})"


def _lag_sentence(lag: Lag) -> str:
    return (
        f"While {lag.parsed} feeds are parsed in the parsers' processes, {LANES} at a time in"
        f" {lag.took:.1f} s, the event loop is late by {lag.median:.1f} ms in the median,"
        f" {lag.p99:.1f} ms at the 99th percentile and {lag.worst:.1f} ms at worst."
    )


if __name__ == "__main__":
    asyncio.run(main())
