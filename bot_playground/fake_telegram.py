"""How does a test act as people, and see what they see? The handle of a running look-alike."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot_playground.bot_api.errors import Json
from bot_playground.people import actions
from bot_playground.server import application, serving
from bot_playground.state.call_log import Call, CallLog
from bot_playground.state.chats import Chat, ChatMessage, ChatType, Person, Standing
from bot_playground.state.faults import Fault
from bot_playground.state.files import Upload
from bot_playground.state.limits import PER_SECOND, Mode
from bot_playground.state.world import World, new_world

_LOOK_EVERY = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeTelegram:
    """A Telegram of one's own: `url` is its address, as the bot's TELEGRAM_API."""

    url: str
    world: World

    @property
    def record(self) -> CallLog:
        """Every call and every accepted message."""
        return self.world.record

    @property
    def violations(self) -> int:
        """How many messages came faster than the limits allow; 0 while they are off."""
        return self.world.limits.violations

    def person(
        self, first_name: str, *, language: str | None = None, username: str | None = None
    ) -> Person:
        """Return someone new who has not yet written to the bot."""
        return self.world.chats.add_person(first_name, language_code=language, username=username)

    def group(
        self,
        title: str,
        *,
        admins: Iterable[Person] = (),
        members: Iterable[Person] = (),
        bot: Standing = "member",
    ) -> Chat:
        """Return a new group with the bot in it; it needs one person at least."""
        return self._found("group", title, admins, members, bot)

    def supergroup(
        self,
        title: str,
        *,
        admins: Iterable[Person] = (),
        members: Iterable[Person] = (),
        bot: Standing = "member",
        is_forum: bool = False,
    ) -> Chat:
        """Return a new supergroup, or forum, with the bot in it."""
        return self._found("supergroup", title, admins, members, bot, is_forum=is_forum)

    def channel(
        self,
        title: str,
        *,
        admins: Iterable[Person],
        members: Iterable[Person] = (),
        bot: Standing = "administrator",
        username: str | None = None,
    ) -> Chat:
        """Return a new channel with the bot as one of its administrators."""
        channel = actions.found(
            self.world, "channel", title, admins=tuple(admins), members=tuple(members)
        )
        channel.username = username
        actions.set_standing(self.world, channel, bot)
        return channel

    def topic(self, person: Person, forum: Chat, name: str) -> int:
        """Open a topic of a forum and return its message_thread_id."""
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
        """Write to the bot, or to a chat, and queue the update."""
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
        """Return what the document of a message holds."""
        document = message.body["document"]
        assert isinstance(document, dict)
        return self.world.files.by_id[document["file_id"]].upload.content

    def forward(self, person: Person, post: ChatMessage) -> ChatMessage:
        """Forward a channel's post to the bot."""
        return actions.forward(self.world, person, post)

    def press(self, person: Person, message: ChatMessage, button: str) -> str:
        """Press the button with this text or data; return the callback query's id."""
        return actions.press(self.world, person, message, button).id

    def chat(self, where: Person | Chat) -> Chat:
        """Return the chat with the bot of a person; a chat is itself."""
        return where if isinstance(where, Chat) else self.world.chats.chats[where.id]

    def messages(self, where: Person | Chat, *, of_bot: bool = False) -> list[ChatMessage]:
        """Return what the chat shows now, oldest first; of the bot alone, if asked."""
        shown = [message for _, message in sorted(self.chat(where).messages.items())]
        return [it for it in shown if it.sender_id == self.world.bot.id] if of_bot else shown

    def answers(self, callback_query_id: str) -> Json | None:
        """Return the answer to a press (`text`, `show_alert`, `url`); None while there is none."""
        return self.world.presses[callback_query_id].answer

    def commands(self, person: Person, *, chat: Chat | None = None) -> list[Json]:
        """Return the menu of commands that the person sees."""
        language = (person.language_code or "").partition("-")[0]
        return self.world.profile.menu(chat or self.chat(person), person.id, language)

    def calls(self, method: str) -> list[Call]:
        """Return all calls of a method, oldest first."""
        return [call for call in self.record.calls if call.method == method]

    def block(self, person: Person, *, blocked: bool = True) -> None:
        """Block the bot, or unblock it."""
        actions.block(self.world, person, blocked=blocked)

    def deactivate(self, person: Person) -> None:
        """Delete the person's account."""
        actions.deactivate(self.world, person)

    def set_bot(
        self,
        chat: Chat,
        standing: Standing,
        *,
        by: Person | None = None,
        is_muted: bool = False,
    ) -> None:
        """Add, promote, demote, restrict, remove or kick the bot; `is_muted`: it may not write."""
        actions.set_standing(self.world, chat, standing, by=by, is_muted=is_muted)

    def migrate(self, group: Chat) -> Chat:
        """Turn a group into a supergroup and return that."""
        return actions.migrate(self.world, group)

    def fault(self, fault: Fault) -> int:
        """Let something go wrong; return the number by which to `mend` it."""
        return self.world.faults.add(fault)

    def mend(self, fault_id: int | None = None) -> None:
        """End one fault, or all."""
        self.world.faults.mend(fault_id)

    def limit(self, mode: Mode, *, per_second: int = PER_SECOND) -> None:
        """Enforce Telegram's rate limits, or do not; so many messages go to all chats together."""
        self.world.limits.per_second = per_second
        self.world.limits.set_mode(mode)

    def revoke(self, *, revoked: bool = True) -> None:
        """Revoke the token, or make it good again."""
        self.world.is_revoked = revoked

    async def wait_for(
        self,
        condition: Callable[[], object],
        *,
        timeout: float = 10.0,  # noqa: ASYNC109 - a deadline reads well as an argument
    ) -> None:
        """Wait until the condition holds.

        Raises:
            TimeoutError: if it does not within `timeout` seconds.
        """
        async with asyncio.timeout(timeout):
            while not condition():  # noqa: ASYNC110 - any condition, not one event
                await asyncio.sleep(_LOOK_EVERY)

    def _found(
        self,
        type_: ChatType,
        title: str,
        admins: Iterable[Person],
        members: Iterable[Person],
        bot: Standing,
        *,
        is_forum: bool = False,
    ) -> Chat:
        found = tuple(admins), tuple(members)
        chat = actions.found(
            self.world, type_, title, admins=found[0], members=found[1], is_forum=is_forum
        )
        actions.set_standing(self.world, chat, bot)
        return chat


@asynccontextmanager
async def open_fake_telegram(
    *,
    token: str,
    now: Callable[[], float],
    port: int = 0,
    name: str = "ReadAlso",
    seed: int = 0,
) -> AsyncIterator[FakeTelegram]:
    """Run a look-alike on 127.0.0.1 while the block runs.

    `now` is in Unix seconds and dates messages, limits and faults; `seed` decides every chance.
    Port 0 is any free one.
    """
    world = new_world(token=token, now=now, name=name, seed=seed)
    async with serving(application(world), port=port) as url:
        yield FakeTelegram(url=url, world=world)
