"""The buttons of /admin that act on the whole bot."""

import pytest

from bot.errors import SetupError
from bot.storage.database import Database
from bot.storage.queues import attempts
from bot_playground.state.chats import ChatMessage, Person
from tests.support.fakes import NOON
from tests.telegram.conftest import Conversation, add_admin, labels


async def admin_page(conversation: Conversation, ada: Person) -> ChatMessage:
    page = await conversation.say(ada, "/admin")
    assert page is not None
    return page


def button_of(page: ChatMessage, mark: str) -> str:
    return next(label for label in labels(page) if label.startswith(mark))


@pytest.mark.parametrize(
    ("language", "toast"), [("en", "Tried again: 1."), ("uk", "Повторено: 1."), ("ru", "Повторено")]
)
async def test_what_was_set_aside_is_tried_again_by_one_press(
    conversation: Conversation, db: Database, language: str, toast: str
) -> None:
    ada = add_admin(conversation.telegram, language=language)
    assert not [label for label in labels(await admin_page(conversation, ada)) if "🔁" in label]
    async with db.transaction() as tx:
        await tx.execute(
            "INSERT INTO attempts (queue, key, count, reason, dead_at)"
            " VALUES ('articles', 7, 3, 'ValueError', ?)",
            (int(NOON.timestamp()),),
        )
    page = await admin_page(conversation, ada)
    assert toast in await conversation.press(ada, page, button_of(page, "🔁"))
    assert await attempts.dead_letters(db.reader) == ()


@pytest.mark.parametrize(
    ("answer", "toast"),
    [
        ("feeds: 1 added", "Changed: feeds: 1 added. The bot begins anew."),
        ("", "Nothing has changed since the start."),
        (SetupError("FEEDS: feeds.toml: 3 has no url"), "Nothing is changed: FEEDS: feeds.toml: 3"),
        (SetupError("x" * 900), "Nothing is changed: xxx"),
    ],
)
async def test_a_press_reads_the_files_again_and_says_what_came_of_it(
    conversation: Conversation, answer: str | SetupError, toast: str
) -> None:
    async def request() -> str:
        if isinstance(answer, SetupError):
            raise answer
        return answer

    conversation.dispatcher["request_reload"] = request
    ada = add_admin(conversation.telegram, language="en")
    page = await admin_page(conversation, ada)
    assert (await conversation.press(ada, page, button_of(page, "♻️"))).startswith(toast)


async def test_without_files_of_an_operator_a_press_changes_nothing(
    conversation: Conversation,
) -> None:
    ada = add_admin(conversation.telegram, language="en")
    page = await admin_page(conversation, ada)
    assert "Nothing has changed" in await conversation.press(ada, page, button_of(page, "♻️"))
