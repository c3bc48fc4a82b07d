"""Simulated readers of the kill storm: what happens to them, and which messages each must get."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from typing import Literal

from bot.model import ChatId, ChatKind, Timetable, TopicSlug
from bot.storage.database import open_database
from bot.storage.subscribers import subscribers
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.people import actions
from bot_playground.state.chats import Chat, Person
from tests.support.fakes import NOON

TOPICS = ("war", "sports", "culture", "economy")
# What becomes of a chat: it blocks us for good, or for a while, or is deleted, or a group moves.
Fate = Literal["stays", "blocks", "returns", "is deleted", "moves"]


@dataclass(slots=True, kw_only=True, eq=False)
class Reader:
    """A chat that reads; `is_closed` while we cannot write to it."""

    chat: Chat
    kind: ChatKind
    topics: frozenset[str]
    fate: Fate
    person: Person | None = None
    is_closed: bool = False
    was_closed: bool = False

    @property
    def home(self) -> int:
        """The chat's id by now."""
        return self.chat.migrated_to or self.chat.id


@dataclass(slots=True, kw_only=True)
class Crowd:
    """All readers, and what they are owed by right: `must` are pairs of a reader and a headline.

    `owner` made the groups and channels; `hoarders` read all topics in digests.
    """

    telegram: FakeTelegram
    readers: tuple[Reader, ...]
    owner: Person
    hoarders: tuple[Person, ...] = ()
    must: set[tuple[Reader, str]] = field(default_factory=set)

    @property
    def people(self) -> list[Person]:
        """Those who will not leave."""
        return [it.person for it in self.readers if it.person and it.fate == "stays"]

    def homes(self) -> dict[int, Reader]:
        """Return the readers by every id that they have had."""
        return {its: it for it in self.readers for its in (it.chat.id, it.home)}

    def published(self, topic: str, title: str, path: Path) -> None:
        """Note who must get a story that is published now."""
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT chat_id FROM subscribers WHERE gone_at IS NULL")
            known = {row[0] for row in rows}
            (unread,) = connection.execute(
                "SELECT count(*) FROM updates WHERE handled_at IS NULL"
            ).fetchone()
        if unread or self.telegram.world.updates.pending:
            known = set()  # that somebody left may be among what is not read yet
        self.must |= {
            (it, title)
            for it in self.readers
            if topic in it.topics and not it.is_closed
            # Who came back is owed what is published once we know that he is back.
            if not it.was_closed or it.home in known
        }

    def happen(self, chance: Random) -> None:
        """Let some chats block us, return or be deleted, as is their fate."""
        for it in self.readers:
            if it.person is None or chance.random() > 0.1:
                continue
            if it.fate == "returns" and it.is_closed:
                self._open(it)
            elif it.fate in ("blocks", "returns", "is deleted") and not it.was_closed:
                self._close(it)

    def move(self, count: int) -> None:
        """Turn so many groups into supergroups, if there are any left."""
        waiting = (it for it in self.readers if it.fate == "moves" and it.home == it.chat.id)
        for reader in islice(waiting, count):
            actions.migrate(self.telegram.world, reader.chat)

    def all_back(self) -> None:
        """Let all come back who mean to."""
        for it in self.readers:
            if it.fate == "returns" and it.is_closed:
                self._open(it)

    def ask_for_digests(self, path: Path) -> None:
        """Let those who read digests ask for what is held for them."""
        with closing(sqlite3.connect(path, timeout=10)) as connection:
            rows = connection.execute("SELECT chat_id FROM deliveries WHERE state = 'pending'")
            waiting = {row[0] for row in rows}
        for person in self.hoarders:
            if self.telegram.chat(person).id in waiting:
                self.telegram.say(person, "/digest")

    def _close(self, reader: Reader) -> None:
        assert reader.person is not None
        reader.is_closed = reader.was_closed = True
        # What it has not got by now is owed to it no more.
        self.must = {(it, title) for it, title in self.must if it is not reader}
        if reader.fate == "is deleted":
            self.telegram.deactivate(reader.person)
        else:
            self.telegram.block(reader.person)

    def _open(self, reader: Reader) -> None:
        assert reader.person is not None
        reader.is_closed = False
        self.telegram.block(reader.person, blocked=False)


async def gather(
    telegram: FakeTelegram,
    path: Path,
    count: int,
    chance: Random,
    *,
    topics: Sequence[str] = TOPICS,
    hoarders: int = 0,
) -> Crowd:
    """Let so many subscribe: nine people in ten, and as many groups as channels.

    And so many `hoarders`, beside them.
    """
    owner = telegram.person("Owner", language="en")
    readers = tuple(
        _reader(telegram, owner, number, chance, topics=topics) for number in range(count)
    )
    others = tuple(
        telegram.person(f"Hoarder {number}", language="en") for number in range(hoarders)
    )
    async with open_database(path) as db, db.transaction() as tx:
        for person in others:
            chat_id = ChatId(telegram.chat(person).id)
            telegram.world.chats.started.add(person.id)
            await subscribers.join(tx, chat_id, kind="private", language="en", now=NOON)
            await subscribers.set_topics(tx, chat_id, tuple(map(TopicSlug, topics)), wanted=True)
            await subscribers.set_timetable(tx, chat_id, Timetable(when="hourly"))
        for it in readers:
            chat_id, followed = ChatId(it.chat.id), map(TopicSlug, it.topics)
            await subscribers.join(tx, chat_id, kind=it.kind, language="en", now=NOON)
            await subscribers.set_topics(tx, chat_id, tuple(followed), wanted=True)
    return Crowd(telegram=telegram, readers=readers, owner=owner, hoarders=others)


def _reader(
    telegram: FakeTelegram, owner: Person, number: int, chance: Random, *, topics: Sequence[str]
) -> Reader:
    if number % 10:
        person = telegram.person(f"Reader {number}", language="en")
        telegram.world.chats.started.add(person.id)
        fate: Fate = {1: "blocks", 2: "returns", 3: "is deleted"}.get(number % 50, "stays")  # type: ignore[assignment]
        return Reader(
            chat=telegram.chat(person),
            kind="private",
            topics=frozenset(chance.sample(topics, chance.choice((1, 2)))),
            fate=fate,
            person=person,
        )
    is_channel = number % 20 == 0
    type_: Literal["channel", "group"] = "channel" if is_channel else "group"
    chat = actions.create_chat(telegram.world, type_, f"{type_} {number}", admins=(owner,))
    # It has been there for long: nobody need be told, and nobody greeted.
    chat.member_statuses[telegram.world.bot.id] = "administrator"
    return Reader(
        chat=chat,
        kind=type_,
        # Twenty a minute: of more topics a group would have to read for half an hour.
        topics=frozenset({chance.choice(topics)}),
        fate="stays" if is_channel else "moves",
    )
