"""Lists of ready-made words: places, and what can be muted by one tap.

The data are `bot/resources/ready_places.toml` and `ready_mutes.toml`; `sensitive_words.toml` tells
which stories come without a picture.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from bot.model import LANGUAGES, Language, Phrase
from bot.resources import RESOURCES
from bot.text.phrases import parse_phrase
from bot.text.stemming import stem, words

Kind = Literal["place", "mute", "sensitive"]
_FILES: Mapping[Kind, Path] = {
    "place": RESOURCES / "ready_places.toml",
    "mute": RESOURCES / "ready_mutes.toml",
    "sensitive": RESOURCES / "sensitive_words.toml",
}
_PLACE_EMOJI = "📍"
_SEATS = "seats"
# No word of a text begins so.
MARK = "@"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyWords:
    """A list of words; `labels` are its names, and `is_seat` tells that it is a capital."""

    id: str
    kind: Kind
    emoji: str
    labels: Mapping[Language, str]
    words: tuple[str, ...]
    is_seat: bool = False
    excepted: frozenset[str] = frozenset()

    @property
    def phrase(self) -> Phrase:
        """Return the phrase that stands for the list in words and in the text of stories."""
        return Phrase(stems=f" {MARK}{self.id} ")

    def label(self, language: Language) -> str:
        """Return the name of the list as it is shown and stored: "📍 Харків"."""
        return f"{self.emoji} {self.labels[language]}"


def ready_words(kind: Kind) -> tuple[ReadyWords, ...]:
    """Return all lists of a kind, in the order of the file."""
    return tuple(each for each in _lists().values() if each.kind == kind)


def find_ready_words(list_id: str) -> ReadyWords | None:
    """Return the list; None: there is none, or none any more."""
    return _lists().get(list_id)


def typed_phrase(typed: str) -> Phrase | None:
    """Return the phrase that a reader typed, or that of the list whose label it is.

    None: it is none, see `parse_phrase`.
    """
    return _by_label().get(" ".join(typed.split())) or parse_phrase(typed)


@cache
def seat_words() -> tuple[frozenset[str], frozenset[str]]:
    """Return the stems that stand before and after a city that stands for its government."""
    seats = _documents()["place"][_SEATS]
    before, after = (
        frozenset(stem(word) for part in _parts(seats[side]) for word in words(part))
        for side in ("before", "after")
    )
    return before, after


@cache
def _documents() -> Mapping[Kind, Mapping[str, Any]]:
    return {kind: tomllib.loads(path.read_text("utf-8")) for kind, path in _FILES.items()}


@cache
def _lists() -> Mapping[str, ReadyWords]:
    found: dict[str, ReadyWords] = {}
    for kind, document in _documents().items():
        for list_id, table in document.items():
            if list_id == _SEATS:
                continue
            parts = {language: _parts(table[language]) for language in LANGUAGES}
            # The label of a place is one of its names, that of a mute only tells what it is.
            skipped = 0 if kind == "place" else 1
            found[list_id] = ReadyWords(
                id=list_id,
                kind=kind,
                emoji=table.get("emoji", _PLACE_EMOJI),
                labels={language: parts[language][0] for language in LANGUAGES},
                words=tuple(word for each in parts.values() for word in each[skipped:]),
                is_seat=table.get("seat", False),
                excepted=frozenset(_parts(table.get("except", ""))),
            )
    return found


@cache
def _by_label() -> Mapping[str, Phrase]:
    return {
        each.label(language): each.phrase for each in _lists().values() for language in LANGUAGES
    }


def _parts(listed: str) -> list[str]:
    return [part.strip() for part in listed.split(",")]
