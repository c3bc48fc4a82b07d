"""/import: the feeds of another reader, from its OPML file, as feeds of one's own."""

from collections.abc import Callable, Sequence

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.types import Message

from bot.i18n import Say, speak
from bot.model import FoundFeed, Subscriber
from bot.storage.database import Database
from bot.storage.feeds import own_feeds
from bot.telegram import context
from bot.telegram.api import files
from bot.telegram.context import Now
from bot.telegram.handlers.preferences.own_feeds import MOST, too_many
from bot.telegram.handlers.routing import on_command
from bot.telegram.keyboards import sources
from bot.telegram.replies import answer

# An OPML file -> its feeds; None: it is none.
ReadList = Callable[[bytes], Sequence[FoundFeed] | None]

# A list of a thousand feeds has a third of it.
MAX_BYTES = 1_000_000


def router() -> Router:
    """Return the router of imports."""
    made = Router(name="importing")
    on_command(made, "import", import_)
    # Who sends such a file to a news bot means just that.
    is_list = F.document.file_name.lower().endswith(".opml")
    made.message.register(import_, F.chat.type == ChatType.PRIVATE, is_list)
    return made


async def import_(message: Message, bot: Bot, db: Database, read_list: ReadList, now: Now) -> None:
    """Add the feeds of the file that comes with the command, or that it replies to."""
    reader = await context.join(db, message, now=now())
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
    taken = new[: max(0, MOST - len(before))]
    async with db.transaction() as tx:
        for found in taken:
            await own_feeds.add(tx, reader.chat_id, found, language=reader.language, now=now())
    say = speak(reader.language)
    mine = await own_feeds.of_chat(db.reader, reader.chat_id)
    text = _said(len(taken), len(listed) - len(new), len(new) - len(taken), say)
    await answer(message, db, text, sources.own_feeds(mine, 0, say))


def _said(added: int, known: int, left: int, say: Say) -> str:
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
        lines.append(too_many(say))
    return "\n".join(lines)
