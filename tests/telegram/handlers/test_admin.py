"""/admin: statistics and failing feeds, for operators only."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, Language, Poll, TableCounts
from bot.storage.database import Database
from bot.storage.feeds import feeds, polls
from bot.storage.queues.attempts import QUEUES
from bot.storage.statistics import LastDay, SubscriberCounts
from bot.telegram.handlers import admin
from bot.telegram.keyboards.admin import PAGE_SIZE, DisableFeed, OpenNumbers, OpenTroubled, PollFeed
from bot.version import version_text
from bot_playground.state.chats import ChatMessage, Person
from tests.support.builders import TOPICS, listed_feed, publish, subscribe
from tests.support.fakes import NOON
from tests.telegram.conftest import Conversation, add_admin, labels, relabel
from tests.telegram.keyboards.test_admin import health

NOBODY = SubscriberCounts(by_kind={}, by_topic={}, by_language={}, paused=0, gone=0)
NOTHING = TableCounts(
    articles=0,
    unprocessed=0,
    stories=0,
    deliveries=0,
    pending=0,
    oldest_pending_at=None,
    oldest_due_at=None,
    updates=0,
    subscribers={},
    feeds={"fine": 60, "failing": 3, "stopped": 1},
    dead_letters=dict.fromkeys(QUEUES, 0),
    silent_joins={},
)
FINE = LastDay(sent=0, lost=0, possible_repeats=0, silent_joins={})


@pytest.fixture
def ada(conversation: Conversation) -> Person:
    return add_admin(conversation.telegram)


async def answer_to(
    conversation: Conversation, person: Person, text: str = "/admin"
) -> ChatMessage:
    answer = await conversation.say(person, text)
    assert answer is not None
    return answer


async def fail(db: Database, count: int) -> None:
    listed = [
        listed_feed(f"https://{number:02}.example/rss", source=f"Courier {number:02}")
        for number in range(count)
    ]
    async with db.transaction() as tx:
        await feeds.sync(tx, listed, now=NOON)
        await tx.execute("UPDATE feeds SET problem = 'HTTP 503', failures = 100 - id")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Subscribers: 2 (groups 1, people 1)", "War 2", "sent 1, lost 0", "Owed now: 1"]),
        ("uk", ["Підписники: 2 (групи 1, люди 1)", "втрачено 0", "Чекає на надсилання: 1"]),
        ("ru", ["Подписчики: 2 (группы 1, люди 1)", "потеряно 0", "Ждёт отправки: 1"]),
    ],
)
async def test_an_admin_sees_the_numbers_in_his_language(
    conversation: Conversation, db: Database, language: Language, words: list[str]
) -> None:
    ada = add_admin(conversation.telegram, language=language)
    await subscribe(db, 1)
    await subscribe(db, -2, kind="group")
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await tx.execute("UPDATE deliveries SET state = 'sent' WHERE chat_id = 1")
        await tx.execute("UPDATE subscribers SET due_at = NULL, ready_at = 9999999999")
    page = await answer_to(conversation, ada)
    assert [word for word in words if word not in page.text] == []


async def test_for_others_the_command_is_unknown(conversation: Conversation) -> None:
    ann = conversation.telegram.person("Ann", language="en")
    await answer_to(conversation, ann, "/start")
    for command in ("/admin", "/broadcast"):
        page = await answer_to(conversation, ann, command)
        assert page.text == f"I know no command {command}."


async def test_in_a_group_the_command_is_unknown_to_an_admin_too(
    conversation: Conversation, ada: Person
) -> None:
    group = conversation.telegram.group("Town", admins=[ada])
    await conversation.settle()
    before = len(conversation.texts(group))
    await conversation.say(ada, "/admin", chat=group)
    assert len(conversation.texts(group)) == before


@pytest.mark.parametrize(
    "press",
    [
        OpenNumbers(),
        OpenTroubled(),
        PollFeed(feed_id=1, skipped=0),
        DisableFeed(feed_id=1, skipped=0),
    ],
)
async def test_a_forged_callback_of_a_stranger_does_nothing(
    conversation: Conversation,
    db: Database,
    press: OpenNumbers | OpenTroubled | PollFeed | DisableFeed,
) -> None:
    await fail(db, 1)
    ann = conversation.telegram.person("Ann", language="en")
    page = await answer_to(conversation, ann, "/start")
    before = page.text
    relabel(page, press.pack())
    toast = await conversation.press(ann, page, labels(page)[0])
    assert toast == "These buttons are out of date. /start gives you new ones."
    assert conversation.shown(page).text == before
    assert await feeds.listed_url(db.reader, (await polls.health(db.reader, limit=1))[0].id)
    assert (await polls.health(db.reader, limit=1))[0].stop_reason is None


async def test_a_feed_is_switched_off_and_on_again_in_place(
    conversation: Conversation, db: Database, ada: Person
) -> None:
    await fail(db, 1)
    page = await answer_to(conversation, ada)
    await conversation.press(ada, page, "🩺 Feeds in trouble")
    assert "1. Courier 00 — HTTP 503 (99 times in a row)" in conversation.shown(page).text
    toast = await conversation.press(ada, conversation.shown(page), "1. ⏹ Switch off")
    assert toast == "Switched off."
    assert "1. Courier 00 — switched off by an admin" in conversation.shown(page).text
    toast = await conversation.press(ada, conversation.shown(page), "1. ▶️ Switch on")
    assert toast == "It is polled in 0 seconds, if somebody reads it."
    assert "HTTP 503" in conversation.shown(page).text
    await conversation.press(ada, conversation.shown(page), "📊 Numbers")
    assert conversation.shown(page).text.startswith("Numbers")
    assert len(conversation.texts(ada)) == 1


async def test_a_feed_is_polled_when_the_host_limit_allows(
    conversation: Conversation, db: Database, ada: Person
) -> None:
    await fail(db, 1)
    async with db.transaction() as tx:
        await tx.execute("UPDATE feeds SET due_at = due_at + 9000, checked_at = due_at")
    page = await answer_to(conversation, ada)
    await conversation.press(ada, page, "🩺 Feeds in trouble")
    toast = await conversation.press(ada, conversation.shown(page), "1. 🔄 Poll now")
    assert toast.startswith("It is polled in 5 minutes")


async def test_failing_feeds_have_pages_and_recovered_ones_are_gone(
    conversation: Conversation, db: Database, ada: Person
) -> None:
    await fail(db, PAGE_SIZE + 1)
    page = await answer_to(conversation, ada)
    await conversation.press(ada, page, "🩺 Feeds in trouble")
    await conversation.press(ada, conversation.shown(page), "▶️")
    assert f"{PAGE_SIZE + 1}. Courier {PAGE_SIZE:02}" in conversation.shown(page).text
    await conversation.press(ada, conversation.shown(page), "◀️")
    assert "1. Courier 00" in conversation.shown(page).text
    async with db.transaction() as tx:
        await tx.execute("UPDATE feeds SET problem = NULL")
    await conversation.press(ada, conversation.shown(page), "▶️")
    assert conversation.shown(page).text == "All feeds are fine."


async def test_a_button_of_a_removed_feed_says_so(
    conversation: Conversation, db: Database, ada: Person
) -> None:
    await fail(db, 1)
    async with db.transaction() as tx:
        await feeds.sync(tx, [], now=NOON)
    for press in (PollFeed(feed_id=1, skipped=0), DisableFeed(feed_id=1, skipped=0)):
        page = await answer_to(conversation, ada)
        relabel(page, press.pack())
        toast = await conversation.press(ada, page, labels(page)[0])
        assert toast == "That feed is no longer in the list."


def test_an_empty_bot_has_numbers_too() -> None:
    text = admin.numbers_text(NOBODY, NOTHING, FINE, TOPICS, speak("en"), now=NOON)
    assert "Subscribers: 0\n" in text
    assert "Topics: —\n" in text
    assert "60 fine, 3 failing, 1 stopped" in text
    assert "late by 0 seconds" in text
    assert text.endswith(f"\n\nReadAlso {version_text()}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_set_aside_is_shown_only_where_something_is(language: Language) -> None:
    say = speak(language)
    set_aside = replace(NOTHING, dead_letters=dict.fromkeys(QUEUES, 2))
    shown = admin.numbers_text(NOBODY, set_aside, FINE, TOPICS, say, now=NOON)
    (line,) = [line for line in shown.splitlines() if line.startswith("⚠️")]
    assert line.count(" 2") == len(QUEUES)
    assert "⚠️" not in admin.numbers_text(NOBODY, NOTHING, FINE, TOPICS, say, now=NOON)


@pytest.mark.parametrize("language", LANGUAGES)
def test_joins_that_nobody_was_told_of_are_shown_by_the_age_of_the_story(
    language: Language,
) -> None:
    silent = replace(FINE, silent_joins={"1h": 7, "6h": 5, "24h": 3, "older": 2})
    shown = admin.numbers_text(NOBODY, NOTHING, silent, TOPICS, speak(language), now=NOON)
    (line,) = [line for line in shown.splitlines() if line.startswith("🤫")]
    assert [number for number in "7532" if f" {number}" in line] == list("7532")
    assert "🤫" not in admin.numbers_text(NOBODY, NOTHING, FINE, TOPICS, speak(language), now=NOON)


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([0] * 24, " " * 24),
        ([1, 8, 4, 0], "▁█▄ "),
        # One of many is not none.
        ([1, 10_000], "▁█"),
    ],
)
def test_the_hours_are_bars(counts: list[int], shown: str) -> None:
    assert admin.hour_bars(counts) == shown


def test_languages_and_feeds_are_bars() -> None:
    say = speak("en")
    assert admin.bars({"uk": 1200, "en": 1}, {"uk": "Ukrainian", "en": "<English>"}, say) == [
        "<code>████████████</code> Ukrainian 1,200",
        "<code>█           </code> &lt;English&gt; 1",
    ]
    assert admin.stacked_bar({"fine": 60, "failing": 3, "stopped": 0}) == "█" * 12 + "▒"
    assert admin.stacked_bar({"fine": 0, "failing": 0, "stopped": 0}) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_half_and_nine_tenths_of_the_delays_are_told(language: Language) -> None:
    minutes = tuple(timedelta(minutes=n) for n in range(1, 12))
    shown = admin.numbers_text(
        NOBODY, NOTHING, replace(FINE, delays=minutes), TOPICS, speak(language), now=NOON
    )
    (line,) = [line for line in shown.splitlines() if line.startswith("⏱")]
    assert [number for number in ("6", "10") if f" {number} " in line] == ["6", "10"]
    assert "⏱" not in admin.numbers_text(NOBODY, NOTHING, FINE, TOPICS, speak(language), now=NOON)


def test_the_delay_is_that_of_the_chat_that_is_due_longest() -> None:
    late = replace(NOTHING, pending=12, oldest_due_at=NOON - timedelta(minutes=20))
    text = admin.numbers_text(NOBODY, late, FINE, TOPICS, speak("uk"), now=NOON)
    assert "запізнення: 20 хвилин" in text


def test_large_figures_are_written_as_the_language_does() -> None:
    assert speak("en").number(12_345) == "12,345"
    assert speak("uk").number(12_345) == "12\xa0345"


def test_a_removed_topic_is_named_by_its_slug() -> None:
    audience = replace(NOBODY, by_topic={"war": 2, "chess": 1})
    text = admin.numbers_text(audience, NOTHING, FINE, TOPICS, speak("en"), now=NOON)
    assert "War 2, chess 1" in text


def test_texts_of_a_feed_and_its_server_are_escaped_and_cut() -> None:
    hostile = replace(health(None), source="<b>", url='https://x.example/?"<', problem="<" * 5000)
    text = admin.troubled_text([hostile], speak("en"), skipped=6, count=7, now=NOON)
    assert '7. <a href="https://x.example/?&quot;&lt;">&lt;b&gt;</a> — &lt;' in text
    assert len(text) < 1000


async def poll_in_vain(db: Database, count: int, *, ago: timedelta) -> None:
    """List feeds, each of which was polled `ago` and failed; the first was read before."""
    await fail(db, count)
    poll = Poll(
        outcome="failed",
        ended_at=NOON - ago,
        took=timedelta(seconds=1),
        status=404,
        received=0,
        conditional=False,
        news=0,
        problem="HTTP 404",
    )
    rows = list(await db.reader.execute_fetchall("SELECT id FROM feeds ORDER BY id"))
    async with db.transaction() as tx:
        for (feed_id,) in rows:
            await polls.add(tx, feed_id, poll)
        await tx.execute("UPDATE feeds SET read_at = 1 WHERE id = ?", rows[0])


async def test_an_hour_after_the_first_poll_feeds_never_read_are_listed_and_left_out_with_a_press(
    conversation: Conversation, db: Database, ada: Person
) -> None:
    await poll_in_vain(db, 4, ago=admin.TRIAL)
    page = await answer_to(conversation, ada)
    assert "Never read so far: 3" in page.text
    assert [f"Courier {number:02}" in page.text for number in range(4)] == [False, True, True, True]
    toast = await conversation.press(ada, page, "⏹ Switch off those never read")
    assert toast == "Switched off: 3. They are under “Feeds in trouble”."
    page = conversation.shown(page)
    assert "Never read" not in page.text
    assert "⏹ Switch off those never read" not in labels(page)
    health_of = {feed.source: feed for feed in await polls.health(db.reader, limit=9)}
    reasons = [health_of[f"Courier {number:02}"].stop_reason for number in range(4)]
    assert reasons == [None, "disabled", "disabled", "disabled"]


async def test_a_feed_has_an_hour_to_be_read(
    conversation: Conversation, db: Database, ada: Person
) -> None:
    await poll_in_vain(db, 4, ago=admin.TRIAL - timedelta(minutes=5))
    page = await answer_to(conversation, ada)
    assert "Never read" not in page.text
    assert "⏹ Switch off those never read" not in labels(page)


async def test_of_many_feeds_never_read_the_first_are_named(
    conversation: Conversation, db: Database, ada: Person
) -> None:
    await poll_in_vain(db, 67, ago=timedelta(hours=3))
    page = await answer_to(conversation, ada)
    assert "Never read so far: 66" in page.text
    assert page.text.count("HTTP 503") == admin.MAX_NEVER_READ
