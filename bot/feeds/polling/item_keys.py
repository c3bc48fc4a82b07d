"""By what is an entry known when it comes again? Pure.

An entry is known by several keys at once: its publisher may change any of them, and seldom
changes all. It is new only where none of its keys is known.
"""

import re
import struct
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from html import unescape
from typing import Literal, NewType

from bot.model import Entry
from bot.text.stemming import words
from bot.web.urls import canonical

# 64 bits, signed as SQLite has its integers; keys are compared within one feed only.
Key = NewType("Key", int)
Kind = Literal["guid", "bare_guid", "link", "title"]

KINDS: tuple[Kind, ...] = ("guid", "bare_guid", "link", "title")
# Of a kind that so many items of a document lack, or share, none identifies. Source: FreshRSS.
MAX_UNRELIABLE_SHARE = 0.05
# "Курс валют", "Air raid alert": a shorter title may well stand over two articles of a day.
MIN_TITLE_WORDS = 5
MIN_TITLE_LETTERS = 30

_PACKED = struct.Struct(">4q")
_NONE = 0

# An item's place in the list, which tomorrow is another item's.
_PLACE = re.compile(r"#?\d{1,3}", re.ASCII)
_NAME = r"(?:[\w-]+\.)+[^\W\d_][\w-]+"
# Guids that hold a host: a URL, a tag: URI, "news.example:1234567", and Drupal's "123 at URL".
_HOSTED = (
    re.compile(r"(?:https?:)?//[^/?#]+(.*)", re.IGNORECASE | re.DOTALL),
    re.compile(rf"tag:{_NAME},(.*)", re.IGNORECASE | re.DOTALL),
    re.compile(rf"{_NAME}[/:|](.*)", re.IGNORECASE | re.DOTALL),
    re.compile(r"(.{1,200}) at https?://[^/?#]+/?", re.IGNORECASE),
)
_LARGE_NUMBER = re.compile(r"\d{5}")
_SLUG_LETTERS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemKeys:
    """The keys that an entry bears, whether they identify it or not; None where it has none.

    Only a `telling` title identifies: a long one, of an entry with a date. `full` is of all
    that the entry is. These two are not packed: they are of no use to other entries of the
    document.
    """

    guid: Key | None = None
    bare_guid: Key | None = None
    link: Key | None = None
    title: Key | None = None
    telling: bool = field(default=False, compare=False)
    full: Key | None = field(default=None, compare=False)


def extract_keys(entry: Entry) -> ItemKeys:
    """Return what the entry bears.

    A guid counts without the space around it, its case kept; the bare one, without scheme
    and host, is made of the link where there is no guid. A title counts together with its
    day in UTC, if it has one.
    """
    guid = _clean(entry.guid)
    link = canonical(entry.url)
    title = " ".join(words(entry.title))
    bare = _bare(guid or f"//{link}", title)
    long = _is_long(title)
    # A text may hold a clock or a counter: it is the last thing to go by.
    moment = entry.published_at.isoformat() if entry.dated else "" if long else entry.text
    return ItemKeys(
        guid=_key("guid", guid) if guid else None,
        bare_guid=_key("bare_guid", bare) if bare else None,
        link=_key("link", link),
        title=_key("title", title, f"{entry.published_at:%Y-%m-%d}" if entry.dated else ""),
        telling=long and entry.dated,
        full=_key("full", guid, link, title, moment),
    )


def identifying_keys(
    its: ItemKeys, *, shared: Collection[Key], weak: Collection[str]
) -> tuple[Key, ...]:
    """Return the keys that identify an entry, at least one, those of its publisher first.

    Left out are kinds that are `weak` in its feed, and what it shares with another item of
    its document. Where neither guid nor link identifies it, the two do together. All that it
    is always does: by that it is known even when another comes and bears its guid and link.
    """
    found = {kind: key for kind, key in _of(its) if kind not in weak and key not in shared}
    if not its.telling:
        found.pop("title", None)
    pair = _pair(its)
    together = its.guid is not None and pair not in shared and not {"guid", "link"} <= set(weak)
    pairs = (pair,) if together and not found.keys() & {"guid", "link"} else ()
    return (*found.values(), *pairs, its.full or pair)


def shared(all_marks: Iterable[ItemKeys]) -> frozenset[Key]:
    """Return what several items of the document bear, alone or guid and link together.

    An item that stands there twice, with one guid, link and title, shares nothing.
    """
    borne = Counter(
        key
        for its in _without_repeats(all_marks)
        for key in (*(key for _, key in _of(its)), _pair(its))
    )
    return frozenset(key for key, times in borne.items() if times > 1)


def unreliable_kinds(all_marks: Iterable[ItemKeys], *, already: Collection[str]) -> frozenset[str]:
    """Return the kinds that do not identify in a feed, by its whole document.

    A kind that was weak stays so: a publisher's next slip would else mint new identities.
    """
    items = _without_repeats(all_marks)
    return frozenset(already) | {kind for kind in KINDS if _is_weak(kind, items)}


def pack(its: ItemKeys) -> bytes:
    """Return the marks in 32 bytes."""
    return _PACKED.pack(*(getattr(its, kind) or _NONE for kind in KINDS))


def unpack(packed: bytes) -> ItemKeys:
    """Return the marks that were packed; what is not packed is missing."""
    guid, bare_guid, link, title = (Key(key) if key else None for key in _PACKED.unpack(packed))
    return ItemKeys(guid=guid, bare_guid=bare_guid, link=link, title=title)


def _clean(guid: str) -> str:
    # Unescaped once more than XML does: many publishers escape twice, and not always.
    cleaned = unicodedata.normalize("NFC", " ".join(unescape(guid).split()))
    return "" if _PLACE.fullmatch(cleaned) else cleaned


def _bare(guid: str, title: str) -> str:
    """Return the guid as it is at any host; empty where it names no host or nothing else."""
    found = next(filter(None, (form.fullmatch(guid) for form in _HOSTED)), None)
    if found is None:
        return ""
    # Like an address, but that a fragment in a guid is there to tell entries apart.
    path, mark, fragment = found[1].partition("#")
    rest = canonical(f"host/{path.lstrip('/')}").removeprefix("host") + mark + fragment
    # "?p=123" and "/about" are at every blog, and some feeds gather the entries of many.
    return rest if not rest or _tells(rest) else f"{rest} {title}"


def _tells(rest: str) -> bool:
    letters = (sum(map(str.isalpha, segment)) for segment in rest.split("/"))
    return bool(_LARGE_NUMBER.search(rest)) or max(letters) >= _SLUG_LETTERS


def _is_long(title: str) -> bool:
    return title.count(" ") >= MIN_TITLE_WORDS - 1 and sum(map(str.isalpha, title)) >= (
        MIN_TITLE_LETTERS
    )


def _key(kind: str, *values: str) -> Key:
    # A length before each value, so that no two rows of values read alike.
    joined = "".join(f"{len(value)}:{value}" for value in (kind, *values))
    # Lone surrogates cannot be encoded, and may stand in a guid.
    return _hash(joined.encode("utf-8", "surrogatepass"))


def _hash(value: bytes) -> Key:
    number = int.from_bytes(blake2b(value, digest_size=8).digest(), "big", signed=True)
    return Key(number or 1)


def _of(its: ItemKeys) -> Iterable[tuple[Kind, Key]]:
    found = (its.guid, its.bare_guid, its.link, its.title)
    return ((kind, key) for kind, key in zip(KINDS, found, strict=True) if key is not None)


def _pair(its: ItemKeys) -> Key:
    return _hash(b"guid and link" + struct.pack(">2q", its.guid or _NONE, its.link or _NONE))


def _without_repeats(all_marks: Iterable[ItemKeys]) -> list[ItemKeys]:
    # An item that is no entry (a link is the least of one) bears nothing, and counts for nothing.
    every = [its for its in all_marks if its.link is not None]
    with_guid = {its for its in every if its.guid is not None}
    return [*with_guid, *(its for its in every if its.guid is None)]


def _is_weak(kind: Kind, items: Collection[ItemKeys]) -> bool:
    borne = [key for its in items for its_kind, key in _of(its) if its_kind == kind]
    # Most guids hold no host, and are in order.
    missing = 0 if kind == "bare_guid" else len(items) - len(borne)
    repeated = len(borne) - len(set(borne))
    return missing + repeated > MAX_UNRELIABLE_SHARE * len(items)
