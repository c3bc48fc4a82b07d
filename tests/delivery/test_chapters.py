"""Sender, tables and planning together: how the chapters of a storyline come."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.model import (
    ArticleAnalysis,
    ArticleLanguage,
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


@dataclass(slots=True, kw_only=True)
class Newsroom:
    """Publishes stories, and sends what is owed, by one clock."""

    db: Database
    mailbox: Messages
    clock: FakeClock

    async def publish(
        self,
        title: str,
        *,
        continues: StoryId | None = None,
        made: ArticleAnalysis | None = None,
        is_sure: bool = True,
    ) -> StoryId:
        now = self.clock()
        return await publish(
            self.db, title, made=made, now=now, continues=continues, is_sure=is_sure
        )

    async def retell(self, story_id: StoryId, title: str, *, language: ArticleLanguage) -> None:
        await retell(self.db, story_id, title, language=language, now=self.clock(), owed=True)

    async def run(self, *, minutes: int) -> Sequence[OutgoingMessage]:
        sender = sender_of(self.db, self.mailbox, self.clock)
        end, before = self.clock() + timedelta(minutes=minutes), len(self.mailbox.messages)
        while self.clock() < end:
            while await sender.step():
                self.clock.advance(seconds=3)
            self.clock.advance(minutes=1)
        return [message for _, message in self.mailbox.messages[before:]]

    async def follow(self, chat_id: ChatId, story_id: StoryId) -> None:
        async with self.db.transaction() as tx:
            assert await storylines.follow(tx, chat_id, story_id, now=self.clock())

    async def choose(self, chat_id: ChatId, timetable: Timetable) -> None:
        async with self.db.transaction() as tx:
            await subscribers.set_timetable(tx, chat_id, timetable)
            await due.recheck(tx, chat_id, now=self.clock())

    async def choose_digest(self, chat_id: ChatId, *, hour: int) -> None:
        await self.choose(chat_id, Timetable(when="digest", digest_at=(hour * 60,)))

    async def tell_in_digest(self, *titles: str) -> StoryId:
        """Tell the stories in Ann's digest and return the first; she gets all at once after it."""
        await self.choose_digest(ANN, hour=15)
        first, *_ = [await self.publish(title) for title in titles]
        await self.run(minutes=90)
        await self.choose(ANN, Timetable())
        return first

    async def put_word(self, chat_id: ChatId, text: str, *, muted: bool = False) -> None:
        phrase = parse_phrase(text)
        assert phrase is not None
        async with self.db.transaction() as tx:
            await words.put(tx, chat_id, Word(text=text, phrase=phrase, muted=muted))


@pytest.fixture
def room(db: Database, mailbox: Messages, clock: FakeClock) -> Newsroom:
    return Newsroom(db=db, mailbox=mailbox, clock=clock)


async def test_a_chapter_is_a_reply_to_the_message_of_the_earlier_one(
    room: Newsroom,
) -> None:
    await subscribe(room.db, ANN)
    first = await room.publish("Talks begin")
    await room.run(minutes=90)
    await room.publish("Truce agreed", continues=first)
    (message,) = await room.run(minutes=5)
    assert message.reply_to == ReplyTo(1)
    assert "Truce agreed" in message.text
    assert "Talks begin" not in message.text


async def test_who_has_no_earlier_chapter_gets_a_line_about_it(
    room: Newsroom,
) -> None:
    first = await room.publish("Talks begin")
    await subscribe(room.db, ANN)
    await room.publish("Truce agreed", continues=first)
    (message,) = await room.run(minutes=5)
    assert message.reply_to is None
    earlier = next(line for line in message.text.splitlines() if "Earlier:" in line)
    assert "Talks begin</a>, March 2" in earlier
    assert message.buttons is not None
    assert (message.buttons.is_chapter, message.buttons.is_followed) == (True, False)


async def test_an_earlier_chapter_that_a_reader_may_not_see_is_not_named(
    room: Newsroom,
) -> None:
    first = await room.publish("Переговори почалися", made=reading(language="uk"))
    await subscribe(room.db, ANN)
    await room.publish("Truce agreed", continues=first)
    (message,) = await room.run(minutes=5)
    assert "Earlier" not in message.text


async def test_a_reply_to_a_digest_quotes_its_line(
    room: Newsroom,
) -> None:
    await subscribe(room.db, ANN)
    first = await room.tell_in_digest("Talks begin", "Bridge opens")
    await room.publish("Truce agreed", continues=first)
    (message,) = await room.run(minutes=90)
    assert message.reply_to == ReplyTo(1, "Talks begin")


async def test_one_chapter_an_hour_comes_and_what_waits_comes_together(
    room: Newsroom,
) -> None:
    await subscribe(room.db, ANN)
    first = await room.publish("Talks begin")
    assert len(await room.run(minutes=5)) == 1
    second = await room.publish("Envoys meet", continues=first)
    third = await room.publish("Envoys argue", continues=second)
    await room.publish("Bridge opens")
    (other,) = await room.run(minutes=45)
    assert "Bridge opens" in other.text, "no other story waits for them"
    await room.publish("Truce agreed", continues=third)
    (message,) = await room.run(minutes=30)
    assert message.text.startswith("<b>")
    assert "Truce agreed</a></b>" in message.text
    lines = [line for line in message.text.splitlines() if "Earlier:" in line]
    assert ["Envoys argue" in line for line in lines] == [True, False]
    assert ["Envoys meet" in line for line in lines] == [False, True]
    assert not await room.run(minutes=200)


async def test_a_chapter_that_may_be_other_news_waits_for_nothing(
    room: Newsroom,
) -> None:
    await subscribe(room.db, ANN)
    first = await room.publish("Report 12: three trains late")
    assert len(await room.run(minutes=5)) == 1
    await room.publish("Report 13: a ferry late", continues=first, is_sure=False)
    (message,) = await room.run(minutes=5)
    assert message.reply_to == ReplyTo(1), "it names the earlier one all the same"


async def test_chapters_of_a_followed_storyline_come_at_once_whatever_the_topic_or_the_mode(
    room: Newsroom,
) -> None:
    await subscribe(room.db, ANN, SPORT)
    await subscribe(room.db, BOB, SPORT)
    await room.choose_digest(ANN, hour=6)
    await room.put_word(ANN, "truce", muted=True)
    first = await room.publish("Talks begin")
    await room.follow(ANN, first)
    await room.run(minutes=2)
    second = await room.publish("Truce agreed", continues=first)
    await room.publish("Truce holds", continues=second)
    (message,) = await room.run(minutes=2)
    assert "Truce holds" in message.text
    assert "Truce agreed" in message.text
    assert {chat_id for chat_id, _ in room.mailbox.messages} == {ANN}


async def test_a_followed_storyline_keeps_the_quiet_hours(
    room: Newsroom,
) -> None:
    await subscribe(room.db, ANN, SPORT)
    # It is two in the afternoon in Kyiv.
    await room.choose(ANN, Timetable(quiet=Quiet(since=13 * 60, until=15 * 60)))
    first = await room.publish("Talks begin")
    await room.follow(ANN, first)
    await room.publish("Truce agreed", continues=first)
    assert not await room.run(minutes=55)
    assert len(await room.run(minutes=10)) == 1


async def test_a_digest_has_one_line_of_a_storyline(
    room: Newsroom,
) -> None:
    await subscribe(room.db, ANN)
    await room.choose_digest(ANN, hour=15)
    first = await room.publish("Talks begin")
    second = await room.publish("Envoys meet", continues=first)
    await room.publish("Truce agreed", continues=second)
    await room.publish("Bridge opens")
    (digest,) = await room.run(minutes=90)
    assert "2 stories" in digest.text
    assert "Truce agreed" in digest.text
    assert "and 2 earlier" in digest.text
    assert "Envoys meet" not in digest.text
    assert not await room.run(minutes=24 * 60)


async def test_a_followed_word_brings_a_story_whichever_article_has_it(
    room: Newsroom,
) -> None:
    await subscribe(room.db, ANN, SPORT, language="uk")
    await room.put_word(ANN, "ceasefire")
    story_id = await room.publish("Ceasefire takes effect")
    assert not await room.run(minutes=5), "she does not read English"
    await room.retell(story_id, "Гармати мовчать", language="uk")
    (message,) = await room.run(minutes=5)
    assert "Гармати мовчать" in message.text
    assert "ceasefire" in message.text


async def test_a_word_that_a_later_article_brings_makes_the_story_owed(
    room: Newsroom,
) -> None:
    await subscribe(room.db, ANN, SPORT, language="uk")
    story_id = await room.publish("Гармати мовчать", made=reading(language="uk"))
    await room.put_word(ANN, "ceasefire")
    await room.retell(story_id, "Guns are silent", language="en")
    assert not await room.run(minutes=5)
    await room.retell(story_id, "Ceasefire takes effect", language="en")
    (message,) = await room.run(minutes=5)
    assert "Гармати мовчать" in message.text


async def test_a_message_of_several_chapters_is_not_edited_into_an_older_one(
    room: Newsroom,
) -> None:
    await subscribe(room.db, ANN)
    first = await room.publish("Talks begin")
    await room.run(minutes=5)
    second = await room.publish("Envoys meet", continues=first)
    await room.publish("Truce agreed", continues=second)
    (message,) = await room.run(minutes=90)
    assert "Envoys meet" in message.text
    rows = await room.db.reader.execute_fetchall("SELECT story_id FROM editable")
    assert [row[0] for row in rows] == [first]


async def test_in_a_forum_a_chapter_in_a_thread_does_not_reply_to_a_digest_outside(
    room: Newsroom,
) -> None:
    await subscribe(room.db, ANN)
    first = await room.tell_in_digest("Talks begin", "Bridge opens")
    async with room.db.transaction() as tx:
        await threads.bind(tx, ANN, [WAR], ThreadId(5))
    await room.publish("Truce agreed", continues=first)
    (message,) = await room.run(minutes=90)
    assert (message.thread_id, message.reply_to) == (5, None)
    assert "Talks begin" in message.text


async def test_a_chapter_that_waits_for_its_hour_comes_with_a_digest_that_is_asked_for(
    room: Newsroom,
) -> None:
    await subscribe(room.db, ANN)
    first = await room.publish("Talks begin")
    await room.run(minutes=5)
    await room.publish("Truce agreed", continues=first)
    assert not await room.run(minutes=5)
    async with room.db.transaction() as tx:
        await due.release_chapters(tx, ANN)
        assert await due.request_digest(tx, ANN, now=room.clock())
    (message,) = await room.run(minutes=2)
    assert "Truce agreed" in message.text
