"""Typed sentences: how many are understood, asked back, refused and misread, in each language.

The lists `quality/typed_*.tsv` hold a language, a place, a sentence and what it means, between
tabs; the sentences are ours. The first was written before the grammar was looked at; each next one
was fresh, and measured, before the grammar was mended by it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.model import LANGUAGES, Timetable
from bot.resources import RESOURCES
from bot.telegram.handlers.preferences.timetable import read_label
from bot.telegram.handlers.preferences.word_request import parse_words
from bot.topics import Topics, read_topics
from bot.typed.choices import read_choice, split_query
from bot.typed.commands import address_in, wish_of
from bot.typed.pauses import read_pause
from bot.typed.questions import pause_without_unknown_words, question_about
from bot.typed.subjects import language_of
from bot.typed.timetable import TypedTimetable, read_timetable
from bot.typed.wishes import Wish, read_wishes
from quality.data import table

_HERE = Path(__file__).parent
LISTS = (
    *("typed_first", "typed_second", "typed_third", "typed_fourth", "typed_fifth"),
    *("typed_sixth", "typed_seventh"),
)
OUTCOMES = ("understood", "asked back", "refused", "misread")
ASKED = "asked"
# A Wednesday.
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=ZoneInfo("Europe/Kyiv"))
_PLACES = {"unfollow": "follow", "unmute": "mute"}
_BEFORE = Timetable(when="hourly", digest_at=(1,), per_day=3, zone="Asia/Tokyo")


@dataclass(frozen=True, slots=True)
class TypedSentence:
    """A line of a list, and how it was taken: an outcome, and the meaning that was found.

    Misread is what the bot acts on and was not meant; refused, what no button of its question does.
    """

    language: str
    place: str
    text: str
    meaning: str
    found: str | None
    # What the reader is asked, a button for each; empty: the bot acts.
    offered: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        """Return the outcome: one of `OUTCOMES`."""
        match self.found:
            case None:
                return "refused"
            case self.meaning:
                return "asked back" if self.meaning == ASKED else "understood"
            case "asked":
                return "asked back"
            case _ if self.offered:
                is_offered = self.meaning == ASKED or self.meaning in self.offered
                return "asked back" if is_offered else "refused"
            case "search":
                # What is not understood is searched for, above a menu.
                return "refused"
            case _:
                return "misread"


def report() -> str:
    """Return the section on typed sentences."""
    lists = {name: read_list(name) for name in LISTS}
    lines = (
        (name, language, len(own), *(counts[outcome] for outcome in OUTCOMES))
        for name, sentences in lists.items()
        for language in LANGUAGES
        if (own := [each for each in sentences if each.language == language])
        for counts in [Counter(each.outcome for each in own)]
    )
    wrong = (
        f"* {each.outcome}, {each.language}, {each.place}: {each.text}"
        f" → {each.found or 'nothing'}, not {each.meaning}\n"
        for sentences in lists.values()
        for each in sentences
        if each.outcome in ("refused", "misread")
    )
    head = ("list", "language", "sentences", *OUTCOMES)
    return f"## Typed sentences\n\n{table(head, lines)}\n{''.join(wrong)}"


@cache
def read_list(name: str) -> tuple[TypedSentence, ...]:
    """Return the sentences of a list as they are read."""
    rows = (line.split("\t") for line in (_HERE / f"{name}.tsv").read_text("utf-8").splitlines())
    return tuple(
        TypedSentence(
            language,
            place,
            text,
            meaning,
            _READERS[place](text),
            _offered(text) if place == "free" else (),
        )
        for language, place, text, meaning in rows
    )


def _read_when(text: str) -> str | None:
    typed = read_label(text, _BEFORE) or read_timetable(text, _BEFORE)
    if typed is None:
        return ASKED if question_about(text, NOW) else None
    return "; ".join(_settings(typed))


def _settings(typed: TypedTimetable) -> Iterator[str]:
    timetable = typed.timetable
    quiet = timetable.quiet
    texts = {
        "when": " ".join([timetable.when, *map(_clock, timetable.digest_at)])
        if timetable.when == "digest"
        else timetable.when,
        "quiet": f"quiet {_clock(quiet.since)}-{_clock(quiet.until)}" if quiet else "quiet off",
        "per_day": f"limit {timetable.per_day or 'off'}",
        "zone": f"zone {timetable.zone}",
    }
    return (texts[name] for name in typed.settings)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _read_pause(text: str) -> str | None:
    typed = read_pause(text, NOW)
    if typed is None:
        is_asked = pause_without_unknown_words(text, NOW) or read_timetable(text, _BEFORE)
        return ASKED if is_asked else None
    if typed == "resume":
        return typed
    if typed.is_later:
        return ASKED
    return f"{typed.until:%m-%d %H:%M}" if typed.until else "forever"


def _read_topics(text: str) -> str | None:
    typed = read_choice(text)
    wanted, unwanted = _topics().find(typed.wanted), _topics().find(typed.unwanted)
    unknown = wanted.unknown + unwanted.unknown
    if any(map(_topics().nearest, unknown)) or set(wanted.slugs) & set(unwanted.slugs):
        return ASKED
    if unknown:
        return None
    signs = [f"+{slug}" for slug in wanted.slugs] + [f"-{slug}" for slug in unwanted.slugs]
    if typed.is_only:
        signs = [sign.replace("+", "=") for sign in signs]
    return " ".join((["all"] if typed.is_all else []) + signs) or None


def _read_search(text: str) -> str:
    wanted, unwanted = split_query(text)
    return f"{wanted} | {unwanted}".strip()


def _read_follow(text: str) -> str | None:
    return _read_words(text, muted=False)


def _read_mute(text: str) -> str | None:
    return _read_words(text, muted=True)


def _read_words(text: str, *, muted: bool) -> str | None:
    request = parse_words(text, _topics(), muted=muted)
    words = (f"{word.text} #{word.topic}" if word.topic else word.text for word in request.words)
    return "; ".join(words) or None


def _read_free(text: str) -> str:
    if wish := wish_of(text):
        return wish
    if address_in(text):
        return "address"
    wishes = read_wishes(text, _topics(), NOW)
    if wishes:
        is_all = wishes[0] == Wish("search", text, wishes[0].is_sure)
        return "search" if is_all else _wish_meaning(wishes[0])
    match = _topics().find(text)
    return f"topic {match.slugs[0]}" if len(match.slugs) == 1 and not match.unknown else "search"


def _offered(text: str) -> tuple[str, ...]:
    """Return what a sentence is asked back as; a search of all of it is always offered."""
    wishes = () if wish_of(text) or address_in(text) else read_wishes(text, _topics(), NOW)
    is_asked = wishes and not wishes[0].is_sure
    if not is_asked or (len(wishes) == 1 and wishes[0].command == "search"):
        return ()
    return (*map(_wish_meaning, wishes), "search")


def _wish_meaning(wish: Wish) -> str:
    """Return the command, and what is read of its arguments if it has any."""
    read = _READERS.get(_PLACES.get(wish.command, wish.command))
    if wish.command == "add":
        return "address"
    if wish.command == "language" and wish.args:
        return f"language {language_of(wish.args)}"
    return f"{wish.command} {read(wish.args)}" if read and wish.args else wish.command


@cache
def _topics() -> Topics:
    return read_topics(RESOURCES / "topics.toml")


_READERS: Mapping[str, Callable[[str], str | None]] = {
    "when": _read_when,
    "clock": _read_when,
    "pause": _read_pause,
    "topics": _read_topics,
    "latest": _read_topics,
    "here": _read_topics,
    "search": _read_search,
    "follow": _read_follow,
    "mute": _read_mute,
    "free": _read_free,
}
