"""Users, chats, chat members and messages of the fake Telegram."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Literal

from bot_playground.bot_api.errors import Json

ChatType = Literal["private", "group", "supergroup", "channel"]
MemberStatus = Literal["creator", "administrator", "member", "restricted", "left", "kicked"]

_FIRST_PERSON = 1001
_FIRST_GROUP = -5001
# Supergroups and channels have ids below -1,000,000,000,000, shown as -100 and a number.
_FIRST_SUPERGROUP = -1_000_000_000_000 - 2_001


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user account; also the bot's own."""

    id: int
    first_name: str
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False

    def user(self) -> Json:
        """Return the Bot API User object."""
        known = {"username": self.username, "language_code": self.language_code}
        present = {name: value for name, value in known.items() if value is not None}
        return {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name, **present}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    """A message as its chat shows it; `body` is the Bot API Message object."""

    id: int
    chat_id: int
    sender_id: int | None
    body: Json

    @property
    def text(self) -> str:
        """The text or caption, without markup; empty for a service message."""
        return str(self.body.get("text", self.body.get("caption", "")))

    @property
    def buttons(self) -> tuple[tuple[str, ...], ...]:
        """The inline buttons' texts, row by row."""
        markup = self.body.get("reply_markup")
        rows = markup["inline_keyboard"] if isinstance(markup, dict) else []
        return tuple(tuple(button["text"] for button in row) for row in rows)

    @property
    def links(self) -> tuple[str, ...]:
        """The URLs of the `text_link` entities, in the order of the text."""
        entities = self.body.get("entities")
        if not isinstance(entities, list):
            return ()
        return tuple(entity["url"] for entity in entities if entity["type"] == "text_link")


@dataclass(slots=True, kw_only=True, eq=False)
class Thread:
    """A topic of a forum; only administrators write to a closed one."""

    name: str
    is_closed: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Chat:
    """A private chat with the bot, a group, a supergroup or a channel; messages by their ids."""

    id: int
    type: ChatType
    title: str
    username: str | None = None
    is_forum: bool = False
    member_statuses: dict[int, MemberStatus] = field(default_factory=dict)
    messages: dict[int, ChatMessage] = field(default_factory=dict)
    threads: dict[int, Thread] = field(default_factory=dict)
    # The topic "General" of a forum, which has no id.
    general: Thread = field(default_factory=lambda: Thread(name="General"))
    # Members without the right to write: restricted ones and administrators.
    muted: set[int] = field(default_factory=set)
    migrated_to: int | None = None
    message_ids: Iterator[int] = field(default_factory=lambda: count(1))

    def status_of(self, user_id: int) -> MemberStatus:
        """Return the member status of a user; `left` for one who never joined."""
        return self.member_statuses.get(user_id, "left")

    def is_member(self, user_id: int) -> bool:
        """Return whether the user is in this chat, in any role."""
        return self.status_of(user_id) not in ("left", "kicked")

    def is_admin(self, user_id: int) -> bool:
        """Return whether the user is an administrator or the creator."""
        return self.status_of(user_id) in ("administrator", "creator")

    def last_message_id(self) -> int | None:
        """Return the newest message's id; None in an empty chat."""
        return max(self.messages, default=None)


@dataclass(slots=True, kw_only=True)
class Chats:
    """All people and all chats by id; a private chat has the id of its person."""

    bot: Person
    people: dict[int, Person] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    started: set[int] = field(default_factory=set)
    blocked: set[int] = field(default_factory=set)
    deactivated: set[int] = field(default_factory=set)
    _person_ids: Iterator[int] = field(default_factory=lambda: count(_FIRST_PERSON))
    _group_ids: Iterator[int] = field(default_factory=lambda: count(_FIRST_GROUP, -1))
    _supergroup_ids: Iterator[int] = field(default_factory=lambda: count(_FIRST_SUPERGROUP, -1))
    # Private chats and basic groups share one sequence of message ids, as in Telegram.
    _message_ids: Iterator[int] = field(default_factory=lambda: count(1))

    def add_person(
        self, first_name: str, *, language_code: str | None = None, username: str | None = None
    ) -> Person:
        """Return a new person, with an empty private chat."""
        person = Person(
            id=next(self._person_ids),
            first_name=first_name,
            username=username,
            language_code=language_code,
        )
        self.people[person.id] = person
        self.chats[person.id] = Chat(
            id=person.id,
            type="private",
            title=first_name,
            username=username,
            member_statuses={person.id: "member", self.bot.id: "member"},
            message_ids=self._message_ids,
        )
        return person

    def add_chat(
        self, type_: ChatType, title: str, *, is_forum: bool = False, username: str | None = None
    ) -> Chat:
        """Return a new group, supergroup or channel without members."""
        is_basic_group = type_ == "group"
        chat = Chat(
            id=next(self._group_ids if is_basic_group else self._supergroup_ids),
            type=type_,
            title=title,
            username=username,
            is_forum=is_forum,
            message_ids=self._message_ids if is_basic_group else count(1),
        )
        self.chats[chat.id] = chat
        return chat

    def find(self, chat_id: int | str) -> Chat | None:
        """Return the chat with this id or `@username`; people are not found by name."""
        if isinstance(chat_id, int):
            return self.chats.get(chat_id)
        for chat in self.chats.values():
            if chat.type == "private" or not chat.username:
                continue
            if f"@{chat.username}".lower() == chat_id.lower():
                return chat
        return None

    def visible_to(self, person_id: int) -> list[Chat]:
        """Return the chats of a person, the private chat first."""
        visible = [
            chat
            for chat in self.chats.values()
            if chat.is_member(person_id) and not chat.migrated_to
        ]
        return sorted(visible, key=lambda chat: chat.id != person_id)

    def user(self, user_id: int) -> Person | None:
        """Return the person with this id, or the bot."""
        return self.bot if user_id == self.bot.id else self.people.get(user_id)

    def chat_object(self, chat: Chat) -> Json:
        """Return the Bot API Chat object."""
        username: Json = {"username": chat.username} if chat.username else {}
        if chat.type == "private":
            return {"id": chat.id, "type": "private", "first_name": chat.title, **username}
        forum: Json = {"is_forum": True} if chat.is_forum else {}
        return {"id": chat.id, "type": chat.type, "title": chat.title, **username, **forum}

    def store(
        self, chat: Chat, content: Json, *, sender_id: int | None, date: float
    ) -> ChatMessage:
        """Store a new message of a user and return it; None as the sender is the channel itself."""
        message_id = next(chat.message_ids)
        chat_object = self.chat_object(chat)
        header: Json = {"message_id": message_id, "date": int(date), "chat": chat_object}
        sender = None if sender_id is None else self.user(sender_id)
        if chat.type == "channel":
            header["sender_chat"] = chat_object
        elif sender is not None:
            header["from"] = sender.user()
        message = ChatMessage(
            id=message_id, chat_id=chat.id, sender_id=sender_id, body={**header, **content}
        )
        chat.messages[message_id] = message
        return message

    def edit(
        self, message: ChatMessage, content: Json, *, date: float, without: Iterable[str] = ()
    ) -> ChatMessage:
        """Replace content of a message, drop the fields `without`, and return the new message."""
        body = {name: value for name, value in message.body.items() if name not in without}
        edited = replace(message, body={**body, **content, "edit_date": int(date)})
        self.chats[message.chat_id].messages[message.id] = edited
        return edited
