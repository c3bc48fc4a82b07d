"""Who is an admin; what admins see has tests of its own in handlers/test_admin.py."""

from bot.storage.database import Database
from bot_playground.fake_telegram import FakeTelegram
from tests.support.builders import subscribe
from tests.telegram.conftest import ADMIN, Conversation, hire


async def test_an_admin_is_spoken_to_in_the_language_he_has_chosen(
    conversation: Conversation, telegram: FakeTelegram, db: Database
) -> None:
    ada = hire(telegram, language="en")
    await subscribe(db, ADMIN, language="uk")
    page = await conversation.say(ada, "/admin")
    assert page is not None
    assert page.text.startswith("Цифри")


async def test_who_manages_a_channel_is_answered_for_himself(
    conversation: Conversation, telegram: FakeTelegram, db: Database
) -> None:
    ada = hire(telegram, language="en")
    channel = await subscribe(db, -1001, kind="channel", language="ru")
    await subscribe(db, ADMIN)
    async with db.transaction() as tx:
        await tx.execute(
            "INSERT INTO managing (chat_id, channel_id, name) VALUES (?, ?, 'Harbour')",
            (ADMIN, channel),
        )
    page = await conversation.say(ada, "/admin")
    assert page is not None
    assert page.text.startswith("Numbers")
