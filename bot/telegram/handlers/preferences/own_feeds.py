"""/add, /remove and /import: feeds that a chat adds for itself, singly or from an OPML file."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from html import escape

from aiogram import Bot, F, Router
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.enums import ChatType
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.errors import ParseError
from bot.i18n import Translator, speak
from bot.model import ChatId, DiscoveryFailure, DropReason, FeedId, FoundFeed, OwnFeed, Subscriber
from bot.rendering.feed_status import problem_text
from bot.storage.database import Database
from bot.storage.feeds import channels, own_feeds, searches
from bot.storage.subscribers import subscribers
from bot.telegram import chat_members, context
from bot.telegram.api import files
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards import sources
from bot.telegram.keyboards.sources import DropOwnFeed, OpenOwnFeeds
from bot.telegram.replies import NO_PREVIEW, answer, answer_callback, edit, quote
from bot.typed.commands import address_in
from bot.web import opml
from bot.web.channel_posts import channel_address, username_in
from bot.web.domains import domain_of

FindFeed = Callable[[str], Awaitable[FoundFeed | DiscoveryFailure]]
# `opml.parse`, elsewhere than on the event loop.
ReadOpml = Callable[[bytes], Awaitable[opml.Outlines]]

# Whoever wants more is better served by a feed reader.
MAX_OWN_FEEDS = 100
# Publishers' titles have no limit of their own.
MAX_TITLE_CHARS = 60
MAX_HEADLINE_CHARS = 200
# Three times the size of an OPML file with a thousand feeds.
MAX_BYTES = 1_000_000


def router() -> Router:
    """Return the router of /add, /remove and /import."""
    routes = Router(name="own_feeds")
    on_command(routes, "add", add)
    on_command(routes, "remove", remove)
    on_callback(routes, OpenOwnFeeds, open_own_feeds)
    on_callback(routes, DropOwnFeed, drop_feed)
    on_command(routes, "import", import_, edited=False)
    # An OPML file without a caption has no other meaning to a news bot.
    is_private = F.chat.type == ChatType.PRIVATE
    is_opml = F.document.file_name.lower().endswith(".opml")
    routes.message.register(import_, is_private, is_opml)
    routes.message.register(import_by_content, is_private, F.document)
    return routes


async def add(
    message: Message,
    command: CommandObject,
    bot: Bot,
    db: Database,
    channel_previews: bool,
    now: Now,
) -> None:
    """Store a search for the feed of the address; without an address, list the own feeds."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    typed = (command.args or "").strip()
    # «Додай, будь ласка, стрічку example.com» names one too.
    address = next(filter(None, map(address_in, typed.split())), typed)
    if not address:
        await _answer_all(message, db, subscriber, say)
        return
    wanted = await searches.count(db.reader, subscriber.chat_id)
    if len(subscriber.visibility.own) + wanted >= MAX_OWN_FEEDS:
        await answer(message, db, limit_text(say))
        return
    if username := username_in(address):
        text = await add_channel(db, subscriber, username, now)
        if text is None and channel_previews:
            text = await _refusal(bot, db, subscriber, username)
        elif text is None:
            text = channel_advice(username, say)
        if text is not None:
            await answer(message, db, text, preview=NO_PREVIEW)
            return
    looking = say("🔎 I am looking for the feed of {address}…", address=quote([address]))
    answered = await answer(message, db, looking, preview=NO_PREVIEW)
    async with db.transaction() as tx:
        await searches.add(
            tx,
            subscriber.chat_id,
            address,
            asked_in=ChatId(message.chat.id),
            message_id=answered.message_id,
            now=now(),
        )


async def add_channel(db: Database, subscriber: Subscriber, username: str, now: Now) -> str | None:
    """Add the channel to the own feeds and return the answer; None: it is no source."""
    say, name = speak(subscriber.language), f"@{username}"
    source = await channels.find_named(db.reader, username)
    if source is None:
        return None
    async with db.transaction() as tx:
        await channels.add_reader(tx, source.feed_id, subscriber.chat_id, title=name, now=now())
        await subscribers.end_choice(tx, subscriber.chat_id)
    title = f'<b><a href="{channel_address(source.channel_id, username)}">{name}</a></b>'
    what_next = say("Everything it publishes from now on will come here.")
    return f"{say('✅ Added:')} {title}\n\n{what_next}"


def channel_advice(username: str, say: Translator) -> str:
    """Return how a channel becomes a source."""
    return say(
        "I get the posts of {name} only from whoever runs it: they make me its admin, write"
        " <code>/channel {name}</code> to me, and choose “Its posts as news”.",
        name=f"@{username}",
    )


async def _refusal(bot: Bot, db: Database, subscriber: Subscriber, username: str) -> str | None:
    """Return why the channel cannot be a feed: its posts would come back; None: it can."""
    chat = await chat_members.find_chat(bot, username)
    chat_id = ChatId(chat.id) if chat else None
    is_own = chat_id == subscriber.chat_id
    if chat_id is None or not (is_own or await channels.is_written_to(db.reader, chat_id)):
        return None
    say = speak(subscriber.language)
    return say("I post news in {name} myself, so it cannot be a source.", name=f"@{username}")


async def remove(message: Message, command: CommandObject, db: Database, now: Now) -> None:
    """Remove the feeds whose address contains the text or whose title it is; list the rest."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    text = (command.args or "").strip()
    name = text.casefold().removesuffix("/")
    removed = [
        feed
        for feed in await own_feeds.of_chat(db.reader, subscriber.chat_id)
        if text and (name in feed.url.casefold() or name == feed.title.casefold())
    ]
    await _remove(db, subscriber, (feed.id for feed in removed))
    line = ""
    if removed:
        line = say("➖ Removed: {words}", words=quote([feed.title for feed in removed]))
    elif text:
        line = say("You have no feed called “{words}”.", words=quote([text]))
    await _answer_all(message, db, subscriber, say, line)


async def open_own_feeds(
    query: CallbackQuery, callback_data: OpenOwnFeeds, db: Database, now: Now
) -> None:
    """Show a page of the own feeds in place of another page."""
    subscriber = await context.ensure_subscriber(db, query, now=now())
    await answer_callback(query)
    await _show_all(query, db, subscriber, skipped=callback_data.skipped)


async def drop_feed(query: CallbackQuery, callback_data: DropOwnFeed, db: Database) -> None:
    """Remove the feed and show the rest."""
    subscriber = await context.find_subscriber(db, query)
    if subscriber is None:
        await answer_stale_button(query, db)
        return
    own = await own_feeds.of_chat(db.reader, subscriber.chat_id)
    removed = [feed for feed in own if feed.id == callback_data.feed_id]
    await _remove(db, subscriber, (feed.id for feed in removed))
    await answer_callback(query, "".join(f"➖ {feed.title[:150]}" for feed in removed))
    await _show_all(query, db, subscriber, skipped=callback_data.skipped)


async def import_(message: Message, bot: Bot, db: Database, read_opml: ReadOpml, now: Now) -> None:
    """Add the feeds of the attached OPML file, or of the one that the command replies to."""
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    document = files.document_of(message)
    if document is None:
        await answer(
            message,
            db,
            say(
                "Send me the OPML file of another RSS reader, with <code>/import</code> "
                "as its caption. Most readers make one with “Export”."
            ),
        )
        return
    content = await files.fetch(bot, document, max_bytes=MAX_BYTES)
    if content is None:
        await answer(message, db, say("That file is too large for a list of feeds."))
        return
    await _import(message, db, subscriber, await _outlines(content, read_opml), now)


async def import_by_content(
    message: Message, bot: Bot, db: Database, read_opml: ReadOpml, now: Now
) -> None:
    """Add the feeds of a file that is OPML by its content; leave any other to other handlers."""
    assert message.document is not None  # the filter has seen one
    content = await files.fetch(bot, message.document, max_bytes=MAX_BYTES)
    if content is None or not opml.looks_like_opml(content):
        raise SkipHandler
    subscriber = await context.ensure_subscriber(db, message, now=now())
    await _import(message, db, subscriber, await _outlines(content, read_opml), now)


async def _outlines(content: bytes, read_opml: ReadOpml) -> opml.Outlines:
    """Return the feeds of the file; none if it cannot be read."""
    try:
        return await read_opml(content)
    except ParseError:
        return opml.Outlines()


async def _import(
    message: Message, db: Database, subscriber: Subscriber, outlines: opml.Outlines, now: Now
) -> None:
    """Add the new feeds of an OPML file up to the limit, and answer with the counts."""
    say = speak(subscriber.language)
    if not outlines:
        await answer(
            message, db, say("There are no feeds in that file. It should be an OPML file.")
        )
        return
    known = {feed.url for feed in await own_feeds.of_chat(db.reader, subscriber.chat_id)}
    new = [
        FoundFeed(url=outline.url, domain=domain_of(outline.url), title=outline.title, newest=())
        for outline in outlines
        if outline.url not in known
    ]
    added = new[: max(0, MAX_OWN_FEEDS - len(known))]
    async with db.transaction() as tx:
        for feed in added:
            await own_feeds.add(
                tx, subscriber.chat_id, feed, language=subscriber.language, now=now()
            )
        await subscribers.end_choice(tx, subscriber.chat_id)
    own = await own_feeds.of_chat(db.reader, subscriber.chat_id)
    n_known, n_left_out = len(outlines) - len(new), len(new) - len(added)
    n_left_out += outlines.left_out
    text = _import_text(len(added), n_known, n_left_out, outlines.broken, say)
    await answer(message, db, text, sources.own_feeds(own, 0, say))


async def _remove(db: Database, subscriber: Subscriber, feeds: Iterable[FeedId]) -> None:
    async with db.transaction() as tx:
        await own_feeds.remove(tx, subscriber.chat_id, feeds)


async def _answer_all(
    message: Message, db: Database, subscriber: Subscriber, say: Translator, line: str = ""
) -> None:
    own = await own_feeds.of_chat(db.reader, subscriber.chat_id)
    page = list_text(own[: sources.OWN_PAGE_SIZE], say)
    text = f"{line}\n\n{page}" if line else page
    await answer(message, db, text, sources.own_feeds(own, 0, say), preview=NO_PREVIEW)


async def _show_all(
    query: CallbackQuery, db: Database, subscriber: Subscriber, *, skipped: int
) -> None:
    say = speak(subscriber.language)
    own = await own_feeds.of_chat(db.reader, subscriber.chat_id)
    skipped = skipped if skipped < len(own) else 0
    page = own[skipped : skipped + sources.OWN_PAGE_SIZE]
    await edit(query, db, list_text(page, say), sources.own_feeds(own, skipped, say))


def list_text(feeds: Sequence[OwnFeed], say: Translator) -> str:
    """Return a page of the own feeds, with the problems of those that fail."""
    lines = [say("<b>Feeds of your own</b>"), ""]
    for feed in feeds:
        lines.append(f'• <a href="{escape(feed.url)}">{escape(feed.title[:MAX_TITLE_CHARS])}</a>')
        if feed.problem:
            lines.append(f"   ⚠️ {problem_text(feed.problem, say)}")
    if not feeds:
        lines.append(say("You have none yet."))
    lines += [
        "",
        say(
            "Only this chat sees them and gets everything they publish. Add one by its "
            "address or its site's: <code>/add example.com</code>; many at once with "
            "/import."
        ),
    ]
    return "\n".join(lines)


def added_text(feed: FoundFeed, say: Translator) -> str:
    """Return the added feed and its newest headlines."""
    name = escape((feed.title or feed.domain)[:MAX_TITLE_CHARS])
    title = f'<b><a href="{escape(feed.url)}">{name}</a></b>'
    added = say("✅ Added:") if feed.newest else say("⚠️ Added, but nothing in it can be read yet:")
    lines = [f"{added} {title}"]
    lines += [f"• {escape(headline[:MAX_HEADLINE_CHARS])}" for headline in feed.newest]
    if feed.dropped:
        lines += ["", _dropped_text(feed, say)]
    return "\n".join([*lines, "", say("Everything it publishes from now on will come here.")])


def _dropped_text(feed: FoundFeed, say: Translator) -> str:
    """Return how many items of the feed can be used, and why the others cannot."""
    names: dict[DropReason, str] = {
        "no link": say("no links"),
        "neither title nor text": say("neither title nor text"),
    }
    reasons = ", ".join(
        names[reason] if count == feed.items else f"{names[reason]} ({count})"
        for reason, count in feed.dropped
    )
    usable = feed.items - sum(count for _, count in feed.dropped)
    return say(
        "⚠️ {items} items, {usable} usable: {reasons}",
        items=str(feed.items),
        usable=str(usable),
        reasons=reasons,
    )


def failure_text(failure: DiscoveryFailure, say: Translator, *, address: str = "") -> str:
    """Return why no feed was found at the address, and what the reader can do."""
    blocked = say("The site does not let bots read that page.")
    texts: dict[DiscoveryFailure, str] = {
        "not an address": say("That is not a web address. Try <code>/add example.com/news</code>"),
        "private": say("That address is not public, and I only read public ones."),
        "unknown": say("I can't find that site. Check the spelling."),
        "not found": say("The site has no such page. Try its home page."),
        "gone": say("Its publisher says that this feed is gone for good."),
        "needs login": say("That page opens only after a login."),
        "refused": blocked,
        "challenge": blocked,
        "no feed": say(
            "I found no feed there. Many sites have a page called RSS: send me its address."
        ),
        "no preview": " ".join(
            (
                say("This channel has no public page that I could read."),
                channel_advice(username_in(address) or "", say),
            )
        ),
        "too heavy": say("That file is too large."),
        "unreadable": say("The site cannot be read at the moment. Please try again later."),
    }
    return texts[failure]


def limit_text(say: Translator) -> str:
    """Return why no more feeds can be added."""
    return say(
        "You've reached the limit of {most} feeds. /remove one first.", most=str(MAX_OWN_FEEDS)
    )


def _import_text(added: int, known: int, left_out: int, broken: int, say: Translator) -> str:
    lines = []
    if added:
        lines.append(say.plural("✅ {count} feed added.", "✅ {count} feeds added.", added))
        lines.append(say("Everything they publish from now on will come here."))
    if known:
        lines.append(
            say.plural("{count} feed was here already.", "{count} feeds were here already.", known)
        )
    if left_out:
        lines.append(
            say.plural("{count} feed was skipped.", "{count} feeds were skipped.", left_out)
        )
        lines.append(limit_text(say))
    if broken:
        lines.append(
            say.plural(
                "⚠️ {count} entry of the file cannot be read.",
                "⚠️ {count} entries of the file cannot be read.",
                broken,
            )
        )
    return "\n".join(lines)
