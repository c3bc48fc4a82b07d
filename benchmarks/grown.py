"""Database of several years: built in minutes, through the real schema, of invented words.

Articles come at an even pace over `DAYS`; seven in ten open a story, the others join one of the
last. Words are as frequent as in a language (Zipf's law), and each language has its own.
"""

import json
import sqlite3
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random

from bot.model import LANGUAGES, Language, Phrase
from bot.storage.migrations import migrate
from bot.stories.matching.fingerprint import fingerprint, pack
from bot.text.phrases import lookup_key, parse_phrase
from tests.support.fakes import NOON

DAYS = 400
TOPICS = (
    "war", "politics", "world", "economy", "society", "incidents", "tech", "science", "health",
    "sports", "culture", "lifestyle",
)  # fmt: skip
# Of the topics, as their stories are frequent.
_SHARES = (18, 15, 12, 10, 9, 9, 6, 4, 4, 7, 4, 2)
WORDS = 20_000
# Of an article: its words, the first of which are its headline's, and the keys that find it.
_SAID, _TITLE, _KEYS = 30, 8, 20
# Of the newest stories one is joined so, and so many readers have had a digest for long.
_JOINED_FROM, WORDS_EACH = 300, 20
NOW = int(NOON.timestamp())
_SYLLABLES = "ba ke li mo nu ra se ti vo zu har bel cor dun fen gol".split()  # noqa: SIM905


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much there is; deliveries are those of the newest stories, 20 of each at least."""

    articles: int
    feeds: int
    readers: int
    deliveries: int

    @property
    def own(self) -> int:
        """How many of the feeds are private, each of five chats: one in ten."""
        return self.feeds // 10


def build(path: Path, size: Size, *, seed: int = 7) -> None:
    """Make the file; its planner knows nothing of the tables, as is usual."""
    migrate(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1500000"):
            db.execute(f"PRAGMA {pragma}")
        indexes = db.execute(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
        ).fetchall()
        for name, _ in indexes:
            db.execute(f"DROP INDEX {name}")
        db.execute("BEGIN")
        _Builder(db=db, size=size, chance=Random(seed)).build()
        for _, sql in indexes:
            db.execute(sql)
        db.execute("COMMIT")
        db.execute("PRAGMA journal_mode = WAL")


def word(language: Language, number: int) -> str:
    """Return the word of a language that is the so manieth frequent in it, from 0."""
    text, rest = "", number + 1
    while rest:
        rest, place = divmod(rest, len(_SYLLABLES))
        text += _SYLLABLES[place]
    return f"{text}{language[0]}o"


@cache
def word_phrases() -> tuple[tuple[str, Phrase], ...]:
    """Return the words of all languages that readers follow, each with its phrase."""
    words = (word(language, number) for language in LANGUAGES for number in range(20, WORDS))
    return tuple((text, phrase) for text in words if (phrase := parse_phrase(text)))


@dataclass(slots=True, kw_only=True)
class _Builder:
    db: sqlite3.Connection
    size: Size
    chance: Random

    def build(self) -> None:
        """Fill all tables."""
        self._feeds()
        stories = self._articles()
        self._readers()
        self._words()
        self._chosen(stories)
        self._deliveries(stories)
        self._inboxes()

    def _many(self, table: str, columns: str, rows: Iterable[Sequence[object]]) -> None:
        marks = ", ".join("?" for _ in columns.split(","))
        self.db.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)

    def _feeds(self) -> None:
        numbers = range(1, self.size.feeds + 1)
        private = self.size.feeds - self.size.own
        self._many(
            "feeds",
            "id, url, source, language, topic, domain, due_at, checked_at, read_at, private,"
            " failures, problem",
            (
                (
                    feed_id, f"https://site{feed_id}.example/rss", f"Courier {feed_id}",
                    _language(feed_id),
                    _topic(self.chance) if feed_id % 3 else None, f"site{feed_id}.example",
                    NOW + self.chance.randrange(-30, 3600), NOW - 600, NOW - 600, feed_id > private,
                    feed_id % 20 == 0, "it answers 503" if feed_id % 20 == 0 else None,
                )
                for feed_id in numbers
            ),
        )  # fmt: skip
        self._many("feed_pages", "feed_id, wanted", ((feed_id, feed_id % 2) for feed_id in numbers))
        documents = ((feed_id, b"\0" * 32, b"\1" * 40 * 30, "[]", 0) for feed_id in numbers)
        self._many("documents", "feed_id, hash, items, weak_keys, slice_reads", documents)
        self._many(
            "polls",
            "feed_id, outcome, ended_at, took_ms, status, received, conditional, news",
            (
                (feed, "unchanged", NOW - 900 * turn, 210, 304, 0, 1, 0)
                for turn in range(20, 0, -1)
                for feed in numbers
            ),
        )

    def _articles(self) -> list[tuple[int, int]]:
        """Store all articles and stories; return the id and the time of each story."""
        keys: dict[str, list[int]] = defaultdict(list)
        generator = _ArticleGenerator(self.size, self.chance)
        self._many(
            "articles",
            "id, feed_id, guid, url, canonical_url, title, text, categories, published_at,"
            " stored_at, backlog, edited_at, language, summary, title_key, story_id",
            generator.articles(keys),
        )
        self._many(
            "tellings", "article_id, fingerprint",
            ((article_id, _PRINT) for article_id in range(1, self.size.articles + 1)),
        )  # fmt: skip
        self._many(
            "telling_keys",
            "key, article_id",
            ((key, article_id) for key in sorted(keys) for article_id in keys[key]),
        )
        stories = generator.stories
        self._many(
            "stories",
            "id, storyline, lead_id, topic, language, published_at, opened_at",
            ((story_id, story_id, *rest) for story_id, (_, *rest) in enumerate(stories, 1)),
        )
        self._many(
            "story_terms",
            "rowid, terms",
            ((story_id, story[0]) for story_id, story in enumerate(stories, 1)),
        )
        topics = sorted(
            (topic, story[4], story_id)
            for story_id, story in enumerate(stories, 1)
            for topic in {story[2], *([_topic(self.chance)] if story_id % 3 == 0 else [])}
        )
        self._many("story_topics", "topic, published_at, story_id", topics)
        self._many(
            "aliases",
            "feed_id, key, article_id, seen_at",
            (
                (feed, number * 4 + place, number, NOW)
                for feed, numbers in enumerate(generator.by_feed, 1)
                for number in numbers
                for place in range(4)
            ),
        )
        self._linked()
        return [(story_id, story[4]) for story_id, story in enumerate(stories, 1)]

    def _linked(self) -> None:
        every_tenth = range(1, self.size.articles + 1, 10)
        self._many(
            "own_links",
            "article_id, place, url, canonical_url, title",
            (
                (
                    article_id,
                    place,
                    _url(article_id - place - 1),
                    _url(article_id - place - 1),
                    "Read this too",
                )
                for article_id in every_tenth
                for place in range(2)
            ),
        )
        self._many(
            "pages",
            "article_id, domain, give_up_at, attempts, text",
            (
                (article_id, "site1.example", NOW, 1, "It is said so. " * 80)
                for article_id in every_tenth
            ),
        )

    def _readers(self) -> None:
        chats = range(1, self.size.readers + 1)
        self._many(
            "subscribers",
            "chat_id, kind, language, joined_at, paused_at, gone_at",
            (
                (
                    chat, "private" if chat % 20 else "group", _language(chat), NOW - chat,
                    NOW if chat % 10 == 3 else None, NOW if chat % 10 == 7 else None,
                )
                for chat in chats
            ),
        )  # fmt: skip
        self._many(
            "news_languages",
            "chat_id, language",
            (
                (chat, language)
                for chat in chats
                for language in {_language(chat), *([_language(chat + 1)] if chat % 3 == 0 else [])}
            ),
        )
        self._many(
            "subscriptions",
            "topic, chat_id",
            sorted(
                (topic, chat)
                for chat in chats
                for topic in {_topic(self.chance) for _ in range(1 + chat % 6)}
            ),
        )
        self._many(
            "timetables",
            "chat_id, mode, digest_at, zone, quiet_since, quiet_until, silently, per_day",
            (
                (
                    chat, "digest" if chat % 4 == 1 else "at once", "[480, 1140]", "Europe/Kyiv",
                    1380, 420, 0, 30 if chat % 8 == 3 else None,
                )
                for chat in chats
                if chat % 2
            ),
        )  # fmt: skip

    def _words(self) -> None:
        phrases = word_phrases()
        numbered = {
            phrase: phrase_id
            for phrase_id, phrase in enumerate(dict.fromkeys(p for _, p in phrases), 1)
        }
        self._many(
            "phrases",
            "id, stems, anchor, sounds, sound_anchor",
            (
                (
                    number,
                    phrase.stems,
                    lookup_key(phrase.stems),
                    phrase.sounds,
                    lookup_key(phrase.sounds),
                )
                for phrase, number in numbered.items()
            ),
        )
        rows = {
            (phrase_id, chat): (phrase_id, chat, phrase_text, self.chance.random() < 0.25, "")
            for chat in range(1, self.size.readers + 1)
            for phrase_text, phrase in self.chance.choices(phrases, k=WORDS_EACH)
            for phrase_id in (numbered[phrase],)
        }
        self._many(
            "words", "phrase_id, chat_id, said, muted, topic", (rows[key] for key in sorted(rows))
        )

    def _chosen(self, stories: list[tuple[int, int]]) -> None:
        chats, feeds = range(1, self.size.readers + 1), self.size.feeds
        self._many(
            "refusals",
            "chat_id, feed_id",
            (
                (chat, f)
                for chat in chats[::2]
                for f in sorted(self.chance.sample(range(1, feeds), 3))
            ),
        )
        private = range(feeds - self.size.own + 1, feeds + 1)
        own = sorted({(self.chance.choice(chats), feed, NOW) for feed in private for _ in range(5)})
        self._many("own_feeds", "chat_id, feed_id, added_at", own)
        self._many(
            "saved",
            "chat_id, story_id, saved_at",
            (
                (chat, story, NOW - story)
                for chat in chats[::5]
                for story in sorted(self.chance.sample(range(1, len(stories) + 1), 20))
            ),
        )

    def _deliveries(self, stories: list[tuple[int, int]]) -> None:
        """Owe the newest stories; one reader in a thousand has had a hundred times as many."""
        each = self.size.deliveries // self.size.readers
        heavy = range(1, self.size.readers + 1, 1000)
        fewest = min(2000, len(stories))
        rows = sorted(
            {
                (len(stories) - self.chance.randrange(fewest), chat)
                for chat in range(1, self.size.readers + 1)
                for _ in range(each)
            }
            | {(story, chat) for chat in heavy for story in range(1, min(len(stories), each * 100))}
        )
        newest = len(stories) - 20
        self._many(
            "deliveries",
            "story_id, chat_id, state, owed_at, done_at, message_id, attempts",
            (
                (
                    story, chat, "pending" if chat % 4 == 1 and story > newest - 300 else "sent",
                    stories[story - 1][1],
                    None if chat % 4 == 1 and story > newest - 300 else stories[story - 1][1] + 9,
                    story, 1,
                )
                for story, chat in rows
            ),
        )  # fmt: skip
        self.db.execute(
            "UPDATE subscribers SET due_at = ?, held_until = ? WHERE chat_id % 4 = 1",
            (NOW + 3600, NOW + 3600),
        )
        self.db.execute("UPDATE subscribers SET due_at = ? WHERE chat_id % 100 = 1", (NOW - 5,))
        self._many(
            "editable",
            "delivery_id, story_id, is_private, gist, sent_at, edit_at",
            (
                (delivery_id, story, 1, b"\0" * 8, NOW - 600, NOW - 5 if story % 4 == 0 else None)
                for delivery_id, story in self.db.execute(
                    "SELECT id, story_id FROM deliveries WHERE story_id > ? AND state = 'sent'",
                    (newest,),
                ).fetchall()
            ),
        )

    def _inboxes(self) -> None:
        chats = range(1, self.size.readers + 1)
        self._many(
            "letters",
            "id, html, written_at",
            ((letter_id, "Hello", NOW - letter_id) for letter_id in (1, 2)),
        )
        self._many(
            "notices",
            "letter_id, chat_id, state, attempts",
            (
                (letter_id, c, "sent" if letter_id == 1 or c % 2 else "pending", 1)
                for letter_id in (1, 2)
                for c in chats
            ),
        )
        self._many(
            "updates",
            "update_id, kind, received_at, due_at, handled_at, chat_id, content",
            (
                (update_id, "message", NOW, NOW, None if update_id % 500 == 0 else NOW,
                 update_id if update_id % 500 == 0 else None,
                 "{}" if update_id % 500 == 0 else None)
                for update_id in chats
            ),
        )  # fmt: skip


@dataclass(slots=True)
class _ArticleGenerator:
    """Generates articles one after the other, and the stories that they open."""

    size: Size
    chance: Random

    stories: list[tuple[str, int, str, str, int, int]] = field(default_factory=list)
    by_feed: list[list[int]] = field(default_factory=list)
    _busy: list[float] = field(default_factory=list)

    def articles(self, keys: dict[str, list[int]]) -> Iterator[tuple[object, ...]]:
        """Yield the rows of articles; their keys, stories and feeds are noted meanwhile."""
        step = DAYS * 86400 / self.size.articles
        self.by_feed = [[] for _ in range(self.size.feeds)]
        self._busy = list(accumulate((rank + 50) ** -0.8 for rank in range(self.size.feeds)))
        vocabulary = {
            language: [word(language, number) for number in range(WORDS)] for language in LANGUAGES
        }
        for number in range(1, self.size.articles + 1):
            at = NOW - int(step * (self.size.articles - number))
            feed = 1 + bisect(self._busy, self.chance.random() * self._busy[-1])
            self.by_feed[feed - 1].append(number)
            language = _language(feed)
            ranks = self._word_ranks()
            words = [vocabulary[language][rank] for rank in ranks]
            for rank in sorted(ranks)[-_KEYS:]:
                keys[vocabulary[language][rank]].append(number)
            story = self._story(number, words, language, at)
            title, rest = " ".join(words[:_TITLE]), " ".join(words[_TITLE:])
            url = _url(number)
            yield (
                number, feed, url, url, url, title, f"{rest}. {rest}.", "[]", at, at, 0, at,
                language, rest[:200], title, story,
            )  # fmt: skip

    def _word_ranks(self) -> set[int]:
        places = (bisect(_ZIPF, self.chance.random() * _ZIPF[-1]) for _ in range(_SAID))
        return set(places)

    def _story(self, number: int, words: list[str], language: str, at: int) -> int:
        if self.stories and self.chance.random() < 0.3:
            newest = len(self.stories)
            story = newest - min(int(self.chance.expovariate(1 / 60)), _JOINED_FROM, newest - 1)
            # Nine in ten tell what was told in their own language.
            while story > 1 and self.stories[story - 1][3] != language and number % 10:
                story -= 1
            return story
        self.stories.append((" ".join(words), number, _topic(self.chance), language, at, at))
        return len(self.stories)


_PRINT = pack(fingerprint("Bridge opens in Lakeside", "The new bridge was opened on Monday. " * 6))
_ZIPF = list(accumulate(1 / (rank + 10) for rank in range(WORDS)))
_CUMULATIVE = list(accumulate(_SHARES))


def _topic(chance: Random) -> str:
    return TOPICS[bisect(_CUMULATIVE, chance.random() * _CUMULATIVE[-1] - 1e-9)]


def _language(number: int) -> Language:
    return LANGUAGES[number % 3]


def _url(number: int) -> str:
    return f"https://site.example/{json.dumps(number)}-some-words-of-the-headline"
