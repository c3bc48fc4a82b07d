"""The page of /admin on the load that people cause, with a button that limits one of them."""

from collections.abc import Sequence
from datetime import timedelta

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.i18n import Translator
from bot.storage.database import Database
from bot.storage.subscribers import limited_people
from bot.telegram.context import Now
from bot.telegram.handlers.routing import admin_translator, edit_page, on_admin_callback
from bot.telegram.keyboards import admin as keyboards
from bot.telegram.keyboards.admin import LimitPerson, OpenLoad
from bot.telegram.replies import answer_callback
from bot.telegram.updates.person_load import LIMITED_GAP, PersonLoad, PersonShare

MAX_SHOWN = 8


def router() -> Router:
    """Return the router of the page."""
    routes = Router(name="admin_load")
    on_admin_callback(routes, OpenLoad, open_load)
    on_admin_callback(routes, LimitPerson, limit_person)
    return routes


async def open_load(query: CallbackQuery, db: Database, load: PersonLoad) -> None:
    """Show who caused the most."""
    await answer_callback(query)
    await _show(query, db, load)


async def limit_person(
    query: CallbackQuery, callback_data: LimitPerson, db: Database, load: PersonLoad, now: Now
) -> None:
    """Limit the person, or end that, and show the page again."""
    say = await admin_translator(db, query)
    code = callback_data.code
    async with db.transaction() as tx:
        if callback_data.limited:
            await limited_people.put(tx, code, now=now())
        else:
            await limited_people.drop(tx, code)
    load.limited = {*await limited_people.codes(db.reader)}
    text = say.plain("{code} is not slowed down any more.", code=code)
    if callback_data.limited:
        text = say.plain("{code} is slowed down.", code=code)
    await answer_callback(query, text)
    await _show(query, db, load)


async def _show(query: CallbackQuery, db: Database, load: PersonLoad) -> None:
    say = await admin_translator(db, query)
    busiest = load.busiest(limit=MAX_SHOWN)
    shown = {share.code for share in busiest}
    others = [code for code in await limited_people.codes(db.reader) if code not in shown]
    limited = [PersonShare(code, 0, timedelta(0), True) for code in others[:MAX_SHOWN]]
    shares = [*busiest, *limited]
    await edit_page(query, load_text(shares, say), keyboards.load(shares, say))


def load_text(shares: Sequence[PersonShare], say: Translator) -> str:
    """Return the people who caused the most within the hour, each by a code."""
    lines = [say("<b>Load within the hour</b>"), ""]
    for share in shares:
        mark = "🐢 " if share.is_limited else ""
        time = say.duration(share.took)
        lines.append(f"{mark}<code>{share.code}</code> — {say.number(share.updates)}, {time}")
    if not shares:
        lines.append(say("Nobody has written yet."))
    return "\n".join(
        [
            *lines,
            "",
            say(
                "Each code is one person: how many messages and presses, and the time that"
                " answering took. Who it is cannot be told from it. Who is slowed down is answered"
                " once in {time}.",
                time=say.duration(LIMITED_GAP),
            ),
        ]
    )
