"""Short answers to what the bot has just asked."""

import pytest

from bot.model import ChatId, Timetable
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot.telegram.handlers.open_questions import Question, command_of_answer
from tests.support.builders import TOPICS
from tests.telegram.conftest import Conversation


@pytest.mark.parametrize(
    ("question", "text", "command"),
    [
        ("main", "calm", "/when calm"),
        ("main", "at 6pm", "/when at 6pm"),
        ("main", "🔕 Calm (recommended)", "/when 🔕 Calm (recommended)"),
        ("main", "двічі на день", "/when двічі на день"),
        ("main", "3", None),
        ("main", "off", None),
        ("main", "Київ", None),
        ("digest", "о 8", "/when о 8"),
        ("digest", "9", "/when 9"),
        ("quiet", "23-7", "/when 23-7"),
        ("quiet", "23 7", "/when quiet 23 7"),
        ("quiet", "9", None),
        ("zone", "Київ", "/when Київ"),
        ("limit", "3", "/when 3 a day"),
        ("limit", "без обмежень", "/when без обмежень"),
        ("limit", "at 6pm", None),
        ("topics", "війна і спорт", "/topics війна і спорт"),
        ("topics", "без спорту", None),
        ("topics", "giraffes", None),
        ("digest", "{} killed", None),
        ("main", "write to me about love", None),
        ("zone", "why did the bridge in Kyiv close", None),
    ],
)
def test_a_clear_answer_is_the_command(question: Question, text: str, command: str | None) -> None:
    assert command_of_answer(question, text, Timetable(), TOPICS) == command


async def test_a_question_is_answered_in_a_word_for_ten_minutes(
    conversation: Conversation, db: Database
) -> None:
    ann = conversation.telegram.person("Ann", language="en")
    await conversation.say(ann, "/start")
    await conversation.say(ann, "sport")
    page = await conversation.say(ann, "/when")
    assert page is not None
    await conversation.press(ann, page, "🔢 No daily limit")
    await conversation.say(ann, "3")
    subscriber = await subscribers.find(db.reader, ChatId(ann.id))
    assert subscriber is not None
    assert subscriber.topics == {"sports"}
    assert subscriber.timetable.per_day == 3
    conversation.clock.advance(minutes=11)
    answer = await conversation.say(ann, "hourly")
    assert answer is not None
    assert "Tap what you mean" in answer.text
