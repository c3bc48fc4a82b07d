"""Builders: the little that a test must say, and sensible values for the rest."""

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import aiosqlite

from bot.delivery.rate_limiter import RateLimiter
from bot.delivery.token_bucket import TokenBucket
from bot.model import (
    Article,
    ArticleAnalysis,
    ArticleId,
    ArticleKind,
    ArticleLanguage,
    ArticleSignature,
    ChatId,
    ChatKind,
    Delivery,
    Entry,
    FeedId,
    Language,
    ListedFeed,
    Story,
    StoryId,
    TopicSlug,
)
from bot.resources import RESOURCES
from bot.storage.database import Database
from bot.storage.feeds import feeds
from bot.storage.outbox import deliveries, fan_out, message_edits, second_mentions
from bot.storage.queues.poison_guard import PoisonGuard
from bot.storage.stories import articles, queries, signatures, stories
from bot.storage.subscribers import subscribers
from bot.stories.matching.fingerprint import fingerprint, pack
from bot.topics import read_topics
from tests.support.fakes import NOON, FakeClock

# The shipped topics, read once.
TOPICS = read_topics(RESOURCES / "topics.toml")

WAR = TopicSlug("war")
SPORT = TopicSlug("sports")
SCIENCE = TopicSlug("science")


def rate_limiter_of(clock: FakeClock) -> RateLimiter:
    """Return a limiter that lets all chats together through, and waits by this clock."""
    bucket = TokenBucket(gap=0, slack=0, next_at=0)
    return RateLimiter(bucket=bucket, now=clock.seconds, sleep=clock.sleep)


def guard_of(db: Database, clock: FakeClock | None = None) -> PoisonGuard:
    """Return a guard that does not wait after the start."""

    async def sleep(_: float) -> None:
        """Do not wait."""

    return PoisonGuard(db=db, now=clock or FakeClock(), sleep=sleep)


def entry(
    title: str = "Bridge opens in Lakeside",
    *,
    guid: str = "",
    url: str = "",
    text: str | None = None,
    published_at: datetime = NOON,
) -> Entry:
    """Return an entry; without a text it says its title again, for one text of all is one event."""
    text = f"{title}." if text is None else text
    url = url or f"https://courier.example/{abs(hash(title))}"
    return Entry(
        guid=guid or url,
        url=url,
        title=title,
        text=text,
        categories=(),
        published_at=published_at,
    )


def reading(
    *,
    language: ArticleLanguage = "en",
    topic: TopicSlug | None = WAR,
    title_key: str = "",
    terms: tuple[str, ...] = ("bridge",),
    kind: ArticleKind = "news",
) -> ArticleAnalysis:
    return ArticleAnalysis(
        language=language,
        topic=topic,
        summary="The new bridge was opened.",
        title_key=title_key,
        terms=terms,
        kind=kind,
        signature=ArticleSignature(fingerprint=pack(fingerprint("", ""))),
    )


def story(
    title: str = "Bridge opens in Lakeside",
    *,
    story_id: int = 1,
    summary: str = "The new bridge was opened.",
    url: str = "https://courier.example/bridge",
    source: str = "The Harbour Courier",
    published_at: datetime = NOON - timedelta(hours=2),
) -> Story:
    return Story(
        id=StoryId(story_id),
        topic=WAR,
        language="en",
        title=title,
        summary=summary,
        url=url,
        source=source,
        published_at=published_at,
    )


def listed_feed(
    url: str = "https://courier.example/rss",
    *,
    source: str = "The Harbour Courier",
    language: Language = "en",
    topic: TopicSlug | None = WAR,
    pages: bool = False,
) -> ListedFeed:
    domain = urlsplit(url).netloc
    return ListedFeed(
        url=url, domain=domain, source=source, language=language, topic=topic, pages=pages
    )


async def add_feed(db: Database, url: str = "https://courier.example/rss") -> FeedId:
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed(url)], now=NOON)
    (feed,) = await feeds.due(db.reader, now=NOON, limit=1)
    return feed.id


async def add_article(
    tx: aiosqlite.Connection, feed_id: FeedId, brought: Entry, *, backlog: bool = False
) -> ArticleId:
    return await articles.add(
        tx, feed_id, brought, canonical_url=brought.url, backlog=backlog, now=NOON
    )


async def receive(
    db: Database,
    title: str,
    *,
    url: str = "",
    published_at: datetime = NOON,
    source: str | None = None,
    text: str | None = None,
) -> Article:
    """Store an article as the poller does, and return it as the editor gets it.

    A `source` of None: any that there is.
    """
    if source is not None:
        async with db.transaction() as tx:
            feed = listed_feed(f"https://{len(source)}.example/rss", source=source)
            await feeds.sync(tx, [feed], now=NOON)
    known = await db.reader.execute_fetchall(
        "SELECT id FROM feeds WHERE listed = 1 AND private = 0 LIMIT 1"
    )
    rows = [FeedId(row[0]) for row in known] or [await add_feed(db)]
    brought = entry(title, url=url, published_at=published_at)
    if text is not None:
        brought = replace(brought, text=text)
    async with db.transaction() as tx:
        await add_article(tx, rows[0], brought, backlog=published_at < NOON - timedelta(days=2))
    return (await articles.unprocessed(db.reader, now=NOON, limit=1000))[-1]


async def publish(
    db: Database,
    title: str,
    *,
    made: ArticleAnalysis | None = None,
    published_at: datetime = NOON,
    now: datetime = NOON,
    continues: StoryId | None = None,
    is_sure: bool = True,
) -> StoryId:
    """Store a story of its own, or a chapter, and owe it, as the article processor does."""
    article = await receive(db, title, published_at=published_at)
    made = made or reading()
    assert made.topic is not None
    async with db.transaction() as tx:
        assert made.language != "other"
        story_id = await stories.add(tx, article, made, made.topic, now=now, continues=continues)
        await articles.mark_processed(tx, article.id, made, story_id, now=now)
        await fan_out.enqueue_story(tx, story_id, made.language, now=now, is_sure_chapter=is_sure)
        await fan_out.release_urgent(tx, story_id, now=now)
    return story_id


async def retell(
    db: Database,
    story_id: StoryId,
    title: str = "Bridge is open",
    *,
    source: str = "The Herald",
    language: ArticleLanguage = "en",
    now: datetime = NOON,
    owed: bool = False,
) -> None:
    """Let another newspaper tell the story, as the editor does; `owed`: to who gets it by that."""
    article = await receive(db, title, source=source)
    made = reading(language=language)
    async with db.transaction() as tx:
        is_first = language != "other" and await signatures.is_first_in_language(
            tx, story_id, language=language, source=source
        )
        await articles.mark_processed(tx, article.id, made, story_id, now=now)
        if owed and language != "other":
            await fan_out.enqueue_story(
                tx,
                story_id,
                language,
                now=now,
                article_id=article.id,
                first_in_language=is_first,
            )
        await second_mentions.add(tx, story_id, now=now)
        await fan_out.release_urgent(tx, story_id, now=now)
        await message_edits.mark_story_changed(tx, story_id, now=now)


async def claim(
    tx: aiosqlite.Connection, *, now: datetime = NOON, limit: int = 9
) -> tuple[Delivery, ...]:
    """Take the first that each of the chats due is owed, as the sender does."""
    due = await subscribers.due(tx, now=now, limit=limit)
    owed = await deliveries.pending(tx, [it.chat_id for it in due], now=now)
    first = tuple(its[0] for its in owed.values() if its)
    await deliveries.mark_sending(tx, [it.id for it in first])
    return first


async def told(db: Database, story_id: StoryId) -> Story:
    story = await queries.get(db.reader, story_id)
    assert story is not None
    return story


async def subscribe(
    db: Database,
    chat_id: int,
    *topics: TopicSlug,
    kind: ChatKind = "private",
    language: Language = "en",
) -> ChatId:
    async with db.transaction() as tx:
        await subscribers.join(tx, ChatId(chat_id), kind=kind, language=language, now=NOON)
        await subscribers.set_topics(tx, ChatId(chat_id), topics or (WAR,), wanted=True)
    return ChatId(chat_id)
