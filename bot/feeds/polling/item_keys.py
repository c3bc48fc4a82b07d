"""Identity keys of an item: guid, link and title, by which it is known when it comes again.

An item has several keys: its publisher may change any of them, and seldom changes all. Where
none is known it is new; what a known one is worth beside others `same_article` weighs.
"""

import re
import struct
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from html import unescape
from typing import Literal, NewType

from bot.feeds.polling.article_number import article_number
from bot.model import Entry
from bot.text.normalization import normalize
from bot.text.stemming import words
from bot.web.urls import canonical

# 64 bits, signed as SQLite has its integers; keys are compared within one feed only.
Key = NewType("Key", int)
Kind = Literal["guid", "bare_guid", "link", "title", "number"]
KeyName = Kind | Literal["pair", "full"]

KINDS: tuple[Kind, ...] = ("guid", "bare_guid", "link", "title", "number")
# The kinds that most items have.
_USUAL_KINDS = ("guid", "link", "title")
# A kind that more than this share of a document's items lack or share is weak. Source: FreshRSS.
MAX_UNRELIABLE_SHARE = 0.05
# "Курс валют", "Air raid alert": two articles of a day may share a shorter title.
MIN_TITLE_WORDS = 5
MIN_TITLE_LETTERS = 30

_PACKED = struct.Struct(">5q")
_NONE = 0

# An item's position in the list, which tomorrow is another item's.
_POSITION = re.compile(r"#?\d{1,3}", re.ASCII)
_NAME = r"(?:[\w-]+\.)+[^\W\d_][\w-]+"
# Guids that hold a host: a URL, a tag: URI, "news.example:1234567", and Drupal's "123 at URL".
_HOSTED = (
    re.compile(r"(?:https?:)?//[^/?#]+(.*)", re.IGNORECASE | re.DOTALL),
    re.compile(rf"tag:{_NAME},(.*)", re.IGNORECASE | re.DOTALL),
    re.compile(rf"{_NAME}[/:|](.*)", re.IGNORECASE | re.DOTALL),
    re.compile(r"(.{1,200}) at https?://[^/?#]+/?", re.IGNORECASE),
)
_AFTER_HOST = re.compile("[/?#]")
_LARGE_NUMBER = re.compile(r"\d{5}")
_SLUG_LETTERS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemKeys:
    """The keys of an entry, whether they identify it or not; None where it has none.

    `number` is that of the article number at its host. Only a `distinctive` title identifies: a
    long one, of an entry with a date. `full` is the key of all fields together. These two are
    not packed: other entries have no use for them.
    """

    guid: Key | None = None
    bare_guid: Key | None = None
    link: Key | None = None
    title: Key | None = None
    number: Key | None = None
    distinctive: bool = field(default=False, compare=False)
    full: Key | None = field(default=None, compare=False)

    def are_listed(self, listed: Collection[Key], weak: Collection[str]) -> bool:
        """Return whether a document of the keys `listed` has the entry: by its guid, else link.

        The `weak` kinds of keys do not identify in the feed.
        """
        if self.guid and "guid" not in weak:
            return self.guid in listed
        return "link" not in weak and self.link in listed


def extract_keys(entry: Entry) -> ItemKeys:
    """Return the keys of an entry.

    The guid is stripped, its case kept; the bare one, without scheme and host, is made of the
    link where there is no guid. The title counts together with its day in UTC, if it has one.
    """
    # Unescaped once more than XML does: many publishers escape twice, and not always.
    guid = normalize("NFC", " ".join(unescape(entry.guid).split()))
    if _POSITION.fullmatch(guid):
        guid = ""
    link = canonical(entry.url)
    title = " ".join(words(entry.title))
    bare = _bare(guid or f"//{link}", title)
    letters = sum(map(str.isalpha, title))
    is_long = title.count(" ") >= MIN_TITLE_WORDS - 1 and letters >= MIN_TITLE_LETTERS
    # A text may hold a clock or a counter: it is the last resort.
    moment = entry.published_at.isoformat() if entry.dated else "" if is_long else entry.text
    number = _number(link, guid)
    return ItemKeys(
        guid=_key("guid", guid) if guid else None,
        bare_guid=_key("bare_guid", bare) if bare else None,
        link=_key("link", link),
        title=_key("title", title, f"{entry.published_at:%Y-%m-%d}" if entry.dated else ""),
        number=_key("number", _host_of(link), number) if number else None,
        distinctive=is_long and entry.dated,
        full=_key("full", guid, link, title, moment),
    )


def identifying_keys(
    keys: ItemKeys, *, shared: Collection[Key], weak: Collection[str]
) -> dict[KeyName, Key]:
    """Return the keys that identify an entry, at least one, those of its publisher first.

    Left out are kinds that are `weak` in its feed, and keys `shared` with another item of its
    document. Where neither guid nor link identifies it, the two do together. The full key
    always does: the entry stays known even when another one takes its guid and link.
    """
    usable: dict[KeyName, Key] = {
        kind: key for kind, key in _by_kind(keys) if kind not in weak and key not in shared
    }
    if not keys.distinctive:
        usable.pop("title", None)
    pair = _pair(keys)
    is_pair_usable = (
        keys.guid is not None and pair not in shared and not {"guid", "link"} <= set(weak)
    )
    if is_pair_usable and not usable.keys() & {"guid", "link"}:
        usable["pair"] = pair
    return {**usable, "full": keys.full or pair}


def shared_keys(items: Iterable[ItemKeys]) -> frozenset[Key]:
    """Return the keys of several items of a document, guid and link together counted as one more.

    An item that is repeated with the same guid, link and title shares nothing.
    """
    counts = Counter(
        key
        for keys in _without_repeats(items)
        for key in (*(key for _, key in _by_kind(keys)), _pair(keys))
    )
    return frozenset(key for key, count in counts.items() if count > 1)


def unreliable_kinds(items: Iterable[ItemKeys], *, already: Collection[str]) -> frozenset[str]:
    """Return the kinds of keys that do not identify in a feed, by its whole document.

    A kind that was unreliable stays so: else a publisher's next slip makes new identities.
    """
    distinct = _without_repeats(items)
    unreliable = set(already)
    for kind in KINDS:
        present = [key for keys in distinct for key_kind, key in _by_kind(keys) if key_kind == kind]
        missing = len(distinct) - len(present) if kind in _USUAL_KINDS else 0
        repeated = len(present) - len(set(present))
        if missing + repeated > MAX_UNRELIABLE_SHARE * len(distinct):
            unreliable.add(kind)
    return frozenset(unreliable)


def pack(keys: ItemKeys) -> bytes:
    """Return the keys in 40 bytes."""
    return _PACKED.pack(*(getattr(keys, kind) or _NONE for kind in KINDS))


def unpack(packed: bytes) -> ItemKeys:
    """Return the keys that were packed; the others are None."""
    keys = (Key(key) if key else None for key in _PACKED.unpack(packed))
    guid, bare_guid, link, title, number = keys
    return ItemKeys(guid=guid, bare_guid=bare_guid, link=link, title=title, number=number)


def path_of(url: str) -> str:
    """Return the canonical URL without its host."""
    link = canonical(url)
    return link.removeprefix(_host_of(link))


def _host_of(link: str) -> str:
    return _AFTER_HOST.split(link, maxsplit=1)[0]


def _number(link: str, guid: str) -> str:
    """Return the article number in a canonical link, or in a guid that names no other host."""
    host = _host_of(link)
    if number := article_number(link.removeprefix(host)):
        return number
    is_address = guid.startswith(("http:", "https:", "//"))
    place = canonical(guid) if is_address else guid
    is_elsewhere = is_address and _host_of(place) != host
    return "" if is_elsewhere else article_number(place.removeprefix(host))


def _bare(guid: str, title: str) -> str:
    """Return the guid as it is at any host; empty where it names no host or nothing else."""
    hosted = next(filter(None, (form.fullmatch(guid) for form in _HOSTED)), None)
    if hosted is None:
        return ""
    # Canonical like a URL, but for the fragment: in a guid it distinguishes entries.
    path, mark, fragment = hosted[1].partition("#")
    rest = canonical(f"host/{path.lstrip('/')}").removeprefix("host") + mark + fragment
    letters = max(sum(map(str.isalpha, segment)) for segment in rest.split("/"))
    # "?p=123" and "/about" are at every blog, and some feeds gather the entries of many.
    is_distinctive = _LARGE_NUMBER.search(rest) or letters >= _SLUG_LETTERS
    return rest if not rest or is_distinctive else f"{rest} {title}"


def _key(kind: str, *values: str) -> Key:
    # A length before each value, so that no two lists of values give one text.
    joined = "".join(f"{len(value)}:{value}" for value in (kind, *values))
    # Lone surrogates cannot be encoded, and may stand in a guid.
    return _hash(joined.encode("utf-8", "surrogatepass"))


def _hash(value: bytes) -> Key:
    number = int.from_bytes(blake2b(value, digest_size=8).digest(), "big", signed=True)
    return Key(number or 1)


def _by_kind(keys: ItemKeys) -> Iterable[tuple[Kind, Key]]:
    values = (keys.guid, keys.bare_guid, keys.link, keys.title, keys.number)
    return ((kind, key) for kind, key in zip(KINDS, values, strict=True) if key is not None)


def _pair(keys: ItemKeys) -> Key:
    return _hash(b"guid and link" + struct.pack(">2q", keys.guid or _NONE, keys.link or _NONE))


def _without_repeats(items: Iterable[ItemKeys]) -> list[ItemKeys]:
    # An item without a link is no entry and does not count.
    entries = [keys for keys in items if keys.link is not None]
    with_guid = {keys for keys in entries if keys.guid is not None}
    return [*with_guid, *(keys for keys in entries if keys.guid is None)]
