"""Which of the entries that no key knows are news? Pure.

A push cannot be taken back: when a publisher gives all its articles new identities, or puts
its archive into the feed, people must not get it all again. Nothing is dropped for that: each
entry is news, or backlog, or a known article under a new name.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from bot.model import ArticleId, Entry
from bot.text.stemming import NEGATIONS, words

# Older is no news, whoever shows it to us.
NEWS_FOR = timedelta(hours=48)
# Without a successful poll for so long, we were away: what came meanwhile is no flood of news.
AWAY = timedelta(hours=48)
AWAY_NEWS = 3
# So many new entries at once are never suspicious.
FEW = 5

# The share of words that an edited title still has in common with what it was. Of the pairs
# in `headline_pairs` that tell different stories 0.6 % reach it, and 16 of the 35,122 pairs
# of titles in one document of `feeds_real`.
_SAME = 0.8
_LEAST_WORDS = 4
# A title is compared with those that share its rarest words, unless that is everybody's word.
_RAREST = 3
_EVERYBODYS = 20


@dataclass(frozen=True, slots=True)
class News:
    """It is to be told."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """It is to be shown on request, and never pushed."""


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """It is an article that we know, under another name."""

    article_id: ArticleId


ItemStatus = News | Backlog | KnownArticle


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHistory:
    """What we know of a feed before the entries.

    `read_at` is its last successful poll, None before the first; `newest_at` the newest date
    of its articles, None if it has none; `titles` those of its recent articles, as published.
    `size` counts the items of the document. `reborn`: its address, or what identifies its
    entries, has just changed.
    """

    read_at: datetime | None
    newest_at: datetime | None
    titles: Mapping[str, ArticleId]
    size: int
    reborn: bool = False


def classify_entries(
    entries: Sequence[Entry], past: FeedHistory, *, now: datetime
) -> tuple[ItemStatus, ...]:
    """Return what each of the entries is, in their order; none of them has a key that we know.

    All that the first poll brings is backlog, and so is what is older than `NEWS_FOR`. A
    burst, more than half of the document and mostly of known titles or of old dates, is taken
    apart: known titles are known articles, old dates are backlog. After a long absence at
    most the `AWAY_NEWS` newest are news.
    """
    if past.read_at is None:
        return (Backlog(),) * len(entries)
    verdicts: list[ItemStatus] = [
        Backlog() if entry.published_at < now - NEWS_FOR else News() for entry in entries
    ]
    if len(entries) > max(FEW, past.size / 2):
        for place, verdict in _taken_apart(entries, past).items():
            verdicts[place] = verdict
    if past.reborn or now - past.read_at > AWAY:
        for place in _all_but_newest(entries, verdicts):
            verdicts[place] = Backlog()
    return tuple(verdicts)


def _taken_apart(entries: Sequence[Entry], past: FeedHistory) -> dict[int, ItemStatus]:
    """Return what is no news in a burst, by its place; nothing, if the burst is genuine."""
    titles = [words(entry.title) for entry in entries]
    known = {words(title): article_id for title, article_id in past.titles.items()}
    # A title of emoji alone says nothing.
    known.pop((), None)
    outdated: dict[int, ItemStatus] = {
        place: Backlog()
        for place, entry in enumerate(entries)
        if (_is_older(entry, past) if entry.dated else titles[place] in known)
    }
    oldest_first = sorted(range(len(entries)), key=lambda place: _age(entries, place))
    matches = _matches({place: titles[place] for place in oldest_first}, known)
    found = outdated | {place: KnownArticle(article_id) for place, article_id in matches.items()}
    return found if 2 * len(found) > len(entries) else {}


def _is_older(entry: Entry, past: FeedHistory) -> bool:
    return past.newest_at is not None and entry.published_at < past.newest_at


def _age(entries: Sequence[Entry], place: int) -> tuple[datetime, int]:
    # Of two of one date the later in order is the newer.
    return entries[place].published_at, place


def _all_but_newest(entries: Sequence[Entry], verdicts: Sequence[ItemStatus]) -> list[int]:
    """Return the places of what would be news, but for the newest."""
    news = [place for place, verdict in enumerate(verdicts) if isinstance(verdict, News)]
    return sorted(news, key=lambda place: _age(entries, place))[:-AWAY_NEWS]


def _matches(
    titles: Mapping[int, tuple[str, ...]], known: Mapping[tuple[str, ...], ArticleId]
) -> dict[int, ArticleId]:
    """Return the known articles that entries are by their titles; each of them once."""
    free = dict(known)
    found = {place: free.pop(title) for place, title in titles.items() if title in free}
    rest = {place: title for place, title in titles.items() if place not in found}
    return found | _similar(rest, free)


def _similar(
    titles: Mapping[int, tuple[str, ...]], known: Mapping[tuple[str, ...], ArticleId]
) -> dict[int, ArticleId]:
    """Return for each of the titles the known one that it is an edition of, if any.

    Titles are compared only with those that share a rare word, so that this takes time in
    proportion to their number.
    """
    holders: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for title in known:
        for word in set(title):
            holders[word].append(title)
    free = dict(known)
    found: dict[int, ArticleId] = {}
    for place, title in titles.items():
        rare = [word for word in set(title) if 0 < len(holders.get(word, ())) <= _EVERYBODYS]
        rarest = sorted(rare, key=lambda word: (len(holders[word]), word))[:_RAREST]
        others = chain.from_iterable(holders[word] for word in rarest)
        best = _best(title, (other for other in others if other in free))
        if best is not None:
            found[place] = free.pop(best)
    return found


def _best(title: tuple[str, ...], others: Iterable[tuple[str, ...]]) -> tuple[str, ...] | None:
    rated = ((_resemblance(title, other), other) for other in others)
    return max((it for it in rated if it[0]), default=(0.0, None))[1]


def _resemblance(one: Collection[str], other: Collection[str]) -> float:
    """Return the share of words in common, from 0 to 1; 0 where what decides is not the same."""
    if min(len(one), len(other)) < _LEAST_WORDS:
        return 0.0
    ours, theirs = set(one), set(other)
    share = 2 * len(ours & theirs) / (len(ours) + len(theirs))
    return share if share >= _SAME and _deciding(ours) == _deciding(theirs) else 0.0


def _deciding(title: Iterable[str]) -> frozenset[str]:
    """Return the numbers and negations: "for the 24th" and "for the 25th" are two articles."""
    return frozenset(word for word in title if word in NEGATIONS or any(map(str.isdigit, word)))
