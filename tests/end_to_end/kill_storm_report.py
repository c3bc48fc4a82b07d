"""Report of a kill storm: lost, repeated and misplaced messages, by the call log."""

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from bot_playground.state.call_log import AcceptedMessage
from tests.end_to_end.forked_bot import STAGES
from tests.end_to_end.kill_storm import NONE, Storm
from tests.end_to_end.simulated_readers import Reader

# An answer that came so shortly before a kill may not have been written down on a busy machine; how
# many such there were in all is known, and held by `excess`.
ACKNOWLEDGED_WITHIN = 2.0

Told = tuple[Reader, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was accepted, by reader and headline, and what of it should not have been.

    `never` counts answers that were not written whole. Of all repeats `excess` are more than those
    and what a kill fell upon; an `unexplained` one had its own answer well before any kill.
    `forgotten` are letters, digests' stories and feeds of a chat's own that it never got.
    """

    accepted: Mapping[Told, Sequence[AcceptedMessage]]
    never: int
    repeats: int
    excess: int
    unexplained: tuple[Told, ...]
    lost: tuple[Told, ...]
    forgotten: tuple[str, ...]
    disordered: tuple[Told, ...]
    impatient: int
    violations: int


def report(storm: Storm) -> Report:
    """Compare the accepted messages with what readers must have."""
    accepted = _accepted(storm)
    never = sum(not it.answered for its in accepted.values() for it in its)
    repeats = sum(len(its) - 1 for its in accepted.values())
    return Report(
        accepted=accepted,
        never=never,
        repeats=repeats,
        excess=max(0, repeats - never - storm.in_hand),
        unexplained=tuple(
            told
            for told, its in accepted.items()
            if len(its) - 1 > sum(not _is_acknowledged(storm, it) for it in its)
        ),
        lost=tuple(storm.crowd.must - accepted.keys()),
        forgotten=(*_unsent_letters(storm), *_untold_in_digests(storm), *_unadded_feeds(storm)),
        disordered=_disordered(storm, accepted),
        impatient=_impatient(storm),
        violations=storm.telegram.violations,
    )


def _accepted(storm: Storm) -> dict[Told, list[AcceptedMessage]]:
    homes, titles = storm.crowd.homes(), set(storm.titles)
    found: dict[Told, list[AcceptedMessage]] = {}
    for sent in storm.telegram.call_log.sent:
        title = sent.text.partition("\n")[0]
        # Hoarders are no readers; what they are told in is a digest.
        if title in titles and sent.chat_id in homes:
            found.setdefault((homes[sent.chat_id], title), []).append(sent)
    return found


def _unsent_letters(storm: Storm) -> list[str]:
    got = {(sent.chat_id, sent.text) for sent in storm.telegram.call_log.sent}
    channels = [it.home for it in storm.crowd.readers if it.kind == "channel"]
    return [
        f"{text} to {home}"
        for text in storm.letters
        for home in channels
        if (home, text) not in got
    ]


def _untold_in_digests(storm: Storm) -> list[str]:
    untold = []
    for person in storm.crowd.hoarders:
        chat_id = storm.telegram.chat(person).id
        sent = storm.telegram.call_log.sent
        texts = "\n".join(each.text for each in sent if each.chat_id == chat_id)
        untold += [f"{title} to {chat_id}" for title in storm.titles if title not in texts]
    return untold


def _unadded_feeds(storm: Storm) -> list[str]:
    with closing(sqlite3.connect(storm.database)) as connection:
        rows = connection.execute(
            "SELECT chat_id, url FROM own_feeds JOIN feeds ON feeds.id = feed_id"
        ).fetchall()
    return [f"{url} of {chat_id}" for chat_id, url in {*storm.wanted_feeds}.difference(rows)]


def _is_acknowledged(storm: Storm, sent: AcceptedMessage) -> bool:
    """Tell whether the bot had the answer, and the time to write it down."""
    answered_at = sent.call.answered_at
    return sent.answered and not any(
        answered_at is not None and 0 <= at - answered_at < ACKNOWLEDGED_WITHIN
        for at in storm.killed_at
    )


def _disordered(
    storm: Storm, accepted: Mapping[Told, Sequence[AcceptedMessage]]
) -> tuple[Told, ...]:
    """Return what came to a chat after something that it was owed later.

    What was in hand at two kills may be what ended the process: other work goes before it.
    """
    with closing(sqlite3.connect(storm.database)) as connection:
        rows = connection.execute(
            "SELECT chat_id, title, deliveries.id FROM deliveries"
            " JOIN stories ON stories.id = deliveries.story_id"
            " JOIN articles ON articles.id = lead_id"
            " WHERE doubts < 2"
        ).fetchall()
    order = {(chat_id, title): number for chat_id, title, number in rows}
    last: dict[Reader, int] = {}
    found = []
    for reader, title in sorted(accepted, key=lambda told: accepted[told][0].at):
        # What a chat that left was owed anew may come in another order.
        number = order.get((reader.home, title))
        if number is None or reader.was_closed:
            continue
        if number < last.get(reader, 0):
            found.append((reader, title))
        last[reader] = max(last.get(reader, 0), number)
    return tuple(found)


def _impatient(storm: Storm) -> int:
    """Count messages to a chat before the end of the time that it had asked for.

    But for what a kill made the bot forget, or its clock was set after.
    """
    closed: dict[int, tuple[float, float]] = {}
    count = 0
    for call in storm.telegram.call_log.calls:
        if call.method != "sendMessage" or call.chat_id is None:
            continue
        since, until = closed.get(call.chat_id, (0.0, 0.0))
        if since < call.at < until - 0.01:
            forgot = any(since <= at < since + ACKNOWLEDGED_WITHIN for at in storm.killed_at)
            count += not forgot and not any(since <= at <= call.at for at in storm.jumped_at)
        if call.code == 429 and call.answered_at is not None:
            wait = json.loads(call.description)["parameters"]["retry_after"]
            closed[call.chat_id] = (call.answered_at, call.answered_at + wait)
    return count


def table(storm: Storm, result: Report) -> str:
    """Return in words what happened."""
    record = storm.telegram.call_log
    with closing(sqlite3.connect(storm.database)) as connection:
        ((doubts,),) = connection.execute("SELECT sum(doubts) FROM deliveries").fetchall()
    refused = Counter(call.code for call in record.calls if call.code and call.code >= 400)
    fates = Counter(it.fate for it in storm.crowd.readers if it.was_closed)
    moved = sum(it.home != it.chat.id for it in storm.crowd.readers)
    lines: list[tuple[str, object]] = [
        ("seconds", round(time.monotonic() - storm.began_at)),
        ("readers", len(storm.crowd.readers)),
        ("stories", len(storm.titles)),
        ("messages accepted", len(record.sent)),
        ("owed by right", len(storm.crowd.must)),
        ("**lost**", len(result.lost)),
        ("letters, feeds to add", f"{len(storm.letters)}, {len(storm.wanted_feeds)}"),
        ("**of these, and of stories for digests, lost**", len(result.forgotten)),
        ("repeated", result.repeats),
        ("answers that were not written whole", result.never),
        ("messages in the bot's hands when a kill fell", storm.in_hand),
        ("**repeats beyond these**", result.excess),
        ("**repeats of what was answered well before any kill**", len(result.unexplained)),
        ("possible repeats that the bot counted", doubts),
        ("**out of order in a chat**", len(result.disordered)),
        ("**too fast**", result.violations),
        ("**sent before the end of a 429**", result.impatient),
        ("refused, by code", _listed(refused)),
        ("chats that left", _listed(fates)),
        ("groups that moved", moved),
        ("kills", len(storm.killed_at)),
        ("times that the clock was set", len(storm.jumped_at)),
        ("rows in hand at three kills in a row, and put back", storm.put_back),
        *((f"… while {stage}", storm.hits[stage]) for stage in (*STAGES, NONE)),
    ]
    return "\n".join(f"| {name} | {value} |" for name, value in lines)


def _listed(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()))
