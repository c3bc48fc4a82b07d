"""Every query of a command, screen, worker or metric, for a large database.

Each is asked of `grown.build`'s database, of whatever readers and stories chance picks.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

import aiosqlite

from benchmarks.grown import TOPICS, WORDS, Size, word
from bot.model import (
    LANGUAGES,
    ArticleId,
    ChatId,
    FeedId,
    LetterId,
    Story,
    StoryId,
    Subscriber,
    TopicSlug,
)
from bot.storage import retention, statistics, updates
from bot.storage.feeds import feeds, known_items, own_feeds, pages, polls
from bot.storage.outbox import deliveries, due, fan_out, message_edits, notices
from bot.storage.stories import articles, editor_links, queries, signatures, stories
from bot.storage.subscribers import export, subscribers, visibility
from tests.support.fakes import NOON

DAY = timedelta(days=1)
# What a page of a list shows, and one more to know whether there is another.
PAGE = 6
SLUGS = tuple(map(TopicSlug, TOPICS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A database that has grown, how large it is, and chance."""

    db: aiosqlite.Connection
    size: Size
    stories: int
    chance: Random

    @classmethod
    def of(cls, db: aiosqlite.Connection, size: Size, *, stories: int, seed: int = 7) -> "Town":
        """Return the town of a database, with a chance of its own."""
        return cls(db=db, size=size, stories=stories, chance=Random(seed))

    async def reader(self) -> Subscriber:
        """Return any reader."""
        chat_id = ChatId(self.chance.randrange(1, self.size.readers + 1))
        found = await subscribers.find(self.db, chat_id)
        assert found is not None
        return found

    async def story(self, *, newest: int = 1000) -> Story:
        """Return any of the newest stories."""
        story_id = StoryId(self.stories - self.chance.randrange(min(newest, self.stories // 2)))
        found = await queries.get(self.db, story_id)
        return found or await self.story(newest=newest)

    def words(self, story: Story) -> dict[str, float]:
        """Return words of a story's headline with weights."""
        return {term.casefold(): 1 + len(term) for term in story.title.split()}


async def count_stories(db: aiosqlite.Connection) -> int:
    """Return how many stories there are."""
    ((count,),) = await db.execute_fetchall("SELECT max(id) FROM stories")
    return int(count)


Ask = Callable[[Town], Awaitable[Callable[[], Awaitable[Any]]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`ask` prepares one: what it returns asks it. A sweep looks at all there is, by intention."""

    name: str
    ask: Ask
    sweeps: bool = False


def _search(
    rank: int, *, skipped: int = 0, foreign: bool = False, silent: bool = False, words: int = 1
) -> Ask:
    async def ask(town: Town) -> Callable[[], Awaitable[Any]]:
        language = town.chance.choice(LANGUAGES)
        other = LANGUAGES[(LANGUAGES.index(language) + 1) % 3]
        asked = [[word(other if foreign else language, rank + offset)] for offset in range(words)]
        return lambda: queries.search(
            town.db, asked, languages=[] if silent else [language], limit=PAGE, skipped=skipped
        )

    return ask


def _latest(topics: tuple[str, ...], *, skipped: int = 0, silent: bool = False) -> Ask:
    async def ask(town: Town) -> Callable[[], Awaitable[Any]]:
        languages = [town.chance.choice(LANGUAGES)] if not silent else []
        slugs = tuple(map(TopicSlug, topics))
        return lambda: queries.newest(
            town.db, topics=slugs, languages=languages, limit=PAGE, skipped=skipped
        )

    return ask


async def _latest_own(town: Town) -> Callable[[], Awaitable[Any]]:
    reader = await town.reader()
    return lambda: queries.newest(
        town.db,
        topics=reader.topics,
        languages=reader.news_languages,
        visibility=reader.visibility,
        limit=PAGE,
    )


async def _top(town: Town) -> Callable[[], Awaitable[Any]]:
    reader = await town.reader()
    return lambda: queries.most_covered(
        town.db,
        topics=reader.topics,
        languages=reader.news_languages,
        visibility=reader.visibility,
        since=NOON - DAY,
        limit=PAGE,
    )


async def _top_of_all(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: queries.most_covered(
        town.db, topics=SLUGS, languages=LANGUAGES, since=NOON - DAY, limit=PAGE
    )


async def _saved(town: Town) -> Callable[[], Awaitable[Any]]:
    reader = await town.reader()
    return lambda: queries.newest_saved(
        town.db, reader.chat_id, languages=reader.news_languages, limit=PAGE
    )


async def _reader(town: Town) -> Callable[[], Awaitable[Any]]:
    return town.reader


async def _story(town: Town) -> Callable[[], Awaitable[Any]]:
    return town.story


async def _tellings(town: Town) -> Callable[[], Awaitable[Any]]:
    story = await town.story()
    return lambda: queries.coverage(town.db, story.id, limit=30)


async def _sources(town: Town) -> Callable[[], Awaitable[Any]]:
    reader = await town.reader()
    return lambda: visibility.sources(town.db, reader.chat_id, reader.language)


async def _refused(town: Town) -> Callable[[], Awaitable[Any]]:
    reader = await town.reader()
    return lambda: visibility.count_refused_sources(town.db, reader.chat_id)


async def _own_feeds(town: Town) -> Callable[[], Awaitable[Any]]:
    reader = await town.reader()
    return lambda: own_feeds.of_chat(town.db, reader.chat_id)


async def _own_links(town: Town) -> Callable[[], Awaitable[Any]]:
    story = await town.story()
    return lambda: editor_links.of_story(town.db, story.id, languages=LANGUAGES)


async def _sharing(town: Town) -> Callable[[], Awaitable[Any]]:
    story = await town.story()
    terms = await stories.terms(town.db, story.id)
    asked = {term: 1.0 + len(term) for term in terms}
    return lambda: queries.sharing_terms(
        town.db,
        story,
        words=asked,
        topics=[story.topic],
        languages=[story.language],
        since=story.published_at - 30 * DAY,
    )


async def _alike(town: Town) -> Callable[[], Awaitable[Any]]:
    terms = await stories.terms(town.db, (await town.story()).id)
    rarest = sorted(terms, key=len)[-20:]
    weights = dict.fromkeys(rarest, 4.0)
    return lambda: signatures.find_candidates(town.db, weights, since=NOON - 3 * DAY)


async def _same(town: Town) -> Callable[[], Awaitable[Any]]:
    story = await town.story()
    return lambda: signatures.find_exact(
        town.db,
        canonical_url=story.url,
        title_key=story.title,
        published_at=story.published_at,
        title_within=1.5 * DAY,
    )


async def _untold(town: Town) -> Callable[[], Awaitable[Any]]:
    story = await town.story()
    return lambda: signatures.is_first_in_language(
        town.db, story.id, language=story.language, source="Courier"
    )


async def _due_readers(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: subscribers.due(town.db, now=NOON, limit=20)


async def _owed(town: Town) -> Callable[[], Awaitable[Any]]:
    chats = [
        subscriber.chat_id for subscriber in await subscribers.due(town.db, now=NOON, limit=20)
    ]
    return lambda: deliveries.pending(town.db, chats, now=NOON)


def _messages(chat_id: int | None) -> Ask:
    async def ask(town: Town) -> Callable[[], Awaitable[Any]]:
        chat = ChatId(chat_id or town.chance.randrange(1, town.size.readers + 1))
        return lambda: deliveries.count_messages(town.db, chat, since=NOON - DAY / 2)

    return ask


def _told_in(chat_id: int | None) -> Ask:
    async def ask(town: Town) -> Callable[[], Awaitable[Any]]:
        chat = ChatId(chat_id or town.chance.randrange(1, town.size.readers + 1))
        return lambda: deliveries.stories_of_message(town.db, chat, town.stories - 5)

    return ask


async def _owing(town: Town) -> Callable[[], Awaitable[Any]]:
    """Owe a story that is owed to nobody: an old one."""
    story_id = StoryId(1 + town.chance.randrange(town.stories // 2))
    article = await queries.get(town.db, story_id)
    language = article.language if article else "en"
    return lambda: fan_out.enqueue_story(town.db, story_id, language, now=NOON)


async def _owing_newest(town: Town) -> Callable[[], Awaitable[Any]]:
    reader = await town.reader()
    first = [(await town.story(newest=100)).id for _ in range(5)]
    return lambda: fan_out.enqueue_first(town.db, reader.chat_id, first, now=NOON)


async def _wake(town: Town) -> Callable[[], Awaitable[Any]]:
    story = await town.story(newest=100)
    return lambda: fan_out.release_urgent(town.db, story.id, now=NOON)


async def _settle(town: Town) -> Callable[[], Awaitable[Any]]:
    reader = await town.reader()
    return lambda: due.set_next_send(town.db, [(reader.chat_id, NOON)])


async def _editable(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: message_edits.due(town.db, is_private=True, now=NOON)


async def _grow(town: Town) -> Callable[[], Awaitable[Any]]:
    story = await town.story(newest=20)
    return lambda: message_edits.mark_story_changed(town.db, story.id, now=NOON)


async def _forget_editable(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: message_edits.prune(town.db, now=NOON)


async def _notice(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: notices.claim(town.db, now=NOON)


async def _progress(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: notices.progress(town.db, LetterId(2))


def _own_data(chat_id: int | None) -> Ask:
    async def ask(town: Town) -> Callable[[], Awaitable[Any]]:
        chat = ChatId(chat_id or town.chance.randrange(1, town.size.readers + 1))
        return lambda: export.rows_of_chat(town.db, chat)

    return ask


async def _due_feeds(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: feeds.due(town.db, now=NOON, limit=1)


async def _feeds_of(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: articles.of_feed(town.db, FeedId(1), limit=200)


async def _dates_of(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: articles.newest_dates(town.db, FeedId(1), limit=10)


async def _known(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: known_items.known(town.db, FeedId(1), range(120))


async def _unread(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: articles.unprocessed(town.db, now=NOON, limit=20)


async def _pages(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: pages.due(town.db, now=NOON, limit=1)


async def _in_peace(town: Town) -> Callable[[], Awaitable[Any]]:
    feed = FeedId(1)
    return lambda: pages.mark_failure(town.db, feed, problem="no", backoff_until=NOON)


async def _poll(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: polls.health(town.db, limit=20)


async def _dead_feeds(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: own_feeds.newly_dead(town.db, now=NOON, limit=20)


async def _revive(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: own_feeds.clear_recovered(town.db)


async def _waiting(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: updates.first_waiting(town.db, now=NOON)


async def _levels(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: statistics.table_counts(town.db)


async def _census(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: subscribers.count_readers(town.db)


async def _audience(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: statistics.subscriber_counts(town.db)


async def _work(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: statistics.workload(town.db)


async def _old_stories(town: Town) -> Callable[[], Awaitable[Any]]:
    age = await retention.find_cutoff(town.db, before=NOON - 380 * DAY)
    return lambda: retention.detach_stories(town.db, age, after=(0, 0), limit=25)


async def _left_over(town: Town) -> Callable[[], Awaitable[Any]]:
    age = await retention.find_cutoff(town.db, before=NOON - 380 * DAY)
    return lambda: retention.delete_orphans(town.db, age, after=ArticleId(0), limit=100)


async def _keys(town: Town) -> Callable[[], Awaitable[Any]]:
    return lambda: retention.stale_keys(town.db, after=("m", 0), limit=1000)


async def _count_old(town: Town) -> Callable[[], Awaitable[Any]]:
    age = await retention.find_cutoff(town.db, before=NOON - 380 * DAY)
    return lambda: retention.count_expired(town.db, age)


RARE = WORDS * 3 // 4
QUESTIONS = (
    Question(name="a reader with all settings", ask=_reader),
    Question(name="/latest of the reader's own", ask=_latest_own),
    Question(name="/latest, page 20, a rare topic", ask=_latest(("lifestyle",), skipped=100)),
    Question(name="/latest of a topic without stories", ask=_latest(("chess",))),
    Question(name="/latest in a language without news", ask=_latest(TOPICS, silent=True)),
    Question(name="/search, a rare word", ask=_search(RARE)),
    Question(name="/search, a frequent word", ask=_search(0)),
    Question(name="/search, a frequent word, page 20", ask=_search(0, skipped=100)),
    Question(name="/search, three frequent words", ask=_search(0, words=3)),
    Question(name="/search, a frequent word of another language", ask=_search(0, foreign=True)),
    Question(name="/search in a language without news", ask=_search(0, silent=True)),
    Question(name="/best and inline mode, own topics", ask=_top),
    Question(name="/best of all topics and languages", ask=_top_of_all),
    Question(name="/saved", ask=_saved),
    Question(name="a story", ask=_story),
    Question(name="who told it", ask=_tellings),
    Question(name="/sources", ask=_sources),
    Question(name="/sources, how many are refused", ask=_refused),
    Question(name="own feeds", ask=_own_feeds),
    Question(name="own links of a story", ask=_own_links),
    Question(name="read also", ask=_sharing),
    Question(name="which stories are alike", ask=_alike),
    Question(name="the same address or headline", ask=_same),
    Question(name="whether it was told in the language", ask=_untold),
    Question(name="whom to write to", ask=_due_readers),
    Question(name="what they are owed", ask=_owed),
    Question(name="messages of a day", ask=_messages(None)),
    Question(name="messages of a day, to one who had 5,000", ask=_messages(1)),
    Question(name="what a message told", ask=_told_in(None)),
    Question(name="what a message told, to one who had 5,000", ask=_told_in(1)),
    Question(name="to owe what is newest", ask=_owing_newest),
    Question(name="to break the rest of those who wait", ask=_wake),
    Question(name="to settle whose turn it is", ask=_settle),
    Question(name="what to edit", ask=_editable),
    Question(name="to have a story's messages edited", ask=_grow),
    Question(name="to forget what is edited no more", ask=_forget_editable),
    Question(name="the next notice", ask=_notice),
    Question(name="how far a broadcast is", ask=_progress, sweeps=True),
    Question(name="/export", ask=_own_data(None)),
    Question(name="/export of one who had 5,000", ask=_own_data(1), sweeps=True),
    Question(name="which feed to poll", ask=_due_feeds),
    Question(name="a feed's newest articles", ask=_feeds_of),
    Question(name="a feed's newest dates", ask=_dates_of),
    Question(name="what is known of a feed", ask=_known),
    Question(name="what the editor has not read", ask=_unread),
    Question(name="which page to fetch", ask=_pages),
    Question(name="to leave a feed's pages in peace", ask=_in_peace),
    Question(name="dead feeds of chats", ask=_dead_feeds),
    Question(name="feeds of chats that live again", ask=_revive),
    Question(name="the next update", ask=_waiting),
    Question(name="to take old stories", ask=_old_stories),
    Question(name="to delete what is left of them", ask=_left_over),
    Question(name="a thousand keys", ask=_keys),
    Question(name="to owe a story", ask=_owing, sweeps=True),
    Question(name="the metrics' levels", ask=_levels),
    Question(name="feeds, how they are", ask=_poll, sweeps=True),
    Question(name="readers by topic and language", ask=_census, sweeps=True),
    Question(name="stats, who reads", ask=_audience, sweeps=True),
    Question(name="stats, the work", ask=_work, sweeps=True),
    Question(name="prune --dry-run", ask=_count_old, sweeps=True),
)  # fmt: skip
