"""Names that live outside the code: in shells, scrapers, databases and buttons already sent.

Each is compared with a file of `tests/golden`. To change one on purpose, run
`UPDATE_GOLDEN=1 make test ARGS=tests/test_wire_names.py`, and say so in CHANGELOG.md.
"""

import ast
import importlib
import os
import pkgutil
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click
import pytest
from aiogram.filters.callback_data import CallbackData

import bot.telegram
from bot.cli.main import main
from bot.model import (
    ChatMigrated,
    Rejected,
    SendOutcome,
    Sent,
    TableCounts,
    ThreadClosed,
    Unanswered,
)
from bot.model.delivery import ChatGone, RetryLater
from bot.monitoring.metrics import Metrics, TableCollector

GOLDEN = Path(__file__).parent / "golden"
CODE = Path(bot.telegram.__file__).parents[1]


def agrees(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def helps(command: click.Command, path: str) -> Iterator[str]:
    names = main.context_settings["help_option_names"]
    # Click keeps the option that whoever asked first has made, with or without these names.
    vars(command)["_help_option"] = None
    context = click.Context(command, info_name=path, terminal_width=100, help_option_names=names)
    yield f"$ {path} --help\n{command.get_help(context)}\n"
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from helps(command.commands[name], f"{path} {name}")


def test_the_commands_and_their_options_are_those_of_the_golden_file() -> None:
    agrees("cli.txt", "\n".join(helps(main, "readalso")))


def test_the_metrics_and_their_labels_are_those_of_the_golden_file() -> None:
    metrics = Metrics()
    tables = TableCollector(free_bytes=lambda: 0, size_bytes=lambda: 0, backup_age=lambda: 0)
    counts = dict.fromkeys(TableCounts.__dataclass_fields__, 0)
    labelled = ("subscribers", "feeds", "dead_letters", "silent_joins")
    states = {name: {"x": 1} for name in labelled}
    instants = dict.fromkeys(("oldest_pending_at", "oldest_due_at"))
    tables.counts = TableCounts(**{**counts, **states, **instants})  # type: ignore[arg-type]
    tables.counted_at = datetime.fromisoformat("2026-03-02T12:00:00+00:00")
    named = [
        f"{family._type} {family._name} {list(family._labelnames)}"
        for family in (
            metrics.polls,
            metrics.deliveries,
            metrics.repeats,
            metrics.calls,
            metrics.waits,
            metrics.latency,
            metrics.lag,
            metrics.restarts,
        )
    ]
    named += [
        f"{metric.type} {metric.name} {sorted({key for s in metric.samples for key in s.labels})}"
        for metric in tables.collect()
    ]
    agrees("metrics.txt", "\n".join(sorted(named)) + "\n")


@pytest.mark.parametrize(
    ("outcome", "label"),
    [
        (Sent, "sent"),
        (RetryLater, "retrylater"),
        (Unanswered, "unanswered"),
        (ChatMigrated, "moved"),
        (ThreadClosed, "shut"),
        (ChatGone, "gone"),
        (Rejected, "rejected"),
    ],
)
def test_the_label_of_an_outcome_does_not_follow_the_name_of_its_class(
    outcome: type[SendOutcome], label: str
) -> None:
    assert outcome.label == label


def test_the_data_of_buttons_are_those_of_the_golden_file() -> None:
    for module in pkgutil.walk_packages(bot.telegram.__path__, "bot.telegram."):
        importlib.import_module(module.name)
    agrees(
        "callback_data.txt",
        "".join(
            sorted(
                f"{kind.__prefix__}{kind.__separator__}"
                f"{[f'{name}: {field.annotation}' for name, field in kind.model_fields.items()]}\n"
                for kind in CallbackData.__subclasses__()
                if kind.__module__.startswith("bot.")
            )
        ),
    )


def test_the_sentences_are_those_of_the_golden_file() -> None:
    catalogue = (CODE / "locales" / "en.po").read_text(encoding="utf-8")
    entries = re.findall(r'^msgid ((?:".*"\n?)+)', catalogue, re.M)
    sentences = {
        "".join(ast.literal_eval(line) for line in entry.splitlines()) for entry in entries
    }
    agrees("sentences.txt", "".join(sorted(f"{sentence!r}\n" for sentence in sentences)))
