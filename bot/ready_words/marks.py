"""Marks of ready-made words: they stand in the text of each story that holds a word of the list.

A list is followed or muted as one phrase, its mark, so that all that is done with words is done
with lists.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from bot.model import Phrase
from bot.ready_words.lists import MARK, Kind, ReadyWords, ready_words, seat_words
from bot.text.phrases import capitalised_words, story_text
from bot.text.stemming import phrase_words, stem

_SENTENCE_END = re.compile(r"(?<=\w\w[.!?…])[\"»”]?\s|\n")
_CONJUNCTIONS = frozenset(["і", "й", "та", "и", "and"])
# Words between a city and what shows that it stands for a government: «Москва не готова».
_BETWEEN = frozenset(map(stem, ["не", "вже", "уже", "знову", "снова", "again", "also", "з", "с"]))
# Between a word of politics and a city: "pressure on Moscow", «переговори з Києвом».
_TOWARDS = frozenset(
    [
        "з",
        "із",
        "с",
        "со",
        "на",
        "до",
        "к",
        "від",
        "от",
        "with",
        "on",
        "of",
        "from",
        "to",
        "for",
        "against",
    ]
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A word or phrase of a list, by its stems."""

    stems: tuple[str, ...]
    list_id: str
    is_name: bool
    is_seat: bool = False
    excepted: frozenset[str] = frozenset()


def places_in(typed: str) -> tuple[ReadyWords, ...]:
    """Return the places whose names are in a typed text, in any form, with or without capitals."""
    found = _marks(typed.title(), _index("place"), any_seat=True)
    return tuple(place for place in ready_words("place") if place.id in found)


@lru_cache(maxsize=4096)
def marked_text(title: str, summary: str) -> Phrase:
    """Return the text of a story as one phrase, with the marks of the lists that it is of.

    A place counts in the headline and the first sentence, what can be muted anywhere.
    """
    text = story_text(title, summary)
    first = _SENTENCE_END.split(summary, maxsplit=1)[0]
    whole = f"{title}\n{summary}"
    marks = (
        _marks(f"{title}\n{first}", _index("place"))
        | _marks(whole, _index("mute"))
        | _marks(whole, _index("sensitive"))
    )
    ending = "".join(f" {MARK}{mark} " for mark in sorted(marks))
    return Phrase(stems=f"{text.stems}|{ending}" if marks else text.stems, sounds=text.sounds)


def _marks(
    text: str, index: Mapping[str, Sequence[_Entry]], *, any_seat: bool = False
) -> frozenset[str]:
    """Return the ids of the lists that have a word in the text; of overlapping ones the longest."""
    found: set[str] = set()
    for line in text.split("\n"):
        typed = phrase_words(line)
        stems, names, place = [stem(word) for word in typed], capitalised_words(line), 0
        while place < len(stems):
            entry = _entry_at(stems, typed, names, place, index)
            if entry and (any_seat or not (entry.is_seat and _is_government(stems, typed, place))):
                found.add(entry.list_id)
            place += len(entry.stems) if entry else 1
    return frozenset(found - {""})


def _entry_at(
    stems: Sequence[str],
    typed: Sequence[str],
    names: Collection[str],
    place: int,
    index: Mapping[str, Sequence[_Entry]],
) -> _Entry | None:
    for entry in index.get(stems[place], ()):
        is_here = tuple(stems[place : place + len(entry.stems)]) == entry.stems
        is_named = not entry.is_name or typed[place] in names
        if is_here and is_named and typed[place] not in entry.excepted:
            return entry
    return None


def _is_government(stems: Sequence[str], typed: Sequence[str], place: int) -> bool:
    """Return whether the capital there stands for its government: "official Kyiv"."""
    before, after = seat_words()
    ahead = [each for each in stems[place + 1 : place + 3] if each not in _BETWEEN]
    behind = stems[max(0, place - 2) : place]
    if before & set(behind[-1:]) or after & set(ahead[:1]):
        return True
    if len(behind) > 1 and typed[place - 1] in _TOWARDS and behind[0] in before:
        return True
    beside = [
        each
        for joint, each in ((place + 1, place + 2), (place - 1, place - 2))
        if 0 <= each < len(stems) and typed[joint] in _CONJUNCTIONS
    ]
    return any(entry.is_seat for each in beside for entry in _index("place").get(stems[each], ()))


@cache
def _index(kind: Kind) -> Mapping[str, Sequence[_Entry]]:
    """Return the entries by their first stem, the longest first."""
    index: dict[str, dict[tuple[str, ...], _Entry]] = {}
    for each in ready_words(kind):
        for word in each.words:
            stems = tuple(map(stem, phrase_words(word)))
            is_name = word[0].isupper()
            is_seat = each.is_seat and word in each.labels.values()
            entry = _Entry(stems, each.id, is_name=is_name, is_seat=is_seat, excepted=each.excepted)
            of_first = index.setdefault(stems[0], {})
            # An adjective of the same stem counts without a capital.
            if stems not in of_first or not is_name:
                of_first[stems] = entry
        for phrase in each.excepted:
            if len(stems := tuple(map(stem, phrase_words(phrase)))) > 1:
                index.setdefault(stems[0], {})[stems] = _Entry(stems, "", is_name=True)
    return {
        first: sorted(entries.values(), key=lambda entry: -len(entry.stems))
        for first, entries in index.items()
    }
