"""/add and /remove: feeds of one's own, which only this chat sees."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from html import escape

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator, speak
from bot.model import DiscoveryFailure, FeedId, FoundFeed, OwnFeed, Subscriber
from bot.rendering.feed_status import problem_text
from bot.storage.database import Database
from bot.storage.feeds import own_feeds
from bot.telegram import context
from bot.telegram.api import files
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards import sources
from bot.telegram.keyboards.sources import DropOwnFeed, OpenOwnFeeds
from bot.telegram.replies import NO_PREVIEW, answer, answer_callback, edit, quote

FindFeed = Callable[[str], Awaitable[FoundFeed | DiscoveryFailure]]

# Whoever wants more is better served by a reader of feeds.
MAX_OWN_FEEDS = 100


# Of a title, which a publisher may make as long as he likes.
MAX_TITLE_CHARS = 60
MAX_HEADLINE_CHARS = 200


# An OPML file -> its feeds; None: it is none.
ReadList = Callable[[bytes], Sequence[FoundFeed] | None]

# A list of a thousand feeds has a third of it.
MAX_BYTES = 1_000_000


def router() -> Router:
    """Return the router of feeds of one's own."""
    made = Router(name="own_feeds")
    on_command(made, "add", add)
    on_command(made, "remove", remove)
    on_callback(made, OpenOwnFeeds, open_own_feeds)
    on_callback(made, DropOwnFeed, drop_feed)
    return made


async def add(
    message: Message, command: CommandObject, db: Database, find_feed: FindFeed, now: Now
) -> None:
    """Look for a feed at the address and give it to the chat; without one, show what it has."""
    reader = await context.ensure_subscriber(db, message, now=now())
    say = speak(reader.language)
    address = (command.args or "").strip()
    if not address:
        await _answer_all(message, db, reader, say)
        return
    if len(reader.sight.own) >= MAX_OWN_FEEDS:
        await answer(message, db, limit_text(say))
        return
    found = await find_feed(address)
    if not isinstance(found, FoundFeed):
        await answer(message, db, failure_text(found, say))
        return
    async with db.transaction() as tx:
        await own_feeds.add(tx, reader.chat_id, found, language=reader.language, now=now())
    mine = await own_feeds.of_chat(db.reader, reader.chat_id)
    keyboard = sources.own_feeds([it for it in mine if it.url == found.url], 0, say)
    await answer(message, db, added_text(found, say), keyboard, preview=NO_PREVIEW)


async def remove(message: Message, command: CommandObject, db: Database, now: Now) -> None:
    """Take the feeds away that are named by address or title; show those that are left."""
    reader = await context.ensure_subscriber(db, message, now=now())
    say = speak(reader.language)
    said = (command.args or "").strip()
    mine = await own_feeds.of_chat(db.reader, reader.chat_id)
    meant = [it for it in mine if said and _is_called(it, said)]
    await _remove(db, reader, (it.id for it in meant))
    line = ""
    if meant:
        line = say("➖ No longer: {words}", words=quote([it.title for it in meant]))
    elif said:
        line = say("You have no feed called “{words}”.", words=quote([said]))
    await _answer_all(message, db, reader, say, line)


async def open_own_feeds(
    query: CallbackQuery, callback_data: OpenOwnFeeds, db: Database, now: Now
) -> None:
    """Show the chat's own feeds in place of what is shown."""
    reader = await context.ensure_subscriber(db, query, now=now())
    await answer_callback(query)
    await _show_all(query, db, reader, skipped=callback_data.skipped)


async def drop_feed(query: CallbackQuery, callback_data: DropOwnFeed, db: Database) -> None:
    """Take the feed away, and show those that are left."""
    reader = await context.find_subscriber(db, query)
    if reader is None:
        await answer_stale_button(query, db)
        return
    mine = await own_feeds.of_chat(db.reader, reader.chat_id)
    meant = [it for it in mine if it.id == callback_data.feed_id]
    await _remove(db, reader, (it.id for it in meant))
    await answer_callback(query, "".join(f"➖ {it.title[:150]}" for it in meant))
    await _show_all(query, db, reader, skipped=callback_data.skipped)


def limit_text(say: Translator) -> str:
    """Return why no more feeds are taken."""
    return say(
        "You have {most} feeds, which are the most: /remove one first.", most=str(MAX_OWN_FEEDS)
    )


def _is_called(feed: OwnFeed, said: str) -> bool:
    """Tell whether a person may mean this feed: by its address, the site in it, or its title."""
    name = said.casefold().removesuffix("/")
    return name in feed.url.casefold() or name == feed.title.casefold()


async def _remove(db: Database, reader: Subscriber, feeds: Iterable[FeedId]) -> None:
    async with db.transaction() as tx:
        await own_feeds.remove(tx, reader.chat_id, feeds)


async def _answer_all(
    message: Message, db: Database, reader: Subscriber, say: Translator, line: str = ""
) -> None:
    mine = await own_feeds.of_chat(db.reader, reader.chat_id)
    shown = list_text(mine[: sources.OWN_LISTED], say)
    text = "\n\n".join(filter(None, (line, shown)))
    keyboard = sources.own_feeds(mine, 0, say)
    await answer(message, db, text, keyboard, preview=NO_PREVIEW)


async def _show_all(
    query: CallbackQuery, db: Database, reader: Subscriber, *, skipped: int
) -> None:
    say = speak(reader.language)
    mine = await own_feeds.of_chat(db.reader, reader.chat_id)
    skipped = skipped if skipped < len(mine) else 0
    shown = mine[skipped : skipped + sources.OWN_LISTED]
    keyboard = sources.own_feeds(mine, skipped, say)
    await edit(query, db, list_text(shown, say), keyboard)


def list_text(found: Sequence[OwnFeed], say: Translator) -> str:
    """Return the feeds that a chat has added, with what is the matter with them."""
    lines = [say("<b>Feeds of your own</b>"), ""]
    for it in found:
        lines.append(f'• <a href="{escape(it.url)}">{escape(it.title[:MAX_TITLE_CHARS])}</a>')
        if it.trouble:
            lines.append(f"   ⚠️ {problem_text(it.trouble, say)}")
    if not found:
        lines.append(say("You have none yet."))
    lines += [
        "",
        say(
            "Only this chat sees them, and gets all that they bring. Add one by its address or its"
            " site's: <code>/add example.com</code>; many at once with /import."
        ),
    ]
    return "\n".join(lines)


def added_text(found: FoundFeed, say: Translator) -> str:
    """Return what has been added, and what it told last."""
    name = escape((found.title or found.domain)[:MAX_TITLE_CHARS])
    title = f'<b><a href="{escape(found.url)}">{name}</a></b>'
    lines = [say("✅ Added:") + f" {title}"]
    lines += [f"• {escape(headline[:MAX_HEADLINE_CHARS])}" for headline in found.newest]
    return "\n".join([*lines, "", say("What it publishes from now on comes here.")])


def failure_text(reason: DiscoveryFailure, say: Translator) -> str:
    """Return why nothing was added, and what to do."""
    blocked = say("The site does not let bots read that page.")
    said: dict[DiscoveryFailure, str] = {
        "not an address": say(
            "This is no web address. Write it so: <code>/add example.com/news</code>"
        ),
        "private": say("This address is not a public one, and I only read public ones."),
        "unknown": say("There is no such site. Please look at its name again."),
        "not found": say("The site has no such page. Try its first page instead."),
        "gone": say("Its publisher says that this feed is gone for good."),
        "needs login": say("That page needs a login, and I have none."),
        "refused": blocked,
        "challenge": blocked,
        "no feed": say(
            "I found no feed there. Many sites have a page called RSS: send me its address."
        ),
        "too heavy": say("What is there is too large for me to read."),
        "unreadable": say("The site cannot be read at the moment. Please try again later."),
    }
    return said[reason]


def import_router() -> Router:
    """Return the router of imports."""
    made = Router(name="importing")
    on_command(made, "import", import_)
    # Who sends such a file to a news bot means just that.
    is_list = F.document.file_name.lower().endswith(".opml")
    made.message.register(import_, F.chat.type == ChatType.PRIVATE, is_list)
    return made


async def import_(message: Message, bot: Bot, db: Database, read_list: ReadList, now: Now) -> None:
    """Add the feeds of the file that comes with the command, or that it replies to."""
    reader = await context.ensure_subscriber(db, message, now=now())
    say = speak(reader.language)
    document = files.document_of(message)
    if document is None:
        await answer(
            message,
            db,
            say(
                "Send me the OPML file of another reader with <code>/import</code> as its"
                " caption. Most readers make one by “Export”."
            ),
        )
        return
    content = await files.fetch(bot, document, max_bytes=MAX_BYTES)
    if content is None:
        await answer(message, db, say("That file is too large for a list of feeds."))
        return
    listed = read_list(content)
    if not listed:
        await answer(message, db, say("I find no feeds in that file. It should be an OPML file."))
        return
    await _add(message, db, reader, listed, now)


async def _add(
    message: Message, db: Database, reader: Subscriber, listed: Sequence[FoundFeed], now: Now
) -> None:
    before = {it.url for it in await own_feeds.of_chat(db.reader, reader.chat_id)}
    new = [it for it in listed if it.url not in before]
    taken = new[: max(0, MAX_OWN_FEEDS - len(before))]
    async with db.transaction() as tx:
        for found in taken:
            await own_feeds.add(tx, reader.chat_id, found, language=reader.language, now=now())
    say = speak(reader.language)
    mine = await own_feeds.of_chat(db.reader, reader.chat_id)
    text = _said(len(taken), len(listed) - len(new), len(new) - len(taken), say)
    await answer(message, db, text, sources.own_feeds(mine, 0, say))


def _said(added: int, known: int, left: int, say: Translator) -> str:
    lines = []
    if added:
        lines.append(say.plural("✅ {count} feed added.", "✅ {count} feeds added.", added))
        lines.append(say("What they publish from now on comes here."))
    if known:
        lines.append(
            say.plural("{count} feed was here already.", "{count} feeds were here already.", known)
        )
    if left:
        lines.append(say.plural("{count} feed is left out.", "{count} feeds are left out.", left))
        lines.append(limit_text(say))
    return "\n".join(lines)
