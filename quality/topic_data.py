"""Labelled articles that train and measure the topic model. The texts stay in `DATA`.

The marked days measure, each by a model that was trained without it.
"""

import re
import tarfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import cast

import feedparser

import bot
from quality.data import file, is_sample, marks, rows, said

HERE = Path(__file__).parent
DAYS = ("A", "C", "D", "E", "G")
# What a person marked weighs more than what a newspaper filed; recent days weigh most.
HAND_WEIGHT, DAY_WEIGHT = 2.0, 3.0
TOPICS_FILE = Path(bot.__file__).parent / "resources" / "topics.toml"

# General newspapers in English among the recorded feeds, but those of publishers that teach.
_ENGLISH_FEEDS = (
    "08f1ee71",
    "14333881",
    "18138c71",
    "3f9eeff5",
    "5357198d",
    "6040d25e",
    "72fea1eb",
    "78f77fae",
    "7be30705",
    "d2a188f2",
    "f9c17f36",
)
# Publishers whose sections teach; what the marked files have of them is left out.
_TEACHERS = re.compile(
    r"lenta\.ru|huff|bbc\.|meduza\.io|unian|liga\.net|pravda\.com|ukranews|svoboda|tut\.by|onliner\.by",
    re.IGNORECASE,
)
# Lenta files Ukraine under what is abroad; to our readers it is not.
_UKRAINE = re.compile(
    r"украин|киев|зеленск|порошенк|донбас|донецк|крым|одесс|харьков|львов|херсон|\bвсу\b",
    re.IGNORECASE,
)
_LEAD_CHARS = 300
_TAG = re.compile(r"<[^>]+>")

Row = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An article and the topics that would be right for it, the main one first.

    One `is_marked` was read by a person, who gave it all its topics; of others one of the topics
    is right. `day` is the marked day that it is of, `id` its name there.
    """

    source: str
    language: str
    title: str
    text: str
    topics: tuple[str, ...]
    weight: float = 1.0
    is_marked: bool = False
    day: str = ""
    id: str = ""
    kind: str = "news"


def teaching() -> list[Sample]:
    """Return the articles that newspapers filed, each once."""
    found = (*_newspapers(), *_lenta(), *_tsn(), *_items())
    return list({_beginning(sample): sample for sample in found}.values())


def marked() -> list[Sample]:
    """Return the articles that people marked, but those of the marked days."""
    found = (*_posts(), *_pairs(), *_headlines(), *_feeds(), *_segodnya())
    labelled = [replace(sample, weight=HAND_WEIGHT, is_marked=True) for sample in found]
    earlier = rows("newsday/hand_topics")
    return labelled + [_marked(row, cast(list[str], row["topics"]), HAND_WEIGHT) for row in earlier]


def days() -> list[Sample]:
    """Return the articles of the marked days."""
    found = []
    for day in DAYS:
        for row, mark in marks(day):
            sample = _marked(row, mark["topics"], DAY_WEIGHT)
            found.append(replace(sample, day=day, kind=mark["kind"]))
    return found


def without(samples: list[Sample], tested: list[Sample]) -> list[Sample]:
    """Return the samples that are not among the tested ones, nor begin like one of them."""
    begun = {_letters(sample) for sample in tested}
    return [sample for sample in samples if _letters(sample) not in begun]


def _marked(row: Mapping[str, object], topics: list[str], weight: float) -> Sample:
    return Sample(
        source=said(row, "source"),
        language=said(row, "lang"),
        title=said(row, "title"),
        text=said(row, "text"),
        topics=tuple(topics) or ("none",),
        weight=weight,
        is_marked=True,
        id=said(row, "id"),
    )


def _beginning(sample: Sample) -> str:
    return (sample.title + sample.text)[:150]


def _letters(sample: Sample) -> str:
    text = (sample.title + " " + sample.text)[:400].lower()
    return "".join(filter(str.isalpha, text))[:80]


def _newspapers() -> Iterator[Sample]:
    for row in _rows("topics"):
        # The posts of uk_tg2026 are among those that measure; tsn is read from its own file.
        source = "lenta" if row["source"].startswith("lenta") else row["source"]
        if source not in ("uk_tg2026", "tsn"):
            yield from _filed(source, row["raw_label"], row, row["text"] or "")


def _lenta() -> Iterator[Sample]:
    for row in _rows("articles_lenta_ru"):
        yield from _filed("lenta", row["label"], row, row["text"])


def _tsn() -> Iterator[Sample]:
    for row in _rows("articles_tsn_uk"):
        yield from _filed("tsn", row["label"], row, f"{row['subtitle'] or ''} {row['text']}")


def _items() -> Iterator[Sample]:
    """Go through the hand-labelled items of feeds, of some thirty publishers."""
    labels = _labels("feed_items_ru_uk")
    for row in _rows("feed_items_ru_uk"):
        if topics := labels.get(_key(row["link"] or "")):
            source = f"feeds, {row['lang']}"
            yield _sample(source, row, _plain(row["description"]), topics)


def _posts() -> Iterator[Sample]:
    labels = _labels("stream_telegram_uk")
    for row in _rows("stream_telegram_uk"):
        if topics := labels.get(str(row["id"])):
            yield _sample("Telegram, posts", row | {"title": ""}, row["text"], topics)


def _pairs() -> Iterator[Sample]:
    pairs = _rows("same_story_pairs")
    for key, topics in _labels("same_story_pairs").items():
        number, side = key.split(".")
        row = pairs[int(number)]
        if not _TEACHERS.search(row[f"url{side}"]):
            titled = row | {"title": row[f"title{side}"] or ""}
            yield _sample("many newspapers", titled, row[f"text{side}"] or "", topics)


def _headlines() -> Iterator[Sample]:
    labels = _labels("stories_en")
    for row in _rows("stories_en"):
        if topics := labels.get(str(row["id"])):
            yield _sample("many newspapers, headlines", row, "", topics)


def _feeds() -> Iterator[Sample]:
    labels = _labels("feeds_real")
    with tarfile.open(file("feeds_real.tar.xz")) as archive:
        for member in archive:
            if not Path(member.name).name.startswith(_ENGLISH_FEEDS):
                continue
            document = archive.extractfile(member)
            for entry in feedparser.parse(document.read() if document else b"").entries:
                if topics := labels.pop(_key(entry.link), None):
                    row = {"title": entry.title, "lang": "en"}
                    yield _sample("feeds", row, _plain(entry.get("summary")), topics)


def _segodnya() -> Iterator[Sample]:
    for row in _rows("articles_segodnya"):
        if row["lang"] == "ru":
            label = row["subsection"] if row["section"] == "lifestyle" else row["section"]
            yield from _filed("segodnya", label, row, row["text"])


def _filed(source: str, label: str | None, row: Row, text: str) -> Iterator[Sample]:
    """Make a sample of an article if its section tells its topic."""
    if is_sample():
        if label:
            yield _sample(source, row, text, label)
        return
    sections = _sections()[source]
    lead = f"{row['title'] or ''} {text[:_LEAD_CHARS]}"
    of_ukraine = sections.get(f"{label}, Украина") if _UKRAINE.search(lead) else None
    if topics := of_ukraine or sections.get(label or ""):
        yield _sample(source, row, text, topics)


def _sample(source: str, row: Row, text: str, topics: str) -> Sample:
    return Sample(
        source=source,
        language=row["lang"],
        title=row["title"] or "",
        text=text,
        topics=tuple(topics.split()),
    )


def _rows(name: str) -> list[Row]:
    """Return the rows of a file, whose texts may be missing."""
    return cast(list[Row], rows(name))


def _labels(name: str) -> dict[str, str]:
    if is_sample():
        return {}  # of other texts
    labels: dict[str, dict[str, str]] = tomllib.loads((HERE / "topic_labels.toml").read_text())
    return labels[name]


@cache
def _sections() -> dict[str, dict[str, str]]:
    return tomllib.loads((HERE / "topic_sections.toml").read_text())


def _key(link: str) -> str:
    return blake2b(link.encode(), digest_size=4).hexdigest()


def _plain(html: str | None) -> str:
    return _TAG.sub(" ", html or "")
