"""Posts of channels that are sources: each is stored as an article of the channel's feed."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from zlib import crc32

import aiosqlite
from aiogram import Router
from aiogram.enums import MessageEntityType
from aiogram.types import (
    Message,
    MessageEntity,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginUnion,
)

from bot.model import ChannelSource, ChatId, Entry, Picture
from bot.storage.database import Database
from bot.storage.feeds import channels, known_items
from bot.storage.stories import articles
from bot.telegram.context import Now
from bot.text.safe import storable
from bot.web.channel_posts import (
    PostLine,
    channel_address,
    closing_lines,
    split_post,
    unsigned,
)
from bot.web.sources import source_of
from bot.web.urls import canonical

# What one channel may push in an hour; the rest is found, and pushed to nobody.
MAX_NEWS_PER_HOUR = 30
_HOUR = timedelta(hours=1)
# An older post is no news; Telegram keeps updates for a day.
MAX_NEWS_AGE = timedelta(hours=48)
_LINKED = frozenset(
    {
        MessageEntityType.URL,
        MessageEntityType.TEXT_LINK,
        MessageEntityType.MENTION,
        MessageEntityType.TEXT_MENTION,
    }
)


def router() -> Router:
    """Return the router of posts; it must follow those of commands in channels."""
    routes = Router(name="channel_posts")
    routes.channel_post.register(store_post)
    routes.edited_channel_post.register(store_post)
    return routes


async def store_post(message: Message, db: Database, now: Now) -> None:
    """Store a post of a source as an article, or the edit of one.

    Once the bot itself posts news in the channel, it is no source any more.
    """
    channel_id = ChatId(message.chat.id)
    source = await channels.find(db.reader, channel_id)
    if source is None or not source.is_active:
        return
    async with db.transaction() as tx:
        if await channels.is_written_to(tx, channel_id):
            await channels.end(tx, channel_id)
        elif not await is_echo(tx, message):
            await _store(tx, source, message, now)


def lines_of(text: str, entities: Iterable[MessageEntity]) -> Iterator[PostLine]:
    """Yield the lines of a text, and whether each holds a link or a mention."""
    spans = sorted(
        (each.offset, each.offset + each.length) for each in entities if each.type in _LINKED
    )
    start, place = 0, 0
    for line in text.split("\n"):
        # Entities are counted in UTF-16 units.
        end = start + len(line.encode("utf-16-le", "surrogatepass")) // 2
        while place < len(spans) and spans[place][1] <= start:
            place += 1
        yield PostLine(text=storable(line), is_linked=place < len(spans) and spans[place][0] < end)
        start = end + 1


def origin_source(origin: MessageOriginUnion | None) -> str | None:
    """Return the source of a forwarded post: the channel or group that Telegram names."""
    match origin:
        case MessageOriginChannel(chat=chat) | MessageOriginChat(sender_chat=chat):
            return source_of(channel_address(chat.id, chat.username))
        case _:
            return None


def picture_of(message: Message, url: str) -> Picture | None:
    """Return the picture of a public post: its own address, of which Telegram shows the photo.

    The address of a file of the Bot API holds the token, and nobody sees a private channel's.
    """
    if not message.photo or not message.chat.username:
        return None
    largest = max(message.photo, key=lambda size: size.width * size.height)
    return Picture(url=url, width=largest.width, height=largest.height)


def post_lines(message: Message) -> tuple[PostLine, ...]:
    """Return the lines of a post or of its caption; none of a poll or a service message."""
    text = "" if message.poll else message.text or message.caption or ""
    return tuple(lines_of(text, message.entities or message.caption_entities or ()))


def entry_of(message: Message, repeats: Mapping[int, int], *, posts: int) -> Entry | None:
    """Return a post as an entry without its signature; None: it says nothing in words.

    `repeats` and `posts` are those of `unsigned`.
    """
    chat = message.chat
    kept = unsigned(post_lines(message), repeats, posts=posts, own_name=chat.username or "")
    words = split_post(line.text for line in kept)
    if words is None:
        return None
    url = f"{channel_address(chat.id, chat.username)}/{message.message_id}"
    return Entry(
        guid=str(message.message_id),
        url=url,
        title=words.title,
        text=words.text,
        categories=(),
        published_at=message.date,
        picture=picture_of(message, url),
        source=origin_source(message.forward_origin),
    )


async def is_echo(db: aiosqlite.Connection, message: Message) -> bool:
    """Return whether the post is forwarded from where the bot posts news, or made by it."""
    if message.via_bot is not None:
        return True
    match message.forward_origin:
        case MessageOriginChannel(chat=chat) | MessageOriginChat(sender_chat=chat):
            return await channels.is_written_to(db, ChatId(chat.id))
        case _:
            return False


async def _store(
    tx: aiosqlite.Connection, source: ChannelSource, message: Message, now: Now
) -> None:
    """Store the post under its number, and an album under that of its group too."""
    at, feed_id, keys = now(), source.feed_id, [message.message_id]
    if message.media_group_id is not None:
        # The numbers of posts are positive.
        keys.append(-1 - crc32(message.media_group_id.encode()))
    known = await known_items.known(tx, feed_id, keys)
    if known and message.edit_date is None:
        return
    closing = [line.key for line in closing_lines(post_lines(message))]
    repeats, posts = await channels.repeats(tx, feed_id, closing)
    if known:
        # It has been counted itself.
        repeats, posts = {key: count - 1 for key, count in repeats.items()}, posts - 1
    entry = entry_of(message, repeats, posts=posts)
    article_id = known.get(message.message_id)
    if entry is not None and article_id is not None:
        await articles.edit(tx, article_id, entry)
    if entry is None or known or entry.published_at < source.added_at:
        return
    recent = await channels.count_news(tx, feed_id, since=at - _HOUR)
    is_old = entry.published_at < at - MAX_NEWS_AGE
    article_id = await articles.add(
        tx,
        feed_id,
        entry,
        canonical_url=canonical(entry.url),
        backlog=is_old or recent >= MAX_NEWS_PER_HOUR,
        now=at,
    )
    await known_items.claim(tx, feed_id, [(key, article_id) for key in keys], now=at)
    await channels.count_lines(tx, feed_id, closing, now=at)
    await channels.note_post(tx, source, username=message.chat.username, now=at)
