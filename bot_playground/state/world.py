"""Whole state of the fake Telegram, and the changes of chats that it publishes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from bot_playground.bot_api.errors import Json
from bot_playground.state.call_log import CallLog
from bot_playground.state.chats import Chat, ChatMessage, Chats, Person
from bot_playground.state.events import Events
from bot_playground.state.faults import Faults
from bot_playground.state.files import Files
from bot_playground.state.inline import InlineQueries
from bot_playground.state.limits import RateLimits
from bot_playground.state.profile import Profile
from bot_playground.state.updates import Updates
from bot_playground.state.webhook import Webhook


@dataclass(slots=True, kw_only=True, eq=False)
class ButtonPress:
    """A callback query; `answer` is None until the bot answers it."""

    id: str
    person_id: int
    message: ChatMessage
    at: float
    answer: Json | None = None


class Newsstand(Protocol):
    """The news that a person at the page looks at; a LookupError has the reason in words."""

    def link_preview(self, url: str) -> dict[str, str]:
        """Return the Open Graph properties of a page."""

    def continue_story(self, event: str) -> str:
        """Publish the next event of a story that began with this one, and return its name."""


@dataclass(slots=True, kw_only=True, eq=False)
class World:
    """State behind all routes; changes of a chat go through its methods, which publish events."""

    token: str
    now: Callable[[], float]
    random: Random
    chats: Chats
    updates: Updates
    webhook: Webhook = field(default_factory=Webhook)
    events: Events
    profile: Profile
    faults: Faults
    limits: RateLimits
    call_log: CallLog
    inline: InlineQueries = field(default_factory=InlineQueries)
    files: Files = field(default_factory=Files)
    callback_queries: dict[str, ButtonPress] = field(default_factory=dict)
    is_token_revoked: bool = False
    newsstand: Newsstand | None = None

    @property
    def bot(self) -> Person:
        """The bot's account."""
        return self.chats.bot

    def post(self, chat: Chat, content: Json, *, sender_id: int | None) -> ChatMessage:
        """Add a message to a chat; None as the sender is the channel itself."""
        message = self.chats.store(chat, content, sender_id=sender_id, date=self.now())
        self.events.publish("message", {"chat_id": chat.id, "message": message.body})
        return message

    def edit(
        self, message: ChatMessage, content: Json, *, without: Iterable[str] = ()
    ) -> ChatMessage:
        """Replace content of a message and drop the fields `without`."""
        edited = self.chats.edit(message, content, date=self.now(), without=without)
        self.events.publish("edit", {"chat_id": message.chat_id, "message": edited.body})
        return edited

    def delete(self, message: ChatMessage) -> None:
        """Delete a message."""
        del self.chats.chats[message.chat_id].messages[message.id]
        self.events.publish("delete", {"chat_id": message.chat_id, "message_id": message.id})

    def announce(self, chat: Chat, *, migrated_from: int | None = None) -> None:
        """Publish that a chat is new, or that something about it or the bot in it changed."""
        event: Json = {
            "chat_id": chat.id,
            "type": chat.type,
            "title": chat.title,
            "bot_status": bot_status(self, chat),
            "migrated_from": migrated_from,
        }
        self.events.publish("chat", event)


def bot_status(world: World, chat: Chat) -> str:
    """Return the bot's member status in a chat; `kicked` where a person blocks it."""
    blocked = chat.type == "private" and chat.id in world.chats.blocked
    return "kicked" if blocked else chat.status_of(world.bot.id)


def new_world(*, token: str, now: Callable[[], float], name: str, seed: int) -> World:
    """Return an empty world with one bot; `seed` seeds all its random numbers."""
    random = Random(seed)
    bot = Person(
        id=int(token.partition(":")[0]), first_name=name, username="readalso_bot", is_bot=True
    )
    return World(
        token=token,
        now=now,
        random=random,
        chats=Chats(bot=bot),
        updates=Updates(next_id=random.randrange(10**8, 9 * 10**8)),
        events=Events(),
        profile=Profile(name=name),
        faults=Faults(random=Random(seed)),
        limits=RateLimits(),
        call_log=CallLog(),
    )
