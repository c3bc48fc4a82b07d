"""Recall, precision and time of "Read also"."""

import asyncio
import math
import random
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from pathlib import Path
from statistics import quantiles

from bot.model import LANGUAGES, Story, StoryId, TopicSlug
from bot.storage.database import open_database
from bot.storage.migrations import migrate
from bot.storage.stories import queries
from bot.stories import related
from bot.stories.read_also import related_links
from bot.text.stemming import snowball_stems
from quality import data

DAY = datetime(2017, 10, 10, tzinfo=UTC)
STORED, ASKED = 100_000, 150
POLITICS = TopicSlug("politics")

_FILES = {"en": "topics", "uk": "stream_telegram_uk", "ru": "stream_telegram_ru"}
_VERDICTS = Path(__file__).with_name("related_judged.txt")
_BANDS = (0.15, 0.2, 0.25, 0.3, 0.4, 1.01)

Rate = Callable[[int, int], float]


def report() -> str:
    """Return the section on "Read also"."""
    return "\n".join(
        (
            "## Read also\n",
            "Links that a site's editors put into a day's articles, Russian ones: where in our"
            " order of the day stands the first of them? The two weights of headlines were chosen"
            " on them, of 15 pairs, and so was that the text is read with its boilerplate: these"
            " figures are in-sample, and one article is 0.03.\n",
            data.table(("way", "articles", "hit@1", "hit@3", "hit@5", "MRR"), _found()),
            "### What is offered, by score\n",
            "Share of offers that tell of one matter, judged once, from the first words of both, in"
            " streams of posts (uk, ru) and in articles of 20 years (en); as many of each band, so"
            f" not as often as they occur. Offered from {related.MIN_RELEVANCE} on, which was"
            " chosen on these samples.\n",
            data.table(("language", *(f"from {at}" for at in _BANDS[:-1])), _judged()),
            f"### Time with {STORED:,} stories of 30 days\n",
            "Their terms are those of real articles, mixed two by two; the query and the choice are"
            " those of the bot, the time is the clock's.\n",
            data.table(("asked", "median, ms", "of 20 the slowest, ms"), [asyncio.run(_speed())]),
        )
    )


def _found() -> Iterator[tuple[object, ...]]:
    rows, wanted = data.rows("articles_segodnya"), _links()
    articles = [_story(row, number) for number, row in enumerate(rows)]
    at = {article.url: number for number, article in enumerate(articles)}
    linked = {
        at[url]: {at[target] for target, _ in links if target in at and target != url}
        for url, links in wanted.items()
        if url in at
    }
    texts = [data.said(row, "text") for row in rows]
    found = _all_terms(articles, texts)
    for number in linked:
        for _, sentence in wanted[articles[number].url]:
            texts[number] = texts[number].replace(sentence, " ")
    ours, unaided = _scored(articles, found), _scored(articles, _all_terms(articles, texts))
    plain = _tf_idf([data.said(row, "text") for row in rows])
    poor = _tf_idf(texts)
    yield "TF-IDF of the text, all day", *_ranks(plain, linked, articles, is_earlier=False)
    yield "TF-IDF of the text, earlier articles", *_ranks(plain, linked, articles, is_earlier=True)
    yield "ours, all day", *_ranks(ours, linked, articles, is_earlier=False)
    yield "ours, earlier articles", *_ranks(ours, linked, articles, is_earlier=True)
    yield (
        "TF-IDF, earlier, without the sentences that hold the links",
        *_ranks(poor, linked, articles, is_earlier=True),
    )
    yield (
        "ours, earlier, without the sentences that hold the links",
        *_ranks(unaided, linked, articles, is_earlier=True),
    )


def _all_terms(articles: Iterable[Story], texts: Iterable[str]) -> list[tuple[str, ...]]:
    return [related.terms(one.title, text) for one, text in zip(articles, texts, strict=True)]


def _scored(articles: Sequence[Story], terms: Sequence[tuple[str, ...]]) -> Rate:
    return lambda a, b: related.relevance(articles[a], terms[a], (articles[b], terms[b]))


def _links() -> dict[str, list[tuple[str, str]]]:
    """Return by article to where it links, each with the sentence that does."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in data.rows("read_also"):
        targets = row["targets"]
        if isinstance(targets, list) and targets:
            each = [(str(to["url"]), str(to["context"] or to["anchor"])) for to in targets]
            found[data.said(row, "src")] = each
    return found


def _story(row: data.Row, number: int) -> Story:
    day, _, clock = data.said(row, "pubdate").partition(",")
    hours, _, minutes = clock.strip(" .").partition(":")
    # Six have no date: they count as first, so that they may be found.
    since = timedelta(hours=int(hours), minutes=int(minutes)) if day and hours else timedelta()
    return _made(number, data.said(row, "title"), DAY + since, url=data.said(row, "url"))


def _made(number: int, title: str, published_at: datetime, *, url: str = "") -> Story:
    return Story(
        id=StoryId(number),
        topic=POLITICS,
        language="ru",
        title=title,
        summary="",
        url=url or str(number),
        source="",
        published_at=published_at,
    )


def _tf_idf(texts: Sequence[str]) -> Rate:
    counts = [Counter(snowball_stems(text)) for text in texts]
    held = Counter(stem for each in counts for stem in each)
    vectors = []
    for each in counts:
        vector = {
            stem: (1 + math.log(n)) * math.log(1 + len(texts) / held[stem])
            for stem, n in each.items()
        }
        length = math.sqrt(sum(weight**2 for weight in vector.values())) or 1.0
        vectors.append({stem: weight / length for stem, weight in vector.items()})

    def rate(one: int, other: int) -> float:
        those = vectors[other]
        return math.fsum(weight * those.get(stem, 0.0) for stem, weight in vectors[one].items())

    return rate


def _ranks(
    rate: Rate, linked: Mapping[int, set[int]], articles: Sequence[Story], *, is_earlier: bool
) -> tuple[object, ...]:
    ranks = []
    for one, targets in linked.items():
        pool = [
            other
            for other in range(len(articles))
            if other != one
            and not (is_earlier and articles[other].published_at > articles[one].published_at)
        ]
        if targets & set(pool):
            best = sorted(pool, key=lambda other: rate(one, other), reverse=True)
            ranks.append(next(rank for rank, other in zip(count(1), best) if other in targets))
    hits = (sum(rank <= most for rank in ranks) / len(ranks) for most in (1, 3, 5))
    return len(ranks), *hits, sum(1 / rank for rank in ranks) / len(ranks)


def _judged() -> Iterator[tuple[object, ...]]:
    # They name rows of the real data.
    lines = [] if data.is_sample() else _VERDICTS.read_text("utf-8").splitlines()
    verdicts = [line.split() for line in lines if not line.startswith("#")]
    for language, name in _FILES.items():
        rows = data.rows(name)
        rated = [
            (_rate(rows[int(one)], rows[int(other)]), verdict == "1")
            for judged, one, other, verdict in verdicts
            if judged == language
        ]
        bands = (
            [is_good for rate, is_good in rated if least <= rate < above]
            for least, above in pairwise(_BANDS)
        )
        yield language, *(f"{sum(band)} of {len(band)}" for band in bands)


def _rate(one: data.Row, other: data.Row) -> float:
    return related.relevance(*_read(one), _read(other))


def _read(row: data.Row) -> tuple[Story, tuple[str, ...]]:
    text = data.said(row, "text").strip()
    title = data.said(row, "title") or text.split("\n")[0][:120]
    return _made(0, title, DAY), related.terms(title, text)


async def _speed() -> tuple[object, ...]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        migrate(path)
        _fill(path)
        took = []
        async with open_database(path) as db:
            for number in random.Random(3).sample(range(STORED // 2, STORED), ASKED):
                story = await queries.get(db.reader, StoryId(number))
                assert story is not None  # it was stored above
                began = time.perf_counter()
                await related_links(db.reader, story, topics=[POLITICS], languages=LANGUAGES)
                took.append(1000 * (time.perf_counter() - began))
    slow = quantiles(took, n=20)
    return ASKED, slow[9], slow[18]


def _fill(path: Path) -> None:
    chosen = random.Random(5)
    rows = data.rows("topics")
    rows = chosen.sample(rows, min(len(rows), 12_000))
    read = [
        (data.said(row, "title"), related.terms(data.said(row, "title"), data.said(row, "text")))
        for row in rows
    ]
    first = int(DAY.timestamp())
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "INSERT INTO feeds (id, url, source, language, domain, due_at)"
            " VALUES (1, '', '', 'ru', '', 0)"
        )
        for number in range(1, STORED + 1):
            (title, one), (_, other) = chosen.choice(read), chosen.choice(read)
            mixed = (*one[: 2 * len(one) // 3], *other[: len(other) // 3])
            _store(db, number, title, mixed, first + number * 29 * 86_400 // STORED)


def _store(db: sqlite3.Connection, number: int, title: str, found: Iterable[str], at: int) -> None:
    db.execute(
        """
        INSERT INTO articles (id, feed_id, guid, url, canonical_url, title, text, categories,
                              published_at, stored_at, backlog, edited_at, language, summary)
        VALUES (?, 1, '', ?, '', ?, '', '[]', ?, ?, 0, ?, 'ru', '')
        """,
        (number, str(number), title, at, at, at),
    )
    db.execute(
        """
        INSERT INTO stories (id, storyline, lead_id, topic, language, published_at, opened_at)
        VALUES (?, ?, ?, ?, 'ru', ?, ?)
        """,
        (number, number, number, POLITICS, at, at),
    )
    db.execute("UPDATE articles SET story_id = ? WHERE id = ?", (number, number))
    db.execute("INSERT INTO story_topics VALUES (?, ?, ?)", (POLITICS, at, number))
    db.execute("INSERT INTO story_terms (rowid, terms) VALUES (?, ?)", (number, " ".join(found)))
