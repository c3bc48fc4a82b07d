"""The language of admin pages; the pages themselves are tested in test_admin.py."""

from bot.storage.database import Database
from bot_playground.fake_telegram import FakeTelegram
from tests.support.builders import subscribe
from tests.telegram.conftest import ADMIN, Conversation, add_admin


async def test_an_admin_is_answered_in_his_chosen_language(
    conversation: Conversation, telegram: FakeTelegram, db: Database
) -> None:
    ada = add_admin(telegram, language="en")
    await subscribe(db, ADMIN, language="uk")
    page = await conversation.say(ada, "/admin")
    assert page is not None
    assert page.text.startswith("Цифри")


async def test_an_admin_page_is_in_the_admins_language_while_a_channel_is_managed(
    conversation: Conversation, telegram: FakeTelegram, db: Database
) -> None:
    ada = add_admin(telegram, language="en")
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
