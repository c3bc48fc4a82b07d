"""Many readers and stories, stored as the bot stores them."""

from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from bot.model import ArticleAnalysis, ArticleSignature, ListedFeed, TopicSlug
from bot.storage.feeds import feeds
from bot.storage.outbox import fan_out
from bot.storage.stories import articles, stories
from bot.stories.matching.fingerprint import fingerprint, pack
from tests.support.builders import entry
from tests.support.fakes import NOON

FOLLOWED = ("war", "world", "politics")


async def add_readers(tx: aiosqlite.Connection, chats: Iterable[int]) -> None:
    """Add people who read English and follow three topics each."""
    chats = list(chats)
    at = int(NOON.timestamp())
    await tx.executemany(
        """
        INSERT INTO subscribers (chat_id, kind, language, joined_at)
        VALUES (?, 'private', 'en', ?)
        """,
        [(chat_id, at) for chat_id in chats],
    )
    await tx.executemany(
        "INSERT INTO news_languages (chat_id, language) VALUES (?, 'en')",
        [(chat_id,) for chat_id in chats],
    )
    await tx.executemany(
        "INSERT INTO subscriptions (chat_id, topic) VALUES (?, ?)",
        [(chat_id, topic) for topic in FOLLOWED for chat_id in chats],
    )


async def add_timetables(tx: aiosqlite.Connection, chats: Iterable[int]) -> None:
    """Let every second reader have quiet hours, and half of those digests."""
    await tx.executemany(
        """
        INSERT INTO timetables (chat_id, mode, digest_at, zone, quiet_since, quiet_until, silently)
        VALUES (?, ?, '[480, 1140]', 'Europe/Kyiv', 1380, 420, 0)
        """,
        [
            (chat_id, "digest" if chat_id % 4 == 1 else "at once")
            for chat_id in chats
            if chat_id % 2
        ],
    )


async def silence_some(tx: aiosqlite.Connection) -> None:
    """Let a tenth of the readers pause, and another tenth be gone."""
    await tx.execute("UPDATE subscribers SET paused_at = 0 WHERE chat_id % 10 = 0")
    await tx.execute("UPDATE subscribers SET gone_at = 0 WHERE chat_id % 10 = 5")


async def add_story(tx: aiosqlite.Connection, number: int, *, summary: str, now: datetime) -> int:
    """Store a story of its own and owe it; return to how many."""
    listed = ListedFeed(
        url="https://courier.example/rss",
        domain="courier.example",
        source="The Harbour Courier",
        language="en",
        topic=None,
    )
    if number == 1:
        await feeds.sync(tx, [listed], now=now)
    (feed,) = await feeds.due(tx, now=now, limit=1)
    brought = entry(f"Bridge {number} opens in Lakeside", published_at=now)
    article_id = await articles.add(
        tx, feed.id, brought, canonical_url=brought.url, backlog=False, now=now
    )
    (article,) = await articles.unprocessed(tx, now=now, limit=1)
    topic = TopicSlug(FOLLOWED[0])
    analysis = ArticleAnalysis(
        language="en",
        topic=topic,
        other_topics=(TopicSlug(FOLLOWED[1]),),
        summary=summary.strip(),
        title_key="",
        terms=("bridge",),
        signature=ArticleSignature(fingerprint=pack(fingerprint("", ""))),
    )
    story_id = await stories.add(tx, article, analysis, topic, now=now)
    await articles.mark_processed(tx, article_id, analysis, story_id, now=now)
    return await fan_out.enqueue_story(tx, story_id, "en", now=now)
