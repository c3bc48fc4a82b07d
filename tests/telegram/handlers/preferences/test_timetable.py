import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import ChatId, Quiet, Timetable
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot.telegram.handlers.preferences.timetable import parse_timetable
from bot.telegram.keyboards.timetable import format_minute
from bot_playground.state.chats import ChatMessage, Person
from tests.telegram.conftest import Conversation, labels, relabel

EVERYTHING = Timetable()


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
        "Every hour",
        "Digest",
        "🌙 No quiet hours",
        "🌍 Kyiv",
        "🔢 No limit a day",
        "⚙️ Settings",
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
    assert toast == "Six digests a day are the most."
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
    await conversation.press(ann, conversation.shown(page), "🔢 No limit a day")
    await conversation.press(ann, conversation.shown(page), "10")
    assert await chosen(db, ann) == Timetable(zone="America/New_York", per_day=10)
    await conversation.press(ann, conversation.shown(page), "No limit a day")
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
    assert await chosen(db, ann) == Timetable()


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
    assert "old one" in await conversation.press(ann, page, "Every hour")


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("8", (480,)),
        ("8:00 19:30", (480, 1170)),
        ("19.30, 8", (480, 1170)),
        ("08:00,08:00", (480,)),
        ("0:00 23:59", (0, 1439)),
    ],
)
def test_times_are_digests(text: str, minutes: tuple[int, ...]) -> None:
    assert parse_timetable(EVERYTHING, text) == Timetable(when="digest", digest_at=minutes)


@pytest.mark.parametrize("text", ["23-7", "23:00 – 07:00", " 23.00-7 "])
def test_a_range_is_quiet(text: str) -> None:
    assert parse_timetable(EVERYTHING, text) == Timetable(quiet=Quiet(since=1380, until=420))


def test_a_new_range_keeps_the_mode_of_quiet_hours() -> None:
    silent = Timetable(quiet=Quiet(since=0, until=60, silently=True, urgent_from=3))
    changed = parse_timetable(silent, "22-6")
    assert changed == Timetable(quiet=Quiet(since=1320, until=360, silently=True, urgent_from=3))


@pytest.mark.parametrize(("text", "zone"), [("Львів", "Europe/Kyiv"), ("+3", "+03:00")])
def test_a_city_or_an_offset_sets_the_time_zone(text: str, zone: str) -> None:
    assert parse_timetable(EVERYTHING, text) == Timetable(zone=zone)


@pytest.mark.parametrize("text", ["", "24", "8:60", "1 2 3 4 5 6 7", "soon", "23-25", "-", "8:00-"])
def test_an_unparsable_text_is_none(text: str) -> None:
    assert parse_timetable(EVERYTHING, text) is None


@given(st.text())
def test_no_text_raises_an_error(text: str) -> None:
    parse_timetable(EVERYTHING, text)


def test_a_minute_is_shown_as_clocks_show_it() -> None:
    assert (format_minute(0), format_minute(485), format_minute(1439)) == (
        "00:00",
        "08:05",
        "23:59",
    )
