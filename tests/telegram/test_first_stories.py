from dataclasses import replace
from datetime import timedelta

import pytest
from aiogram import Bot

from bot.model import LANGUAGES, ChatId, EditorLink, Language, Story, Subscriber, Timetable
from bot.storage.database import Database
from bot.storage.outbox import fan_out
from bot.storage.stories import queries
from bot.storage.subscribers import subscribers
from bot.telegram.first_stories import (
    ASKED_AFTER,
    CHOICE_TIME,
    MAX_FIRST_STORIES,
    ChoiceTimer,
    RhythmAsker,
)
from bot_playground.state.chats import ChatMessage, Person
from tests.support.builders import SCIENCE, SPORT, TOPICS, WAR, publish, reading, retell
from tests.support.fakes import NOON
from tests.telegram.conftest import Conversation, labels


@pytest.fixture
def ann(conversation: Conversation) -> Person:
    return conversation.telegram.person("Ann", language="en")


@pytest.fixture
async def page(conversation: Conversation, ann: Person) -> ChatMessage:
    message = await conversation.say(ann, "/start")
    assert message is not None
    return message


@pytest.fixture
def timer(conversation: Conversation, bot: Bot) -> ChoiceTimer:
    return ChoiceTimer(bot=bot, first_stories=conversation.dispatcher["first_stories"])


async def reader(db: Database, person: Person) -> Subscriber:
    found = await subscribers.find(db.reader, ChatId(person.id))
    assert found is not None
    return found


def headlines(conversation: Conversation, person: Person) -> list[str]:
    return [text.partition("\n")[0] for text in conversation.texts(person)][1:]


async def test_no_news_interrupts_the_choice_and_it_comes_from_its_end_on(
    conversation: Conversation, db: Database, ann: Person, page: ChatMessage
) -> None:
    await conversation.press(ann, page, "🪖 War")
    await publish(db, "Meanwhile", now=conversation.clock())
    await conversation.settle()
    assert headlines(conversation, ann) == []
    await conversation.press(ann, page, "📰 Show me the news")
    assert headlines(conversation, ann) == ["Meanwhile"]


async def test_topics_typed_as_a_command_end_the_choice(
    conversation: Conversation, db: Database, ann: Person, page: ChatMessage
) -> None:
    await conversation.press(ann, page, "🪖 War")
    await conversation.say(ann, "/topics sport")
    await publish(db, "Bridge opens", now=conversation.clock())
    await conversation.settle()
    assert conversation.texts(ann)[-1].startswith("Bridge opens")


async def test_each_topic_is_first_served_by_its_best_and_the_oldest_comes_first(
    conversation: Conversation, db: Database, ann: Person, page: ChatMessage
) -> None:
    for hours in range(1, 8):
        at = NOON - timedelta(hours=hours)
        await publish(db, f"War {hours}", published_at=at)
    best = await publish(db, "Great war", published_at=NOON - timedelta(hours=9))
    await retell(db, best)
    science = reading(topic=SCIENCE)
    await publish(db, "Comet", made=science, published_at=NOON - timedelta(hours=20))
    await publish(db, "Goal", made=reading(topic=SPORT), published_at=NOON)
    for button in ("🪖 War", "🔬 Science"):
        await conversation.press(ann, conversation.shown(page), button)
    await conversation.press(ann, page, "📰 Show me the news")
    heads = headlines(conversation, ann)
    assert len(heads) == MAX_FIRST_STORIES
    assert heads[:2] == ["Comet", "War 3"]
    assert "Bridge is open" in heads, "the one of two sources"
    assert f"Here are {MAX_FIRST_STORIES} stories to begin with." in conversation.shown(page).text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_one_question_follows_and_who_skips_it_has_calm_news(
    conversation: Conversation, db: Database, language: Language
) -> None:
    person = conversation.telegram.person("Ann", language=language)
    page = await conversation.say(person, "/start")
    assert page is not None
    await conversation.press(person, page, "topic:war:1")
    await conversation.press(person, page, "news")
    shown = conversation.shown(page)
    assert [label[0] for label in labels(shown)] == ["🔕", "🗞", "⚡"]
    assert (await reader(db, person)).timetable.when == "calm"
    await conversation.press(person, shown, labels(shown)[1])
    assert (await reader(db, person)).timetable.when == "digest"
    again = await conversation.say(person, "/topics")
    assert again is not None
    await conversation.press(person, again, "news")
    assert labels(conversation.shown(again)) == [], "it is asked once"


async def test_a_group_is_not_asked(conversation: Conversation, db: Database, ann: Person) -> None:
    group = conversation.telegram.group("Town", admins=[ann])
    await conversation.settle()
    page = conversation.last(group)
    assert page is not None
    await conversation.press(ann, page, "🪖 War")
    await conversation.press(ann, page, "📰 Show me the news")
    assert labels(conversation.shown(page)) == []
    found = await subscribers.find(db.reader, ChatId(group.id))
    assert found is not None
    assert found.timetable.when == "at once"


async def test_a_choice_that_takes_too_long_ends_by_itself(
    conversation: Conversation, db: Database, ann: Person, page: ChatMessage, timer: ChoiceTimer
) -> None:
    await publish(db, "Bridge opens", now=conversation.clock())
    await conversation.press(ann, page, "🪖 War")
    assert not await timer.step()
    conversation.clock.advance(seconds=int(CHOICE_TIME.total_seconds()))
    assert await timer.step()
    assert not await timer.step()
    await conversation.settle()
    question, story = conversation.texts(ann)[-2:]
    assert question.startswith("Here is 1 story to begin with.\n\nHow should the news come?")
    assert story.startswith("Bridge opens")


async def test_a_channel_whose_choice_takes_too_long_gets_stories_alone(
    conversation: Conversation, db: Database, ann: Person, page: ChatMessage, timer: ChoiceTimer
) -> None:
    assert page.text
    channel = conversation.telegram.channel("Harbour", admins=[ann], username="harbour_news")
    await conversation.settle()
    chosen = await conversation.say(ann, "/channel @harbour_news")
    assert chosen is not None
    await publish(db, "Bridge opens", now=conversation.clock())
    await conversation.press(ann, chosen, "🪖 War")
    conversation.clock.advance(seconds=int(CHOICE_TIME.total_seconds()))
    assert await timer.step()
    await conversation.settle()
    assert [text.partition("\n")[0] for text in conversation.texts(channel)] == ["Bridge opens"]


async def test_who_has_left_meanwhile_is_not_written_to(
    conversation: Conversation, ann: Person, page: ChatMessage, timer: ChoiceTimer
) -> None:
    await conversation.press(ann, page, "🪖 War")
    conversation.telegram.block(ann)
    conversation.clock.advance(seconds=int(CHOICE_TIME.total_seconds()))
    assert await timer.step()
    assert not await timer.step()


async def test_what_the_read_also_of_another_shows_is_no_first_story(
    db: Database, conversation: Conversation, ann: Person, page: ChatMessage
) -> None:
    newer = await publish(db, "Bridge opens", published_at=NOON)
    older = await publish(db, "Bridge planned", published_at=NOON - timedelta(hours=1))

    async def read_also(story: Story, _: Subscriber) -> tuple[Story | EditorLink, ...]:
        linked = await queries.get(db.reader, older if story.id == newer else newer)
        return (linked,) if linked else ()

    async with db.transaction() as tx:
        await subscribers.set_topics(tx, ChatId(ann.id), [WAR], wanted=True)
    first_stories = replace(conversation.dispatcher["first_stories"], read_also=read_also)
    assert page.text
    assert await first_stories.begin(await reader(db, ann)) == 1
    await conversation.settle()
    assert headlines(conversation, ann) == ["Bridge opens"]


@pytest.mark.parametrize(
    ("language", "until"),
    [
        ("en", "If you skip this, it is calm in ten minutes; /when changes it."),
        ("uk", "Якщо не оберете, за десять хвилин стане спокійно; змінити — /when."),
        ("ru", "Если не выберете, через десять минут станет спокойно; изменить — /when."),
    ],
)
async def test_topics_that_a_new_person_types_bring_news_at_once_and_the_question_once(
    conversation: Conversation, db: Database, timer: ChoiceTimer, language: Language, until: str
) -> None:
    person = conversation.telegram.person("Bob", language=language)
    asked = await conversation.say(person, "/topics war")
    assert asked is not None
    assert asked.text.endswith(until)
    assert [label[0] for label in labels(asked)] == ["🔕", "🗞", "⚡"]
    in_language = reading(language=language)
    await publish(db, "Bridge opens", made=in_language, now=conversation.clock())
    await conversation.settle()
    assert conversation.texts(person)[-1].startswith("Bridge opens")
    again = await conversation.say(person, "/topics sport")
    assert again is not None
    assert until not in again.text, "it is asked once"
    assert not await timer.step()
    assert (await reader(db, person)).timetable.when == "at once"
    conversation.clock.advance(seconds=CHOICE_TIME.total_seconds())
    await timer.step()
    assert (await reader(db, person)).timetable.when == "calm"


async def test_who_answers_the_question_keeps_the_answer(
    conversation: Conversation, db: Database, ann: Person, timer: ChoiceTimer
) -> None:
    asked = await conversation.say(ann, "/topics war")
    assert asked is not None
    await conversation.press(ann, asked, "⚡ Everything at once")
    conversation.clock.advance(seconds=CHOICE_TIME.total_seconds())
    await timer.step()
    assert (await reader(db, ann)).timetable.when == "everything"


@pytest.mark.parametrize(("typed", "when"), [("at once", "at once"), ("Lviv", "calm")])
async def test_typed_at_once_is_an_answer_too_and_a_city_is_none(
    conversation: Conversation, db: Database, ann: Person, timer: ChoiceTimer, typed: str, when: str
) -> None:
    await conversation.say(ann, "/topics war")
    await conversation.say(ann, f"/when {typed}")
    conversation.clock.advance(seconds=CHOICE_TIME.total_seconds())
    await timer.step()
    timetable = (await reader(db, ann)).timetable
    assert timetable.when == when
    assert timetable.zone == ("Europe/Kyiv" if typed == "Lviv" else Timetable().zone)


@pytest.fixture
def asker(conversation: Conversation, db: Database, bot: Bot) -> RhythmAsker:
    none = timedelta(0)
    return RhythmAsker(db=db, bot=bot, now=conversation.clock, pause=none, rest=none)


async def begin_long_ago(
    conversation: Conversation, db: Database, person: Person, timetable: Timetable
) -> None:
    """Let the person have read news before there was the question."""
    conversation.telegram.say(person, "/follow bridge")
    await conversation.settle()
    async with db.transaction() as tx:
        await subscribers.set_timetable(tx, ChatId(person.id), timetable)
    made = reading(language=(await reader(db, person)).language)
    story = await publish(db, "Bridge opens", made=made, now=conversation.clock())
    async with db.transaction() as tx:
        await tx.execute("UPDATE deliveries SET state = 'sent' WHERE story_id = ?", (story,))
        await tx.execute("UPDATE subscribers SET asked_when = 0, due_at = NULL")
    conversation.clock.advance(seconds=ASKED_AFTER.total_seconds() + 1)


@pytest.mark.parametrize(
    ("language", "once"),
    [
        ("en", "I ask this only once: until you choose, everything stays as it is."),
        ("uk", "Питаю лише раз: поки не оберете, усе лишається як є."),
        ("ru", "Спрашиваю только раз: пока не выберете, всё остаётся как есть."),
    ],
)
@pytest.mark.parametrize("had", [Timetable(when="hourly"), Timetable(per_day=5)])
async def test_a_present_reader_is_asked_once_with_three_buttons_and_not_switched(
    conversation: Conversation,
    db: Database,
    asker: RhythmAsker,
    language: str,
    once: str,
    had: Timetable,
) -> None:
    person = conversation.telegram.person("Cat", language=language)
    await begin_long_ago(conversation, db, person, had)
    for _ in range(2):
        await asker.step()
    asked = conversation.last(person)
    assert asked is not None
    assert once in asked.text
    assert [label[0] for label in labels(asked)] == ["🔕", "🗞", "⚡"]
    assert len([text for text in conversation.texts(person) if once in text]) == 1
    assert (await reader(db, person)).timetable == had
    await conversation.press(person, asked, labels(asked)[0])
    assert (await reader(db, person)).timetable == replace(had, when="calm")


async def test_nobody_is_asked_at_night_nor_before_a_day_nor_once_they_have_gone(
    conversation: Conversation, db: Database, ann: Person, asker: RhythmAsker
) -> None:
    await begin_long_ago(conversation, db, ann, Timetable(zone="Pacific/Auckland"))
    before = conversation.texts(ann)
    await asker.step()
    assert conversation.texts(ann) == before, "one in the morning there"
    async with db.transaction() as tx:
        await subscribers.set_timetable(tx, ChatId(ann.id), Timetable())
        await tx.execute("UPDATE subscribers SET joined_at = joined_at + 9")
    await asker.step()
    assert conversation.texts(ann) == before, "too new"
    conversation.clock.advance(seconds=60)
    conversation.telegram.block(ann)
    await asker.step()
    assert conversation.texts(ann) == before


async def test_what_crosses_the_line_in_the_hour_of_a_calm_reader_comes_at_once(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await conversation.say(ann, "/topics war")
    await conversation.say(ann, "/when calm")
    story = await publish(db, "Bridge opens", now=conversation.clock())
    await conversation.settle()
    assert "Bridge opens" not in conversation.texts(ann)[-1]
    for source in ("The Second", "The Third Paper"):
        await retell(db, story, source=source)
    async with db.transaction() as tx:
        await fan_out.release_urgent(tx, story, now=conversation.clock())
    await conversation.settle()
    message = conversation.last(ann)
    assert message is not None
    assert message.text.startswith("Bridge")
    assert not message.body.get("disable_notification")


@pytest.mark.parametrize(
    ("language", "show", "choice"),
    [
        ("en", "📰 Show me the news", "🗞 Twice a day"),
        ("uk", "📰 Показати новини", "🗞 Двічі на день"),
        ("ru", "📰 Показать новости", "🗞 Дважды в день"),
    ],
)
async def test_who_wants_digests_right_after_the_news_still_gets_the_first_stories(
    conversation: Conversation, db: Database, language: Language, show: str, choice: str
) -> None:
    bo = conversation.telegram.person("Bo", language=language)
    for number in range(6):
        await publish(db, f"War {number}", made=reading(language=language))
    page = await conversation.say(bo, "/start")
    assert page is not None
    war = TOPICS.get(WAR)
    assert war is not None
    await conversation.press(bo, page, f"{war.emoji} {war.names[language]}")
    conversation.telegram.press(bo, conversation.shown(page), show)
    # Both presses are handled before anything is sent.
    while await conversation.update_poller.step() or await conversation.inbox.step():
        pass
    asked = conversation.last(bo)
    assert asked is not None
    await conversation.press(bo, asked, choice)
    sent = [text for text in conversation.texts(bo) if text.startswith("War")]
    assert len(sent) == MAX_FIRST_STORIES
    assert (await reader(db, bo)).timetable.when == "digest"
    await publish(db, "Later", made=reading(language=language), now=conversation.clock())
    await conversation.settle()
    assert not any(text.startswith("Later") for text in conversation.texts(bo))
