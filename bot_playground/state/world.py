"""What is there, and what changed? Everything the look-alike knows, in one place."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

from bot_playground.bot_api.errors import Json
from bot_playground.state.call_log import CallLog
from bot_playground.state.chats import Chat, ChatMessage, Chats, Person
from bot_playground.state.events import Events
from bot_playground.state.faults import Faults
from bot_playground.state.files import Files
from bot_playground.state.inline import Inline
from bot_playground.state.limits import RateLimits
from bot_playground.state.profile import Profile
from bot_playground.state.updates import Updates
from bot_playground.state.webhook import Webhook


@dataclass(slots=True, kw_only=True, eq=False)
class ButtonPress:
    """An inline button pressed; `answer` is what the bot said to it, once."""

    id: str
    person_id: int
    message: ChatMessage
    at: float
    answer: Json | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class World:
    """The state behind all routes. What changes a chat goes through it, so that watchers know."""

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
    record: CallLog
    inline: Inline = field(default_factory=Inline)
    files: Files = field(default_factory=Files)
    presses: dict[str, ButtonPress] = field(default_factory=dict)
    is_revoked: bool = False

    @property
    def bot(self) -> Person:
        """The bot's account."""
        return self.chats.bot

    def post(self, chat: Chat, content: Json, *, sender_id: int | None) -> ChatMessage:
        """Put a new message into a chat."""
        message = self.chats.store(chat, content, sender_id=sender_id, date=self.now())
        self.events.publish("message", {"chat_id": chat.id, "message": message.body})
        return message

    def edit(
        self, message: ChatMessage, content: Json, *, without: Iterable[str] = ()
    ) -> ChatMessage:
        """Give a message other content, less the fields `without`."""
        edited = self.chats.edit(message, content, date=self.now(), without=without)
        self.events.publish("edit", {"chat_id": message.chat_id, "message": edited.body})
        return edited

    def delete(self, message: ChatMessage) -> None:
        """Take a message away."""
        del self.chats.chats[message.chat_id].messages[message.id]
        self.events.publish("delete", {"chat_id": message.chat_id, "message_id": message.id})

    def announce(self, chat: Chat, *, migrated_from: int | None = None) -> None:
        """Tell watchers that a chat appeared, or that the bot stands differently there."""
        event: Json = {
            "chat_id": chat.id,
            "type": chat.type,
            "title": chat.title,
            "bot_status": bot_status(self, chat),
            "migrated_from": migrated_from,
        }
        self.events.publish("chat", event)


def bot_status(world: World, chat: Chat) -> str:
    """Return how the bot stands in a chat; `kicked` where a person blocks it."""
    blocked = chat.type == "private" and chat.id in world.chats.blocked
    return "kicked" if blocked else chat.standing(world.bot.id)


def new_world(*, token: str, now: Callable[[], float], name: str, seed: int) -> World:
    """Return an empty world with one bot; `seed` decides every chance in it."""
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
        record=CallLog(),
    )
