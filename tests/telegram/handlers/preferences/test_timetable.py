from collections.abc import Sequence

import pytest

from bot.model import ChatId, Language, Quiet, Timetable
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot.telegram.keyboards.timetable import format_minute
from bot_playground.state.chats import ChatMessage, Person
from tests.support.builders import publish, reading
from tests.telegram.conftest import Conversation, labels, relabel


@pytest.fixture
def ann(conversation: Conversation) -> Person:
    return conversation.telegram.person("Ann", language="en")


@pytest.fixture
async def page(conversation: Conversation, ann: Person) -> ChatMessage:
    message = await conversation.say(ann, "/when")
    assert message is not None
    return message


async def chosen(db: Database, person: Person) -> Timetable:
    subscriber = await subscribers.find(db.reader, ChatId(person.id))
    assert subscriber is not None
    return subscriber.timetable


async def test_the_page_says_when_news_comes_and_what_time_it_is(page: ChatMessage) -> None:
    assert page.text == "When news comes\n\n📨 Each story at once\n🌍 Kyiv, 14:00 now"
    assert labels(page) == [
        "✅ At once",
        "Calm",
        "Digest",
        "🌙 No quiet hours",
        "🌍 Kyiv",
        "🔢 No daily limit",
        "↩️ Back",
    ]


async def test_a_digest_is_chosen_with_its_hours(
    conversation: Conversation, db: Database, ann: Person, page: ChatMessage
) -> None:
    await conversation.press(ann, page, "Digest")
    await conversation.press(ann, conversation.shown(page), "🗞 Digest at 08:00, 19:00")
    await conversation.press(ann, conversation.shown(page), "12:00")
    await conversation.press(ann, conversation.shown(page), "✅ 19:00")
    assert await chosen(db, ann) == Timetable(when="digest", digest_at=(480, 720))
    await conversation.press(ann, conversation.shown(page), "↩️ Back")
    assert "🗞 One message at 08:00, 12:00" in conversation.shown(page).text


async def test_a_digest_keeps_one_hour_and_has_six_at_the_most(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    page = await conversation.say(ann, "/when 8")
    assert page is not None
    await conversation.press(ann, page, "🗞 Digest at 08:00")
    toast = await conversation.press(ann, conversation.shown(page), "✅ 08:00")
    assert toast == "A digest needs at least one hour."
    for hour in range(10, 15):
        await conversation.press(ann, conversation.shown(page), f"{hour}:00")
    toast = await conversation.press(ann, conversation.shown(page), "15:00")
    assert toast == "Up to six digests a day."
    assert len((await chosen(db, ann)).digest_at) == 6


async def test_quiet_hours_their_mode_and_their_threshold_are_chosen(
    conversation: Conversation, db: Database, ann: Person, page: ChatMessage
) -> None:
    await conversation.press(ann, page, "🌙 No quiet hours")
    for button in ("23:00–07:00", "🔕 Without a sound", "⚡ 3+"):
        await conversation.press(ann, conversation.shown(page), button)
    night = Quiet(since=1380, until=420, silently=True, urgent_from=3)
    assert await chosen(db, ann) == Timetable(quiet=night)
    await conversation.press(ann, conversation.shown(page), "🌙 No quiet hours")
    assert await chosen(db, ann) == Timetable()


async def test_a_time_zone_and_a_limit_are_chosen(
    conversation: Conversation, db: Database, ann: Person, page: ChatMessage
) -> None:
    await conversation.press(ann, page, "🌍 Kyiv")
    await conversation.press(ann, conversation.shown(page), "New York")
    assert "New York, 07:00 now" in conversation.shown(page).text
    await conversation.press(ann, conversation.shown(page), "↩️ Back")
    await conversation.press(ann, conversation.shown(page), "🔢 No daily limit")
    await conversation.press(ann, conversation.shown(page), "10")
    assert await chosen(db, ann) == Timetable(zone="America/New_York", per_day=10)
    await conversation.press(ann, conversation.shown(page), "No daily limit")
    assert (await chosen(db, ann)).per_day is None


@pytest.mark.parametrize(
    ("text", "timetable"),
    [
        ("8:15 19:30", Timetable(when="digest", digest_at=(495, 1170))),
        ("22:30-6:45", Timetable(quiet=Quiet(since=1350, until=405))),
        ("Варшава", Timetable(zone="Europe/Warsaw")),
        ("+3", Timetable(zone="+03:00")),
    ],
)
async def test_times_and_places_can_be_written(
    conversation: Conversation, db: Database, ann: Person, text: str, timetable: Timetable
) -> None:
    await conversation.say(ann, f"/when {text}")
    assert await chosen(db, ann) == timetable


async def test_an_unparsable_text_is_answered_with_examples(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    answer = await conversation.say(ann, "/when <b>soon</b>")
    assert answer is not None
    assert answer.text.startswith("I do not understand “<b>soon</b>”. Write times for digests")
    assert "🌙 No quiet hours" in labels(answer)
    assert await chosen(db, ann) == Timetable()


async def test_the_answer_says_what_a_text_was_taken_for(
    conversation: Conversation, ann: Person
) -> None:
    for text, line in (
        ("Львів", "“Львів” → 🌍 Kyiv, 14:"),
        ("8-15", "“8-15” → 🗞 One message at 08:15"),
        ("з 23 до 7", "“з 23 до 7” → 🌙 Quiet hours: 23:00–07:00"),
        ("8-8", "“8-8” → 🌙 No quiet hours"),
        ("5 на день", "“5 на день” → 🔢 At most 5 messages a day"),
        ("🔕 Without a sound", "“🔕 Without a sound” → 🌙 Quiet hours: 23:00–07:00"),
        (
            "щогодини, Варшава",
            "→ 🔕 Calm: what matters at once, the rest silently once an hour; 🌍 Warsaw, 13:",
        ),
    ):
        answer = await conversation.say(ann, f"/when {text}")
        assert answer is not None
        assert line in answer.text.partition("\n")[0]


async def test_a_button_takes_the_other_reading(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    answer = await conversation.say(ann, "/when 18-00")
    assert answer is not None
    assert (await chosen(db, ann)).digest_at == (1080,)
    await conversation.press(ann, answer, "↩️ No: 🌙 Quiet hours: 18:00–00:00")
    timetable = await chosen(db, ann)
    assert (timetable.when, timetable.quiet) == ("at once", Quiet(since=1080, until=0))
    assert "18:00–00:00" in conversation.shown(answer).text


async def test_the_other_reading_of_off_is_a_pause(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    answer = await conversation.say(ann, "/when off")
    assert answer is not None
    await conversation.press(ann, answer, "⏸ Pause the news")
    subscriber = await subscribers.find(db.reader, ChatId(ann.id))
    assert subscriber is not None
    assert subscriber.paused


@pytest.mark.parametrize(
    "data",
    [
        "rhythm:never",
        "digest:25:1",
        "digest:-1:1",
        "night:99:3",
        "urgent:-5",
        "limit:-1",
        "limit:99999999999999999999",
        "zone:Mars/Olympus",
        "zone:",
        "when:secrets",
        "other:soon",
        "other:",
    ],
)
async def test_forged_callback_data_changes_nothing(
    conversation: Conversation, db: Database, ann: Person, page: ChatMessage, data: str
) -> None:
    relabel(page, data)
    assert await conversation.press(ann, page, data)
    assert await chosen(db, ann) == Timetable()


@pytest.mark.parametrize("data", ["silence:1", "urgent:3", "digest:8:1", "night:0:0"])
async def test_a_late_or_repeated_press_is_harmless(
    conversation: Conversation, db: Database, ann: Person, page: ChatMessage, data: str
) -> None:
    relabel(page, data)
    assert not await conversation.press(ann, page, data)
    assert await chosen(db, ann) == Timetable()


async def test_a_press_on_an_old_keyboard_after_stop_is_answered(
    conversation: Conversation, ann: Person, page: ChatMessage
) -> None:
    farewell = await conversation.say(ann, "/stop")
    assert farewell is not None
    await conversation.press(ann, farewell, "🗑 Delete everything")
    assert "out of date" in await conversation.press(ann, page, "Calm")


def test_a_minute_is_shown_as_clocks_show_it() -> None:
    assert (format_minute(0), format_minute(485), format_minute(1439)) == (
        "00:00",
        "08:05",
        "23:59",
    )


@pytest.mark.parametrize(
    ("language", "text", "question", "choices"),
    [
        (
            "en",
            "2 hours",
            "What do you mean by “2 hours”?",
            ["✅ 🗞 One message at 02:00", "⏸ Until"],
        ),
        ("uk", "2 години", "Що означає «2 години»?", ["✅ 🗞", "⏸ До:"]),
        ("ru", "завтра", "Расписание одинаково", ["⏸ До:"]),
        ("uk", "по буднях", "Розклад однаковий", []),
        ("ru", "каждые 20 минут", "Новости приходят сразу", []),
        ("en", "holler at 8:00", "What do you mean", ["✅ 🗞 One message at 08:00"]),
    ],
)
async def test_what_no_timetable_says_is_asked_back(
    conversation: Conversation,
    db: Database,
    language: str,
    text: str,
    question: str,
    choices: list[str],
) -> None:
    person = conversation.telegram.person("Bo", language=language)
    answer = await conversation.say(person, f"/when {text}")
    assert answer is not None
    assert answer.text.startswith(question)
    shown = labels(answer)[: len(choices)]
    assert all(label.startswith(start) for label, start in zip(shown, choices, strict=True)), shown
    assert await chosen(db, person) == Timetable()


async def test_what_is_asked_back_is_set_by_its_button(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    answer = await conversation.say(ann, "/when holler at 8:00")
    assert answer is not None
    await conversation.press(ann, answer, labels(answer)[0])
    assert await chosen(db, ann) == Timetable(when="digest", digest_at=(480,))


@pytest.mark.parametrize(
    ("language", "typed", "line", "digest", "weekly", "every", "friday"),
    [
        ("en", "weekly", "One message a week: Sunday, 10:00", "🗞 Digest at", "Once a week",
         "Every day", "Friday"),
        ("uk", "щотижня", "Одне повідомлення на тиждень: неділя, 10:00", "🗞 Дайджест о",
         "Раз на тиждень", "Щодня", "пʼятниця"),
        ("ru", "еженедельно", "Одно сообщение в неделю: воскресенье, 10:00", "🗞 Дайджест в",
         "Раз в неделю", "Каждый день", "пятница"),
    ],
)  # fmt: skip
async def test_a_digest_comes_once_a_week_by_words_and_by_buttons(
    conversation: Conversation,
    db: Database,
    language: str,
    typed: str,
    line: str,
    digest: str,
    weekly: str,
    every: str,
    friday: str,
) -> None:
    person = conversation.telegram.person("Bo", language=language)
    answer = await conversation.say(person, f"/when {typed}")
    assert answer is not None
    assert line in answer.text
    page = next(label for label in labels(answer) if line in label)
    await conversation.press(person, answer, page)
    await conversation.press(person, conversation.shown(answer), every)
    assert await chosen(db, person) == Timetable(when="digest")
    await conversation.press(person, conversation.shown(answer), weekly)
    await conversation.press(person, conversation.shown(answer), friday)
    friday_at_ten = Timetable(when="digest", digest_at=(600,), weekday=4)
    assert await chosen(db, person) == friday_at_ten
    assert digest not in " ".join(labels(conversation.shown(answer)))


@pytest.mark.parametrize(
    ("language", "button", "typed", "line"),
    [
        ("en", "Everything at once", "at once", "Everything at once, but many stories together"),
        ("uk", "Усе одразу", "одразу", "Усе одразу, а коли новин багато — разом"),
        ("ru", "Всё сразу", "сразу", "Всё сразу, а когда новостей много — вместе"),
    ],
)
async def test_the_button_bundles_a_rush_and_the_typed_words_never_do(
    conversation: Conversation, db: Database, language: Language, button: str, typed: str, line: str
) -> None:
    person = conversation.telegram.person("Bo", language=language)
    await conversation.say(person, "/topics war")
    page = await conversation.say(person, "/when calm")
    assert page is not None
    await conversation.press(person, page, button)
    assert line in conversation.shown(page).text

    async def messages_of(titles: Sequence[str]) -> list[str]:
        before = len(conversation.texts(person))
        made = reading(language=language)
        for title in titles:
            await publish(db, title, made=made, now=conversation.clock())
        await conversation.settle()
        return conversation.texts(person)[before:]

    (together,) = await messages_of([f"Rush {number}" for number in range(5)])
    assert together.count("Rush") == 5
    await conversation.say(person, f"/when {typed}")
    assert len(await messages_of([f"Alone {number}" for number in range(5)])) == 5
