"""/import of an export: what a chat chose at another instance of this bot is taken over."""

from collections.abc import Awaitable, Callable, Iterable
from typing import get_args

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.types import Message

from bot.errors import ParseError
from bot.i18n import speak
from bot.model import LANGUAGES, FoundFeed, Pictures, Subscriber, Word
from bot.storage.database import Database
from bot.storage.feeds import own_feeds
from bot.storage.outbox import due
from bot.storage.stories import saved, storylines
from bot.storage.subscribers import subscribers
from bot.storage.subscribers.moved_chat import MovedChat, MovedFeed
from bot.storage.subscribers.rows import checked_timetable
from bot.telegram import context
from bot.telegram.api import files
from bot.telegram.context import Now
from bot.telegram.handlers.preferences.own_feeds import MAX_OWN_FEEDS
from bot.telegram.handlers.preferences.timetable import fitted
from bot.telegram.handlers.preferences.words import put_words
from bot.telegram.handlers.routing import CommandNamed, MayCommand
from bot.telegram.replies import answer
from bot.text.phrases import parse_phrase
from bot.topics import Topics
from bot.web.channel_posts import username_in
from bot.web.domains import domain_of

# `parse_export`, elsewhere than on the event loop.
ReadExport = Callable[[bytes], Awaitable[MovedChat]]


def router() -> Router:
    """Return the router of exports; it must precede that of /import."""
    routes = Router(name="moving")
    is_json = F.document.file_name.lower().endswith(".json")
    routes.message.register(import_export, F.chat.type == ChatType.PRIVATE, is_json)
    routes.message.register(import_export, CommandNamed("import"), MayCommand(), is_json)
    answers_json = F.reply_to_message.document.file_name.lower().endswith(".json")
    routes.message.register(import_export, CommandNamed("import"), MayCommand(), answers_json)
    return routes


async def import_export(
    message: Message, bot: Bot, db: Database, topics: Topics, read_export: ReadExport, now: Now
) -> None:
    """Take over what the attached export holds, and answer with how much that is."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    document = files.document_of(message)
    assert document is not None  # the filter has seen one
    content = await files.fetch(bot, document)
    try:
        moved = None if content is None else await read_export(content)
    except ParseError:
        moved = None
    if moved is None:
        text = say("That file is no export of this bot. The other one makes it by /export.")
        await answer(message, db, text)
        return
    taken = {
        "topics": await take_topics(db, subscriber, moved, topics),
        "words": await take_words(db, subscriber, moved, topics),
        "feeds": await take_feeds(db, subscriber, moved.feeds, now),
        **await take_stories(db, subscriber, moved, now),
    }
    await take_modes(db, subscriber, moved, now)
    given = map(len, (moved.topics, moved.words, moved.feeds, moved.saved, moved.followed))
    left_out = sum(given) - sum(taken.values()) + moved.unreadable
    lines = [
        say(
            "✅ Taken over. Topics: {topics}. Words: {words}. Feeds: {feeds}. Saved stories:"
            " {saved}. Followed stories: {followed}. /settings shows the rest.",
            **{name: str(count) for name, count in taken.items()},
        )
    ]
    if left_out > 0:
        lines.append(
            say(
                "Left out, for it is unknown here, or more than I keep: {count}.",
                count=str(left_out),
            )
        )
    await answer(message, db, "\n\n".join(lines))


async def take_topics(
    db: Database, subscriber: Subscriber, moved: MovedChat, topics: Topics
) -> int:
    """Subscribe to the topics that there are here, and read the languages; count the topics."""
    known = [topic.slug for topic in topics if topic.slug in moved.topics]
    async with db.transaction() as tx:
        await subscribers.set_topics(tx, subscriber.chat_id, known, wanted=True)
        for language in LANGUAGES:
            if language in moved.languages:
                await subscribers.set_news_language(tx, subscriber.chat_id, language, wanted=True)
        await subscribers.end_choice(tx, subscriber.chat_id)
    return len(known)


async def take_words(db: Database, subscriber: Subscriber, moved: MovedChat, topics: Topics) -> int:
    """Follow and mute the words up to the limit of each; return how many."""
    slugs = {str(topic.slug): topic.slug for topic in topics}
    words = [
        Word(text=each.text, phrase=phrase, muted=each.muted, topic=slugs.get(each.topic))
        for each in moved.words
        if (phrase := parse_phrase(each.text)) and (not each.topic or each.topic in slugs)
    ]
    followed = await put_words(db, subscriber, [word for word in words if not word.muted])
    muted = await put_words(db, subscriber, [word for word in words if word.muted])
    return len(followed) + len(muted)


async def take_feeds(
    db: Database, subscriber: Subscriber, feeds: Iterable[MovedFeed], now: Now
) -> int:
    """Add the feeds up to the limit, but no channels; return how many the chat has of them."""
    known = {feed.url for feed in await own_feeds.of_chat(db.reader, subscriber.chat_id)}
    wanted = [feed for feed in feeds if username_in(feed.url) is None]
    new = [feed for feed in wanted if feed.url not in known][: max(0, MAX_OWN_FEEDS - len(known))]
    async with db.transaction() as tx:
        for feed in new:
            found = FoundFeed(url=feed.url, domain=domain_of(feed.url), title=feed.title, newest=())
            await own_feeds.add(
                tx, subscriber.chat_id, found, language=subscriber.language, now=now()
            )
    return len(new) + sum(feed.url in known for feed in wanted)


async def take_stories(
    db: Database, subscriber: Subscriber, moved: MovedChat, now: Now
) -> dict[str, int]:
    """Save and follow the stories that are known here by their addresses; return how many."""
    chat_id, counts = subscriber.chat_id, {"saved": 0, "followed": 0}
    async with db.transaction() as tx:
        known = await saved.stories_at(tx, [*moved.saved, *moved.followed])
        # The first of an export is the newest.
        for url in reversed(moved.saved):
            if url in known:
                counts["saved"] += await saved.add(tx, chat_id, known[url], now=now())
        for url in moved.followed:
            if url in known:
                counts["followed"] += await storylines.follow(tx, chat_id, known[url], now=now())
    return counts


async def take_modes(db: Database, subscriber: Subscriber, moved: MovedChat, now: Now) -> None:
    """Set the timetable and the choice of pictures, if the export has them."""
    pictures: dict[str, Pictures] = {name: name for name in get_args(Pictures)}
    async with db.transaction() as tx:
        if moved.timetable:
            timetable = fitted(checked_timetable(moved.timetable), subscriber)
            await subscribers.set_timetable(tx, subscriber.chat_id, timetable)
            await subscribers.mark_asked_when(tx, subscriber.chat_id)
        if moved.pictures in pictures:
            await subscribers.set_pictures(tx, subscriber.chat_id, pictures[moved.pictures])
        await due.recheck(tx, subscriber.chat_id, now=now())
