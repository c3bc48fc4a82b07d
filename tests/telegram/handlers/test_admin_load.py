"""The page of /admin on the load by person."""

import pytest

from bot.model import ChatId
from bot.storage.database import Database
from bot.storage.subscribers import limited_people
from bot.telegram.updates.person_load import LIMITED_GAP
from bot_playground.state.chats import ChatMessage, Person
from tests.telegram.conftest import Conversation, add_admin, labels


async def page_of_load(conversation: Conversation, ada: Person) -> ChatMessage:
    """Return the page as the admin sees it."""
    menu = await conversation.say(ada, "/admin")
    assert menu is not None
    load = next(label for label in labels(menu) if label.startswith("⚖️"))
    await conversation.press(ada, menu, load)
    return conversation.shown(menu)


@pytest.mark.parametrize(
    ("language", "heading", "slow", "free"),
    [
        ("en", "Load within the hour", "🐢 Slow down", "▶️ Release"),
        ("uk", "Навантаження за годину", "🐢 Сповільнити", "▶️ Відпустити"),
        ("ru", "Нагрузка за час", "🐢 Замедлить", "▶️ Отпустить"),
    ],
)
async def test_an_admin_sees_the_load_by_person_and_can_limit_one(
    conversation: Conversation, db: Database, language: str, heading: str, slow: str, free: str
) -> None:
    bob = conversation.telegram.person("Bob", language="en")
    for _ in range(5):
        await conversation.say(bob, "/help")
    code = conversation.inbox.load.code(ChatId(bob.id))
    ada = add_admin(conversation.telegram, language=language)
    page = await page_of_load(conversation, ada)
    assert page.text.startswith(f"{heading}\n\n{code} — 5, ")
    assert str(bob.id) not in page.text.split()
    await conversation.press(ada, page, f"{slow} {code}")
    assert await limited_people.codes(db.reader) == (code,)
    assert conversation.shown(page).text.startswith(f"{heading}\n\n🐢 {code} — 5, ")
    conversation.clock.advance(seconds=LIMITED_GAP.total_seconds())
    before = len(conversation.texts(bob))
    for _ in range(2):
        conversation.telegram.say(bob, "/help")
    while await conversation.update_poller.step() or await conversation.inbox.step():
        pass
    assert len(conversation.texts(bob)) == before + 1
    conversation.clock.advance(seconds=LIMITED_GAP.total_seconds())
    await conversation.press(ada, conversation.shown(page), f"{free} {code}")
    assert await limited_people.codes(db.reader) == ()
