"""Clocks as people type them: «час Варшави», "Warsaw time", «за Києвом», "I live in Berlin".

Around a place stand words of `bot/resources/typed_clocks.toml`; beside them it may be in any case
form, or an adjective: «за київським часом».
"""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache

from bot.i18n import speak
from bot.resources import RESOURCES
from bot.text.confusables import APOSTROPHES, fold_confusables
from bot.text.normalization import normalize
from bot.timezones import MAX_CHARS, city_key, city_zones, find_zone

_FILE = RESOURCES / "typed_clocks.toml"
_WORD = re.compile(r"[^\s,.;:!?()\"«»“”]+")
_APOSTROPHES = str.maketrans(dict.fromkeys(APOSTROPHES, "'"))
_MOSCOW = re.compile(r"(?:мск|msk)\s*([+\-−–])\s*(\d{1,2})", re.IGNORECASE)
_MOSCOW_OFFSET = 3
# Of keys of cities, which have no ь and и for і and ї: «київським», «московского», «празький».
_ADJECTIVE = re.compile(
    r"(?<=\w{2})(?:ев|ив|ов)?(с|з|ц)к(?:ий|ии|им|ого|ому|ом|ое|ой|ая|а|е|у|ою)$"
)
_CASE_ENDING = re.compile(
    r"(?<=\w{3})(?:ами|ями|ою|ею|ой|ей|ом|ем|ам|ям|ах|ях|ии|ия|ию|иею|[аяоеиую])$"
)
# Прага has «Празі» and «празький».
_SOFTENED = str.maketrans("зцсжч", "гкхгк")
_LAST_VOWEL = re.compile(r"[аеиоую](?=[^аеиоую]+$)")
_PREFIX_LETTERS = 2
_LEAST_LETTERS = {True: 3, False: 4}


def find_clock(typed: str) -> str | None:
    """Return the name of the zone whose clock is meant, see `find_zone`; None: there is none."""
    typed = typed.strip()[:MAX_CHARS]
    if match := _MOSCOW.fullmatch(typed):
        hours = int(match[2]) if match[1] == "+" else -int(match[2])
        return find_zone(f"{_MOSCOW_OFFSET + hours:+d}")
    if found := find_zone(typed):
        return found
    words = _WORD.findall(normalize("NFC", typed).translate(_APOSTROPHES))
    kinds = _words()
    start, end, met = 0, len(words), set[str]()
    while start < end:
        of_word = kinds.get(fold_confusables(words[start]).casefold(), set())
        if of_word <= {"after"}:
            break
        met |= of_word
        start += 1
    while start < end and "after" in kinds.get(words[end - 1].casefold(), ()):
        met.add("before")
        end -= 1
    if start == end or end - start == len(words):
        return None
    return find_zone(" ".join(words[start:end])) or _inflected(words[start:end], met)


def _inflected(place: Sequence[str], met: Collection[str]) -> str | None:
    """Return the zone of a place in another case form or as an adjective; None: there is none.

    None also where the places of that form have different clocks.
    """
    is_name, typed = place[0][0].isupper(), city_key("".join(place))
    if is_name or "before" in met:
        keys = _keys()
    elif "before_capitals" in met:
        keys = _names_of_zones()
    else:
        return None
    prefix = typed[:_PREFIX_LETTERS]
    near = keys[bisect_left(keys, prefix) : bisect_left(keys, f"{prefix}\uffff")]
    for change in (lambda stem: (stem,), _changed):
        of_key = {key: frozenset(change(_CASE_ENDING.sub("", key))) for key in near}
        for stem in (found for base in _stems(typed) for found in change(base)):
            zones = {city_zones()[key] for key in near if stem in of_key[key]}
            if len(zones) == 1 and len(stem) >= _LEAST_LETTERS[is_name]:
                return zones.pop()
    return None


def _stems(key: str) -> Iterator[str]:
    """Yield an adjective's key without its ending, then a key without the ending of its case."""
    if match := _ADJECTIVE.search(key):
        yield from (key[: match.start()], key[: match.start(1)], key[: match.end(1)])
        yield f"{key[: match.end(1)]}к"
    yield _CASE_ENDING.sub("", key)


def _changed(stem: str) -> tuple[str, ...]:
    """Return the stem with its last consonant as in other forms, and without its last vowel."""
    hard = stem[:-1] + stem[-1:].translate(_SOFTENED)
    return (hard, _LAST_VOWEL.sub("", hard))


@cache
def _keys() -> tuple[str, ...]:
    return tuple(sorted(key for key in city_zones() if not key.isascii()))


@cache
def _names_of_zones() -> tuple[str, ...]:
    zones = frozenset(city_zones().values())
    names = (speak(language).zone_name(zone) for language in ("uk", "ru") for zone in zones)
    return tuple(sorted({city_key(name) for name in names} & set(_keys())))


@cache
def _words() -> Mapping[str, set[str]]:
    """Return the kinds of each word."""
    document = tomllib.loads(_FILE.read_text("utf-8"))
    kinds: dict[str, set[str]] = {}
    for kind, table in document.items():
        for word in ",".join(table.values()).split(","):
            kinds.setdefault(word.strip(), set()).add(kind)
    return kinds
