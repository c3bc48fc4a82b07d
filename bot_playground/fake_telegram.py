"""Fake Telegram: a Bot API server on loopback, and the handle to act as its users in tests."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

from bot_playground.bot_api.errors import Json
from bot_playground.bot_api.mutations import Mutator
from bot_playground.people import actions, posts
from bot_playground.server import application, serving
from bot_playground.state.call_log import Call, CallLog
from bot_playground.state.chats import Chat, ChatMessage, ChatType, MemberStatus, Person
from bot_playground.state.faults import Fault
from bot_playground.state.files import Upload
from bot_playground.state.limits import PER_SECOND, LimitMode
from bot_playground.state.world import Newsstand, World, new_world

_CHECK_INTERVAL = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeTelegram:
    """A running fake Telegram; `url` is the value of the bot's TELEGRAM_API."""

    url: str
    world: World

    @property
    def call_log(self) -> CallLog:
        """Every call and every accepted message."""
        return self.world.call_log

    @property
    def violations(self) -> int:
        """Number of messages above the rate limits; 0 while these are off."""
        return self.world.limits.violations

    def person(
        self, first_name: str, *, language: str | None = None, username: str | None = None
    ) -> Person:
        """Return a new person, who has not started the bot."""
        return self.world.chats.add_person(first_name, language_code=language, username=username)

    def group(
        self,
        title: str,
        *,
        admins: Iterable[Person] = (),
        members: Iterable[Person] = (),
        bot: MemberStatus = "member",
    ) -> Chat:
        """Return a new group with the bot and at least one person."""
        return self._create_chat("group", title, admins, members, bot)

    def supergroup(
        self,
        title: str,
        *,
        admins: Iterable[Person] = (),
        members: Iterable[Person] = (),
        bot: MemberStatus = "member",
        is_forum: bool = False,
    ) -> Chat:
        """Return a new supergroup, or forum, with the bot in it."""
        return self._create_chat("supergroup", title, admins, members, bot, is_forum=is_forum)

    def channel(
        self,
        title: str,
        *,
        admins: Iterable[Person],
        members: Iterable[Person] = (),
        bot: MemberStatus = "administrator",
        username: str | None = None,
    ) -> Chat:
        """Return a new channel with the bot, by default as an administrator."""
        channel = actions.create_chat(
            self.world, "channel", title, admins=tuple(admins), members=tuple(members)
        )
        channel.username = username
        actions.set_bot_status(self.world, channel, bot)
        return channel

    def topic(self, person: Person, forum: Chat, name: str) -> int:
        """Create a topic of a forum and return its message_thread_id."""
        return actions.open_thread(self.world, person, forum, name)

    def change_topic(
        self, person: Person, forum: Chat, thread: int | None, change: actions.Change
    ) -> None:
        """Close, reopen or delete a topic of a forum; None is General."""
        actions.change_thread(self.world, person, forum, thread, change)

    def say(
        self,
        person: Person,
        text: str,
        *,
        chat: Chat | None = None,
        reply_to: ChatMessage | None = None,
        thread: int | None = None,
    ) -> ChatMessage:
        """Send a text to the bot, or to a chat, and queue the update."""
        target = chat or self.chat(person)
        reply = reply_to.id if reply_to else None
        return actions.say(self.world, person, target, text, reply_to=reply, thread=thread)

    def send_document(
        self,
        person: Person,
        name: str,
        content: bytes,
        *,
        caption: str = "",
        chat: Chat | None = None,
        thread: int | None = None,
    ) -> ChatMessage:
        """Send a file to the bot, or to a chat, and queue the update."""
        target, file = chat or self.chat(person), Upload(name, content)
        return actions.send_document(
            self.world, person, target, file, caption=caption, thread=thread
        )

    def content(self, message: ChatMessage) -> bytes:
        """Return the bytes of a message's document."""
        document = message.body["document"]
        assert isinstance(document, dict)
        return self.world.files.by_id[document["file_id"]].upload.content

    def forward(self, person: Person, post: ChatMessage) -> ChatMessage:
        """Forward a channel's post to the bot."""
        return actions.forward(self.world, person, post)

    def publish(self, person: Person, channel: Chat, content: Json) -> ChatMessage:
        """Publish a post of these fields in a channel, and queue the update."""
        return posts.publish(self.world, person, channel, content)

    def edit_post(self, post: ChatMessage, content: Json) -> ChatMessage:
        """Replace fields of a channel's post, and queue the update."""
        return posts.edit_post(self.world, post, content)

    def photo(self) -> list[Json]:
        """Return the field `photo` of a new picture."""
        return posts.photo(self.world)

    def press(self, person: Person, message: ChatMessage, button: str) -> str:
        """Press the button with this text or data; return the callback query's id."""
        return actions.press(self.world, person, message, button).id

    def chat(self, target: Person | Chat) -> Chat:
        """Return the private chat of a person; a chat is returned as it is."""
        return target if isinstance(target, Chat) else self.world.chats.chats[target.id]

    def messages(self, target: Person | Chat, *, of_bot: bool = False) -> list[ChatMessage]:
        """Return the current messages of a chat, oldest first; `of_bot`: only the bot's own."""
        return [
            message
            for _, message in sorted(self.chat(target).messages.items())
            if not of_bot or message.sender_id == self.world.bot.id
        ]

    def callback_answer(self, callback_query_id: str) -> Json | None:
        """Return the answer (`text`, `show_alert`, `url`) to a callback query, None before it."""
        return self.world.callback_queries[callback_query_id].answer

    def commands(self, person: Person, *, chat: Chat | None = None) -> list[Json]:
        """Return the command menu that a person sees."""
        language = (person.language_code or "").partition("-")[0]
        return self.world.profile.menu(chat or self.chat(person), person.id, language)

    def calls(self, method: str) -> list[Call]:
        """Return all calls of a method, oldest first."""
        return [call for call in self.call_log.calls if call.method == method]

    def block(self, person: Person, *, blocked: bool = True) -> None:
        """Block the bot, or unblock it."""
        actions.block(self.world, person, blocked=blocked)

    def deactivate(self, person: Person) -> None:
        """Delete the person's account."""
        actions.deactivate(self.world, person)

    def set_bot_status(
        self,
        chat: Chat,
        status: MemberStatus,
        *,
        by: Person | None = None,
        is_muted: bool = False,
    ) -> None:
        """Set the bot's member status in a chat; with `is_muted` it may not write there."""
        actions.set_bot_status(self.world, chat, status, by=by, is_muted=is_muted)

    def migrate(self, group: Chat) -> Chat:
        """Migrate a group to a supergroup and return that."""
        return actions.migrate(self.world, group)

    def inject_fault(self, fault: Fault) -> int:
        """Activate a fault; return its id for `clear_faults`."""
        return self.world.faults.add(fault)

    def clear_faults(self, fault_id: int | None = None) -> None:
        """End one fault, or all."""
        self.world.faults.clear_faults(fault_id)

    def mutate_updates(self, *, share: float, seed: int) -> None:
        """Mutate each update from now on with the chance `share`, from 0 to 1."""
        self.world.updates.mutator = Mutator(random=Random(seed), share=share)

    def set_rate_limits(self, mode: LimitMode, *, per_second: int = PER_SECOND) -> None:
        """Switch the rate limits; `per_second` messages are allowed over all chats."""
        self.world.limits.per_second = per_second
        self.world.limits.set_mode(mode)

    def revoke_token(self, *, revoked: bool = True) -> None:
        """Revoke the token, or restore it."""
        self.world.is_token_revoked = revoked

    async def wait_for(
        self,
        condition: Callable[[], object],
        *,
        timeout: float = 120.0,  # noqa: ASYNC109 - tests pass the deadline
    ) -> None:
        """Wait until the condition holds.

        Raises:
            TimeoutError: if it does not within `timeout` seconds.
        """
        async with asyncio.timeout(timeout):
            while not condition():  # noqa: ASYNC110 - any condition, not one event
                await asyncio.sleep(_CHECK_INTERVAL)

    def _create_chat(
        self,
        type_: ChatType,
        title: str,
        admins: Iterable[Person],
        members: Iterable[Person],
        bot: MemberStatus,
        *,
        is_forum: bool = False,
    ) -> Chat:
        chat = actions.create_chat(
            self.world,
            type_,
            title,
            admins=tuple(admins),
            members=tuple(members),
            is_forum=is_forum,
        )
        actions.set_bot_status(self.world, chat, bot)
        return chat


@asynccontextmanager
async def open_fake_telegram(
    *,
    token: str,
    now: Callable[[], float],
    port: int = 0,
    name: str = "ReadAlso",
    seed: int = 0,
    newsstand: Newsstand | None = None,
) -> AsyncIterator[FakeTelegram]:
    """Run a fake Telegram on 127.0.0.1 while the block runs; port 0 is any free one.

    `now` returns Unix seconds and dates messages, limits and faults; `seed` seeds the faults.
    """
    world = new_world(token=token, now=now, name=name, seed=seed)
    world.newsstand = newsstand
    async with serving(application(world), port=port) as url:
        yield FakeTelegram(url=url, world=world)
