"""Sender, tables and planning together: how the chapters of a storyline come."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.model import (
    ChatId,
    OutgoingMessage,
    Quiet,
    ReplyTo,
    SendOutcome,
    StoryId,
    ThreadId,
    Timetable,
    Word,
)
from bot.storage.database import Database
from bot.storage.outbox import due
from bot.storage.stories import storylines
from bot.storage.subscribers import subscribers, threads, words
from bot.text.phrases import parse_phrase
from tests.delivery.test_sender import Mailbox, sender_of
from tests.support.builders import SPORT, WAR, publish, reading, retell, subscribe
from tests.support.fakes import FakeClock

ANN, BOB = ChatId(1), ChatId(2)


@dataclass(slots=True)
class Messages(Mailbox):
    """Keeps the messages themselves."""

    messages: list[tuple[ChatId, OutgoingMessage]] = field(default_factory=list)

    async def send(self, chat_id: ChatId, message: OutgoingMessage) -> SendOutcome:
        self.messages.append((chat_id, message))
        return await Mailbox.send(self, chat_id, message)


@pytest.fixture
def mailbox() -> Messages:
    return Messages()


async def run(
    db: Database, mailbox: Messages, clock: FakeClock, *, minutes: int
) -> Sequence[OutgoingMessage]:
    sender, end = sender_of(db, mailbox, clock), clock() + timedelta(minutes=minutes)
    before = len(mailbox.messages)
    while clock() < end:
        while await sender.step():
            clock.advance(seconds=3)
        clock.advance(minutes=1)
    return [message for _, message in mailbox.messages[before:]]


async def follow(db: Database, chat_id: ChatId, story_id: StoryId, clock: FakeClock) -> None:
    async with db.transaction() as tx:
        assert await storylines.follow(tx, chat_id, story_id, now=clock())


async def choose(db: Database, chat_id: ChatId, timetable: Timetable, clock: FakeClock) -> None:
    async with db.transaction() as tx:
        await subscribers.set_timetable(tx, chat_id, timetable)
        await due.recheck(tx, chat_id, now=clock())


async def test_a_chapter_is_a_reply_to_the_message_of_the_earlier_one(
    db: Database, mailbox: Messages, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    first = await publish(db, "Talks begin", now=clock())
    await run(db, mailbox, clock, minutes=90)
    await publish(db, "Truce agreed", now=clock(), continues=first)
    (message,) = await run(db, mailbox, clock, minutes=5)
    assert message.reply_to == ReplyTo(1)
    assert "Truce agreed" in message.text
    assert "Talks begin" not in message.text


async def test_who_has_no_earlier_chapter_gets_a_line_about_it(
    db: Database, mailbox: Messages, clock: FakeClock
) -> None:
    first = await publish(db, "Talks begin", now=clock())
    await subscribe(db, ANN)
    await publish(db, "Truce agreed", now=clock(), continues=first)
    (message,) = await run(db, mailbox, clock, minutes=5)
    assert message.reply_to is None
    earlier = next(line for line in message.text.splitlines() if "Earlier:" in line)
    assert "Talks begin</a>, March 2" in earlier
    assert message.buttons is not None
    assert (message.buttons.is_chapter, message.buttons.is_followed) == (True, False)


async def test_an_earlier_chapter_that_a_reader_may_not_see_is_not_named(
    db: Database, mailbox: Messages, clock: FakeClock
) -> None:
    first = await publish(db, "Переговори почалися", made=reading(language="uk"), now=clock())
    await subscribe(db, ANN)
    await publish(db, "Truce agreed", now=clock(), continues=first)
    (message,) = await run(db, mailbox, clock, minutes=5)
    assert "Earlier" not in message.text


async def test_a_reply_to_a_digest_quotes_its_line(
    db: Database, mailbox: Messages, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    await choose(db, ANN, Timetable(when="digest", digest_at=(15 * 60,)), clock)
    first = await publish(db, "Talks begin", now=clock())
    await publish(db, "Bridge opens", now=clock())
    await run(db, mailbox, clock, minutes=90)
    await choose(db, ANN, Timetable(), clock)
    await publish(db, "Truce agreed", now=clock(), continues=first)
    (message,) = await run(db, mailbox, clock, minutes=90)
    assert message.reply_to == ReplyTo(1, "Talks begin")


async def test_one_chapter_an_hour_comes_and_what_waits_comes_together(
    db: Database, mailbox: Messages, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    first = await publish(db, "Talks begin", now=clock())
    assert len(await run(db, mailbox, clock, minutes=5)) == 1
    second = await publish(db, "Envoys meet", now=clock(), continues=first)
    third = await publish(db, "Envoys argue", now=clock(), continues=second)
    await publish(db, "Bridge opens", now=clock())
    (other,) = await run(db, mailbox, clock, minutes=45)
    assert "Bridge opens" in other.text, "no other story waits for them"
    await publish(db, "Truce agreed", now=clock(), continues=third)
    (message,) = await run(db, mailbox, clock, minutes=30)
    assert message.text.startswith("<b>")
    assert "Truce agreed</a></b>" in message.text
    lines = [line for line in message.text.splitlines() if "Earlier:" in line]
    assert ["Envoys argue" in line for line in lines] == [True, False]
    assert ["Envoys meet" in line for line in lines] == [False, True]
    assert not await run(db, mailbox, clock, minutes=200)


async def test_a_chapter_that_may_be_other_news_waits_for_nothing(
    db: Database, mailbox: Messages, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    first = await publish(db, "Report 12: three trains late", now=clock())
    assert len(await run(db, mailbox, clock, minutes=5)) == 1
    await publish(db, "Report 13: a ferry late", now=clock(), continues=first, is_sure=False)
    (message,) = await run(db, mailbox, clock, minutes=5)
    assert message.reply_to == ReplyTo(1), "it names the earlier one all the same"


async def test_chapters_of_a_followed_storyline_come_at_once_whatever_the_topic_or_the_mode(
    db: Database, mailbox: Messages, clock: FakeClock
) -> None:
    await subscribe(db, ANN, SPORT)
    await subscribe(db, BOB, SPORT)
    await choose(db, ANN, Timetable(when="digest", digest_at=(6 * 60,)), clock)
    phrase = parse_phrase("truce")
    assert phrase is not None
    async with db.transaction() as tx:
        await words.put(tx, ANN, Word(text="truce", phrase=phrase, muted=True))
    first = await publish(db, "Talks begin", now=clock())
    await follow(db, ANN, first, clock)
    await run(db, mailbox, clock, minutes=2)
    second = await publish(db, "Truce agreed", now=clock(), continues=first)
    await publish(db, "Truce holds", now=clock(), continues=second)
    (message,) = await run(db, mailbox, clock, minutes=2)
    assert "Truce holds" in message.text
    assert "Truce agreed" in message.text
    assert {chat_id for chat_id, _ in mailbox.messages} == {ANN}


async def test_a_followed_storyline_keeps_the_quiet_hours(
    db: Database, mailbox: Messages, clock: FakeClock
) -> None:
    await subscribe(db, ANN, SPORT)
    # It is two in the afternoon in Kyiv.
    await choose(db, ANN, Timetable(quiet=Quiet(since=13 * 60, until=15 * 60)), clock)
    first = await publish(db, "Talks begin", now=clock())
    await follow(db, ANN, first, clock)
    await publish(db, "Truce agreed", now=clock(), continues=first)
    assert not await run(db, mailbox, clock, minutes=55)
    assert len(await run(db, mailbox, clock, minutes=10)) == 1


async def test_a_digest_has_one_line_of_a_storyline(
    db: Database, mailbox: Messages, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    await choose(db, ANN, Timetable(when="digest", digest_at=(15 * 60,)), clock)
    first = await publish(db, "Talks begin", now=clock())
    second = await publish(db, "Envoys meet", now=clock(), continues=first)
    await publish(db, "Truce agreed", now=clock(), continues=second)
    await publish(db, "Bridge opens", now=clock())
    (digest,) = await run(db, mailbox, clock, minutes=90)
    assert "2 stories" in digest.text
    assert "Truce agreed" in digest.text
    assert "+2 earlier" in digest.text
    assert "Envoys meet" not in digest.text
    assert not await run(db, mailbox, clock, minutes=24 * 60)


async def test_a_followed_word_brings_a_story_whichever_article_has_it(
    db: Database, mailbox: Messages, clock: FakeClock
) -> None:
    await subscribe(db, ANN, SPORT, language="uk")
    phrase = parse_phrase("ceasefire")
    assert phrase is not None
    async with db.transaction() as tx:
        await words.put(tx, ANN, Word(text="ceasefire", phrase=phrase))
    story_id = await publish(db, "Ceasefire takes effect", now=clock())
    assert not await run(db, mailbox, clock, minutes=5), "she does not read English"
    await retell(db, story_id, "Гармати мовчать", language="uk", now=clock(), owed=True)
    (message,) = await run(db, mailbox, clock, minutes=5)
    assert "Гармати мовчать" in message.text
    assert "ceasefire" in message.text


async def test_a_word_that_a_later_article_brings_makes_the_story_owed(
    db: Database, mailbox: Messages, clock: FakeClock
) -> None:
    await subscribe(db, ANN, SPORT, language="uk")
    story_id = await publish(db, "Гармати мовчать", made=reading(language="uk"), now=clock())
    phrase = parse_phrase("ceasefire")
    assert phrase is not None
    async with db.transaction() as tx:
        await words.put(tx, ANN, Word(text="ceasefire", phrase=phrase))
    await retell(db, story_id, "Guns are silent", language="en", now=clock(), owed=True)
    assert not await run(db, mailbox, clock, minutes=5)
    await retell(db, story_id, "Ceasefire takes effect", language="en", now=clock(), owed=True)
    (message,) = await run(db, mailbox, clock, minutes=5)
    assert "Гармати мовчать" in message.text


async def test_a_message_of_several_chapters_is_not_edited_into_an_older_one(
    db: Database, mailbox: Messages, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    first = await publish(db, "Talks begin", now=clock())
    await run(db, mailbox, clock, minutes=5)
    second = await publish(db, "Envoys meet", now=clock(), continues=first)
    await publish(db, "Truce agreed", now=clock(), continues=second)
    (message,) = await run(db, mailbox, clock, minutes=90)
    assert "Envoys meet" in message.text
    rows = await db.reader.execute_fetchall("SELECT story_id FROM editable")
    assert [row[0] for row in rows] == [first]


async def test_in_a_forum_a_chapter_in_a_thread_does_not_reply_to_a_digest_outside(
    db: Database, mailbox: Messages, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    await choose(db, ANN, Timetable(when="digest", digest_at=(15 * 60,)), clock)
    first = await publish(db, "Talks begin", now=clock())
    await publish(db, "Bridge opens", now=clock())
    await run(db, mailbox, clock, minutes=90)
    await choose(db, ANN, Timetable(), clock)
    async with db.transaction() as tx:
        await threads.bind(tx, ANN, [WAR], ThreadId(5))
    await publish(db, "Truce agreed", now=clock(), continues=first)
    (message,) = await run(db, mailbox, clock, minutes=90)
    assert (message.thread_id, message.reply_to) == (5, None)
    assert "Talks begin" in message.text


async def test_a_chapter_that_waits_for_its_hour_comes_with_a_digest_that_is_asked_for(
    db: Database, mailbox: Messages, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    first = await publish(db, "Talks begin", now=clock())
    await run(db, mailbox, clock, minutes=5)
    await publish(db, "Truce agreed", now=clock(), continues=first)
    assert not await run(db, mailbox, clock, minutes=5)
    async with db.transaction() as tx:
        await due.release_chapters(tx, ANN)
        assert await due.request_digest(tx, ANN, now=clock())
    (message,) = await run(db, mailbox, clock, minutes=2)
    assert "Truce agreed" in message.text
