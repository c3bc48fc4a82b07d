"""/broadcast: preview, confirmation, sending and progress, for operators only."""

from typing import get_args

import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, Language, LetterId
from bot.storage.database import Database
from bot.storage.outbox import broadcasts
from bot.storage.outbox.broadcasts import Audience
from bot.telegram.handlers.broadcast import progress_text
from bot.telegram.keyboards.admin import ChooseAudience, SendBroadcast, audience_name
from bot_playground.state.chats import ChatMessage, Person
from tests.support.builders import subscribe
from tests.support.fakes import NOON
from tests.telegram.conftest import Conversation, add_admin, labels, relabel

AUDIENCES: tuple[Audience, ...] = get_args(Audience)


@pytest.fixture
async def ada(conversation: Conversation, db: Database) -> Person:
    await subscribe(db, 1)
    await subscribe(db, 2, language="uk")
    return add_admin(conversation.telegram)


async def ask(conversation: Conversation, ada: Person, written: ChatMessage) -> ChatMessage:
    conversation.telegram.say(ada, "/broadcast", reply_to=written)
    await conversation.settle()
    page = conversation.last(ada)
    assert page is not None
    return page


async def pending_notices(db: Database) -> list[tuple[int, str]]:
    rows = await db.reader.execute_fetchall(
        "SELECT chat_id, html FROM notices JOIN letters ON letters.id = letter_id ORDER BY 1"
    )
    return [(row[0], row[1]) for row in rows]


async def test_it_is_shown_confirmed_sent_and_stopped_in_place(
    conversation: Conversation, db: Database, ada: Person
) -> None:
    page = await ask(conversation, ada, conversation.telegram.say(ada, "2 < 3 & fine"))
    assert "2 < 3 & fine" in conversation.texts(ada)
    assert labels(page) == ["All · 2", "Українська · 1", "English · 1", "People · 2"]
    await conversation.press(ada, page, "Українська · 1")
    assert conversation.shown(page).text == "Send it? Українська: 1."
    await conversation.press(ada, conversation.shown(page), "◀️ Back")
    await conversation.press(ada, conversation.shown(page), "All · 2")
    assert await pending_notices(db) == []
    await conversation.press(ada, conversation.shown(page), "📣 Send it")
    assert await pending_notices(db) == [(1, "2 &lt; 3 &amp; fine"), (2, "2 &lt; 3 &amp; fine")]
    assert "Waiting: 2" in conversation.shown(page).text
    async with db.transaction() as tx:
        await tx.execute("UPDATE notices SET state = 'sent' WHERE chat_id = 1")
    await conversation.press(ada, conversation.shown(page), "🔄 Refresh")
    assert "Sent: 1\nWaiting: 1" in conversation.shown(page).text
    await conversation.press(ada, conversation.shown(page), "⏹ Stop")
    assert conversation.shown(page).text.startswith("⏹ Stopped.\n\nSent: 1\nWaiting: 0")


async def test_a_sent_broadcast_is_not_sent_again_and_shows_its_progress(
    conversation: Conversation, db: Database, ada: Person
) -> None:
    written = conversation.telegram.say(ada, "Hello")
    page = await ask(conversation, ada, written)
    for press in ("All · 2", "📣 Send it"):
        await conversation.press(ada, conversation.shown(page), press)
    again = await ask(conversation, ada, written)
    assert again.text.startswith("📣 On its way.")
    for late in (ChooseAudience, SendBroadcast):
        relabel(again, late(letter_id=1, audience="all").pack())
        await conversation.press(ada, again, labels(again)[0])
        again = conversation.shown(again)
    assert len(await pending_notices(db)) == 2
    office = await conversation.say(ada, "/admin")
    assert office is not None
    await conversation.press(ada, office, "📣 Write to all")
    assert "/broadcast" in conversation.shown(office).text
    await conversation.press(ada, conversation.shown(office), "📣 The last one")
    assert "Waiting: 2" in conversation.shown(office).text


async def test_its_formatting_is_kept(
    conversation: Conversation, db: Database, ada: Person
) -> None:
    welcome = await conversation.say(ada, "/start")
    assert welcome is not None
    await ask(conversation, ada, welcome)
    rows = await db.reader.execute_fetchall("SELECT html FROM letters")
    assert [row[0].partition("\n")[0] for row in rows] == ["👋 <b>Hello! I am ReadAlso.</b>"]


async def test_it_says_what_is_missing(
    conversation: Conversation, db: Database, ada: Person
) -> None:
    answer = await conversation.say(ada, "/broadcast")
    assert answer is not None
    assert "reply to it with /broadcast" in answer.text
    file = conversation.telegram.send_document(ada, "news.txt", b"news")
    assert (await ask(conversation, ada, file)).text.startswith("Only text can be sent to all")
    office = await conversation.say(ada, "/admin")
    assert office is not None
    await conversation.press(ada, office, "📣 Write to all")
    assert "📣 The last one" not in labels(conversation.shown(office))
    relabel(conversation.shown(office), SendBroadcast(letter_id=9, audience="all").pack())
    shown = conversation.shown(office)
    await conversation.press(ada, shown, labels(shown)[0])
    assert conversation.shown(office).text == "That message is no longer kept."


async def test_a_forged_callback_of_a_stranger_sends_nothing(
    conversation: Conversation, db: Database, ada: Person
) -> None:
    await ask(conversation, ada, conversation.telegram.say(ada, "Hello"))
    ann = conversation.telegram.person("Ann", language="en")
    page = await conversation.say(ann, "/start")
    assert page is not None
    relabel(page, SendBroadcast(letter_id=1, audience="all").pack())
    toast = await conversation.press(ann, page, labels(page)[0])
    assert toast == "These buttons are out of date. /start gives you new ones."
    assert await pending_notices(db) == []
    async with db.transaction() as tx:
        assert await broadcasts.send(tx, LetterId(1), "all", now=NOON)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_audience_has_a_name_of_its_own(language: Language) -> None:
    names = {audience_name(audience, speak(language)) for audience in AUDIENCES}
    assert len(names) == len(AUDIENCES)


@pytest.mark.parametrize(
    ("states", "is_stopped", "heading"),
    [
        ({"sent": 3, "sending": 1}, False, "📣 <b>On its way.</b>"),
        ({"sent": 3, "pending": 1}, False, "📣 <b>On its way.</b>"),
        ({"sent": 3}, False, "✅ <b>All sent.</b>"),
        ({"sent": 3, "sending": 1}, True, "⏹ <b>Stopped.</b>"),
    ],
)
def test_the_heading_names_the_state(
    states: dict[str, int], is_stopped: bool, heading: str
) -> None:
    text = progress_text(states, speak("en"), is_stopped=is_stopped)
    assert text.startswith(heading)


def test_all_states_are_counted() -> None:
    states = {"sent": 1200, "sending": 1, "pending": 2, "gone": 4, "rejected": 5}
    text = progress_text(states, speak("en"), is_stopped=False)
    assert text.endswith("Sent: 1,200\nWaiting: 3\nCannot be written to: 4\nRefused: 5")
