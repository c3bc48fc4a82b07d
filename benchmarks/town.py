"""Feed documents of simulated publishers at a moment, computed from their numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cached_property, lru_cache
from http import HTTPStatus
from random import Random
from typing import Literal

# A feed shows so many items; that is the median of 274 real ones.
ITEMS = 15
# How often a publisher has something new, in hours, by its share in a hundred. Livelier than
# feeds_real.tar.xz, of whose feeds four fifths have something new less than daily.
_GAPS = ((2, 0.25), (8, 1.0), (25, 4.0), (60, 24.0), (100, 200.0))
# One feed of so many lives on a host of many, as at FeedBurner, and so many live on each.
_SHARED_EVERY, _SHARED_BY = 33, 50
_SYLLABLES = (
    "ba",
    "ke",
    "li",
    "mo",
    "nu",
    "ra",
    "se",
    "ti",
    "vo",
    "zu",
    "har",
    "bel",
    "cor",
    "dun",
)
BUSY_FOR = timedelta(minutes=45)

Trouble = Literal["none", "429", "503", "gone", "moved", "broken"]
_TROUBLES: Mapping[int, Trouble] = {1: "429", 2: "503", 3: "gone", 4: "moved", 5: "broken"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a publisher says; `items` are the numbers of what it shows, none without a document."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    items: range = range(0)


@dataclass(frozen=True, kw_only=True)
class Publisher:
    """A publisher by its number, which decides all about it; the town begins at `began_at`."""

    number: int
    began_at: datetime

    @cached_property
    def gap(self) -> timedelta:
        """Return how long it takes it to write something, on average."""
        share = Random(self.number).randrange(100)
        hours = next(hours for upper, hours in _GAPS if share < upper)
        return timedelta(hours=hours * Random(-self.number).uniform(0.6, 1.4))

    @property
    def trouble(self) -> Trouble:
        """Return what is the matter with it; with five in a hundred something is."""
        return _TROUBLES.get(self.number % 100, "none")

    @property
    def has_validators(self) -> bool:
        """Return whether it can tell that nothing is new; fifteen in a hundred cannot."""
        return self.number % 20 not in (7, 11, 19)

    @property
    def host(self) -> str:
        """Return its address on loopback, of its own unless it lives with many."""
        if self.number % _SHARED_EVERY == 0:
            return f"127.2.0.{1 + self.number // _SHARED_EVERY // _SHARED_BY}"
        return f"127.1.{self.number // 250}.{1 + self.number % 250}"

    def newest(self, at: datetime) -> int:
        """Return the number of the newest item there is."""
        return ITEMS + int((at - self.began_at + self._phase) / self.gap)

    def published_at(self, item: int) -> datetime:
        """Return when the item was written."""
        return self.began_at - self._phase + self.gap * (item - ITEMS)

    @property
    def _phase(self) -> timedelta:
        """Return how long before the beginning it wrote something last."""
        return self.gap * Random(f"phase {self.number}").random()

    def answer(self, path: str, *, known: str, visits: int, at: datetime) -> Answer:
        """Answer a request; `known` is the validator sent along, `visits` counts from 0."""
        match self.trouble:
            case "429" | "503" if visits % 3 == 1:
                wait = str(int(BUSY_FOR.total_seconds()))
                return Answer(status=int(self.trouble), headers={"Retry-After": wait})
            case "gone" if at >= self.began_at + timedelta(hours=12):
                return Answer(status=HTTPStatus.GONE, headers={})
            case "moved" if not path.startswith("/new"):
                headers = {"Location": f"/new{path}"}
                return Answer(status=HTTPStatus.MOVED_PERMANENTLY, headers=headers)
            case "broken":
                return Answer(status=HTTPStatus.INTERNAL_SERVER_ERROR, headers={})
            case _:
                return self._document(known, at)

    def _document(self, known: str, at: datetime) -> Answer:
        newest = self.newest(at)
        etag = f'"{self.number}-{newest}"'
        headers = {"Content-Type": "application/rss+xml"}
        if self.number % 3 == 0:
            headers["Cache-Control"] = "max-age=1800"
        if self.has_validators:
            headers["ETag"] = etag
            if known == etag:
                return Answer(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        items = range(newest - ITEMS + 1, newest + 1)
        return Answer(status=HTTPStatus.OK, headers=headers, body=self._rss(items, at), items=items)

    def _rss(self, items: range, at: datetime) -> bytes:
        shown = "".join(_item(self, number) for number in reversed(items))
        return (
            "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>"
            f"<title>Courier {self.number}</title><link>http://{self.host}/</link>"
            f"<lastBuildDate>{format_datetime(at)}</lastBuildDate>{shown}</channel></rss>"
        ).encode()


@lru_cache(maxsize=200_000)
def _item(publisher: Publisher, number: int) -> str:
    words = Random(f"{publisher.number} {number}")
    title, text = _words(words, 8), _words(words, 60)
    url = f"http://{publisher.host}/{publisher.number}/{number}"
    return (
        f"<item><guid>{url}</guid><link>{url}</link><title>{title}</title>"
        f"<description>{text}</description>"
        f"<pubDate>{format_datetime(publisher.published_at(number))}</pubDate></item>"
    )


def _words(words: Random, count: int) -> str:
    return " ".join("".join(words.choices(_SYLLABLES, k=3)) for _ in range(count)).capitalize()
