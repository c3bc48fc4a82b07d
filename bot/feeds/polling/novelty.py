"""Novelty of entries with unknown keys: news, backlog, or re-issued articles.

A push cannot be taken back: when a publisher gives all its articles new identities, or puts
its archive into the feed, people must not get it all again. Nothing is dropped for that: each
entry is news, or backlog, or a known article under new keys.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Literal

from bot.model import ArticleId, Entry
from bot.text.stemming import NEGATIONS, words

# An older entry is backlog.
MAX_NEWS_AGE = timedelta(hours=48)
# Unless that silences a whole document whose publisher dates its news wrongly.
MAX_MISDATED_AGE = timedelta(days=7)
MAX_MISDATED_NEWS = 3
# After an absence this long without a successful poll, only the newest entries are news.
MIN_ABSENCE = timedelta(hours=48)
MAX_NEWS_AFTER_ABSENCE = 3
# This many new entries at once are never suspicious.
MAX_TRUSTED_BATCH = 5
# More that should have been there at the last poll, by their dates or without any, are a stock.
MAX_LATE_BATCH = 20

# The share of words that an edited title still has in common with the old one. Of the pairs
# in `headline_pairs` that tell different stories 0.6 % reach it, and 16 of the 35,122 pairs
# of titles in one document of `feeds_real`.
_MIN_SIMILARITY = 0.8
_MIN_WORDS = 4
# A title is compared with those that share its rarest words, unless too many have them.
_RAREST_WORDS = 3
_MAX_TITLES_WITH_WORD = 20


@dataclass(frozen=True, slots=True)
class News:
    """The entry is new and may be pushed."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """The entry is shown on request, and never pushed."""


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """The entry is a known article with new keys."""

    article_id: ArticleId


ItemStatus = News | Backlog | KnownArticle
# Where a new entry stands in its document: above all known items, below them, or elsewhere.
Place = Literal["above", "below", "among"]
_AMONG: Place = "among"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHistory:
    """What is known of a feed before its new entries.

    `read_at` is its last successful poll, None before the first; `newest_at` the newest date
    of its articles, None if it has none; `titles` those of its recent articles, as published.
    `size` counts the items of the document. `is_reidentified`: its host, or the kinds of keys
    that identify its entries, have just changed. `is_seen_whole`: a document of it was read to its
    end, and held something.
    """

    read_at: datetime | None
    newest_at: datetime | None
    titles: Mapping[str, ArticleId]
    size: int
    is_reidentified: bool = False
    is_seen_whole: bool = True


def place_entries(
    positions: Sequence[int], *, known: Collection[int], keeps_order: bool
) -> tuple[Place, ...]:
    """Return the place of each new entry, by its position and those of the known items.

    Without known items that keep their order there is neither above nor below.
    """
    if not (known and keeps_order):
        return (_AMONG,) * len(positions)
    first, last = min(known), max(known)

    def place(position: int) -> Place:
        return "above" if position < first else "below" if position > last else "among"

    return tuple(map(place, positions))


def classify_entries(
    entries: Sequence[Entry],
    history: FeedHistory,
    *,
    places: Sequence[Place] | None = None,
    now: datetime,
) -> tuple[ItemStatus, ...]:
    """Return the status of each entry, in their order; none of them is a known article.

    All that the first poll brings is backlog, and so is what is older than `MAX_NEWS_AGE`,
    unless all is and its publisher dates it wrongly. In a list without dates that keeps its
    order, what comes up below is backlog. In a burst, more than half of the document and mostly
    of known titles or of old dates, known titles are known articles and old dates are backlog.
    After a long absence at most the `MAX_NEWS_AFTER_ABSENCE` newest are news. Of a stock, which
    a feed brings at once that was empty or broken so far, only what is dated since then is.
    """
    if history.read_at is None:
        return (Backlog(),) * len(entries)
    placed = tuple(zip(entries, places or (_AMONG,) * len(entries), strict=True))
    is_burst = len(entries) > max(MAX_TRUSTED_BATCH, history.size / 2)
    is_absence = history.is_reidentified or now - history.read_at > MIN_ABSENCE
    statuses: dict[int, ItemStatus] = {
        index: Backlog()
        if _is_old(entry, now) or (place == "below" and not entry.dated)
        else News()
        for index, (entry, place) in enumerate(placed)
    }
    if is_burst:
        statuses |= _reissued(entries, history)
    elif not is_absence:
        statuses |= dict.fromkeys(_misdated(placed, now), News())
    news = [index for index, status in statuses.items() if isinstance(status, News)]
    news.sort(key=lambda index: _age(entries, index))
    late = {
        index
        for index in news
        if not entries[index].dated or entries[index].published_at < history.read_at
    }
    if len(entries) > MAX_TRUSTED_BATCH and not history.is_seen_whole:
        statuses |= dict.fromkeys(late, Backlog())
        is_absence = len(news) - len(late) > MAX_LATE_BATCH
        news = [index for index in news if index not in late]
    if is_absence or len(late) > max(MAX_LATE_BATCH, len(news) / 2):
        statuses |= dict.fromkeys(news[:-MAX_NEWS_AFTER_ABSENCE], Backlog())
    return tuple(statuses.values())


def is_misdated(news: Sequence[Entry], *, now: datetime) -> bool | None:
    """Return whether news of one document is dated as if it were old; None: there is none."""
    return all(_is_old(entry, now) for entry in news) if news else None


def _is_old(entry: Entry, now: datetime) -> bool:
    return entry.published_at < now - MAX_NEWS_AGE


def _misdated(placed: Sequence[tuple[Entry, Place]], now: datetime) -> list[int]:
    """Return the entries, the newest at the most, that their publisher dates wrongly, by index.

    All that is new in the document is old by its date, but not very old, and stands where the
    news stands: above all that is known.
    """
    since = now - MAX_MISDATED_AGE
    is_suspicious = all(
        _is_old(entry, now) and entry.published_at >= since and place == "above"
        for entry, place in placed
    )
    entries = [entry for entry, _ in placed]
    newest_last = sorted(range(len(entries)), key=lambda index: _age(entries, index))
    return newest_last[-MAX_MISDATED_NEWS:] if is_suspicious else []


def _reissued(entries: Sequence[Entry], history: FeedHistory) -> dict[int, ItemStatus]:
    """Return the entries of a burst that are not news, by index; none if most of them are."""
    titles = [words(entry.title) for entry in entries]
    known = {words(title): article_id for title, article_id in history.titles.items()}
    # A title of emoji alone has no words.
    known.pop((), None)
    reissued: dict[int, ItemStatus] = {}
    for index, entry in enumerate(entries):
        is_older = history.newest_at is not None and entry.published_at < history.newest_at
        if is_older if entry.dated else titles[index] in known:
            reissued[index] = Backlog()
    oldest_first = sorted(range(len(entries)), key=lambda index: _age(entries, index))
    unmatched: dict[int, tuple[str, ...]] = {}
    for index in oldest_first:
        title = titles[index]
        if title in known:
            reissued[index] = KnownArticle(known.pop(title))
        else:
            unmatched[index] = title
    edited = _match_edited_titles(unmatched, known)
    reissued |= {index: KnownArticle(article_id) for index, article_id in edited.items()}
    return reissued if 2 * len(reissued) > len(entries) else {}


def _age(entries: Sequence[Entry], index: int) -> tuple[datetime, int]:
    # Of two with one date the later in order is the newer.
    return entries[index].published_at, index


def _match_edited_titles(
    titles: Mapping[int, tuple[str, ...]], known: Mapping[tuple[str, ...], ArticleId]
) -> dict[int, ArticleId]:
    """Return for each of the titles the known one that it is an edition of, if any; each once.

    Titles are compared only with those that share a rare word: time grows with their number.
    """
    titles_by_word: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for title in known:
        for word in set(title):
            titles_by_word[word].append(title)
    free = dict(known)
    matches: dict[int, ArticleId] = {}
    for index, title in titles.items():
        counts = {word: len(titles_by_word.get(word, ())) for word in set(title)}
        rare = [word for word, count in counts.items() if 0 < count <= _MAX_TITLES_WITH_WORD]
        rarest = sorted(rare, key=lambda word: (counts[word], word))[:_RAREST_WORDS]
        others = chain.from_iterable(titles_by_word[word] for word in rarest)
        rated = [(_similarity(title, other), other) for other in others if other in free]
        similarity, best = max(rated, default=(0.0, ()))
        if similarity > 0:
            matches[index] = free.pop(best)
    return matches


def _similarity(title: Collection[str], other: Collection[str]) -> float:
    """Return the share of words in common, from 0 to 1; 0 below the minimum."""
    if min(len(title), len(other)) < _MIN_WORDS:
        return 0.0
    ours, theirs = set(title), set(other)
    share = 2 * len(ours & theirs) / (len(ours) + len(theirs))
    return share if share >= _MIN_SIMILARITY and _deciding(ours) == _deciding(theirs) else 0.0


def _deciding(title: Iterable[str]) -> frozenset[str]:
    """Return the numbers and negations: "for the 24th" and "for the 25th" are two articles."""
    return frozenset(word for word in title if word in NEGATIONS or any(map(str.isdigit, word)))
