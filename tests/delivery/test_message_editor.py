from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.delivery.composer import Composer
from bot.delivery.message_editor import RETRY_INTERVAL, MessageEditor
from bot.model import (
    ChatGone,
    ChatId,
    ChatMigrated,
    OutgoingMessage,
    Rejected,
    RetryLater,
    SendOutcome,
    Sent,
    StoryButtons,
    StoryId,
    ThreadClosed,
    ThreadId,
    Unanswered,
)
from bot.storage.database import Database
from bot.storage.outbox import message_edits
from bot.storage.outbox.message_edits import EDIT_DELAY
from bot.storage.queues.attempts import MAX_ATTEMPTS, dead_letters
from bot.storage.stories import saved, storylines
from bot.storage.subscribers import subscribers
from tests.delivery.test_sender import Mailbox, nothing, sender_of
from tests.support.builders import (
    TOPICS,
    WAR,
    guard_of,
    publish,
    rate_limiter_of,
    retell,
    subscribe,
)
from tests.support.fakes import FakeClock

ANN, GROUP, NEW = ChatId(1), ChatId(-5), ChatId(-1005)


@dataclass(slots=True)
class Editor:
    """Takes edits and answers by script; `Sent` when the script is at its end."""

    script: list[SendOutcome] = field(default_factory=list)
    edits: list[tuple[ChatId, int, str]] = field(default_factory=list)
    buttons: list[StoryButtons | None] = field(default_factory=list)
    previews: list[tuple[str | None, bool]] = field(default_factory=list)

    async def edit(self, chat_id: ChatId, message_id: int, message: OutgoingMessage) -> SendOutcome:
        self.edits.append((chat_id, message_id, message.text))
        self.buttons.append(message.buttons)
        self.previews.append((message.preview, message.is_picture))
        return self.script.pop(0) if self.script else Sent(message_id)


@pytest.fixture
def editor() -> Editor:
    return Editor()


@pytest.fixture
def message_editor(db: Database, editor: Editor, clock: FakeClock) -> MessageEditor:
    return MessageEditor(
        db=db,
        guard=guard_of(db),
        composer=Composer(db=db, read_also=nothing, topics=TOPICS, now=clock),
        rate_limiter=rate_limiter_of(clock),
        edit=editor.edit,
        now=clock,
    )


async def send(db: Database, clock: FakeClock, *chats: ChatId) -> StoryId:
    """Send a story to the chats, each alone."""
    for chat_id in chats:
        await subscribe(db, chat_id, kind="private" if chat_id > 0 else "group")
    story_id = await publish(db, "Bridge opens", now=clock())
    await deliver(db, clock)
    return story_id


async def deliver(db: Database, clock: FakeClock) -> Mailbox:
    mailbox = Mailbox()
    sender = sender_of(db, mailbox, clock)
    while await sender.step():
        clock.advance(seconds=3)
    return mailbox


async def grow(db: Database, clock: FakeClock, story_id: StoryId) -> None:
    """Add an article of another source to the story, and let some minutes pass."""
    await retell(db, story_id, now=clock())
    clock.advance(seconds=EDIT_DELAY.total_seconds() + 60)


async def run(message_editor: MessageEditor, clock: FakeClock) -> None:
    while await message_editor.step():
        clock.advance(seconds=3)


async def test_a_message_whose_story_grew_names_its_other_sources_and_its_newest_headline(
    db: Database, message_editor: MessageEditor, editor: Editor, clock: FakeClock
) -> None:
    story_id = await send(db, clock, GROUP)
    assert not await message_editor.step()
    await grow(db, clock, story_id)
    await run(message_editor, clock)
    ((chat_id, message_id, text),) = editor.edits
    assert (chat_id, message_id) == (GROUP, 1)
    assert "The Herald, The Harbour Courier" in text
    assert "updated" not in text, "only its words differ"
    await retell(db, story_id, now=clock())
    clock.advance(seconds=EDIT_DELAY.total_seconds() + 60)
    await run(message_editor, clock)
    assert len(editor.edits) == 1, "it says so already"
    await retell(db, story_id, "Nine dead", now=clock())
    clock.advance(seconds=EDIT_DELAY.total_seconds() + 60)
    await run(message_editor, clock)
    assert ["Nine dead" in text for *_, text in editor.edits] == [False, True]
    assert editor.edits[-1][-1].startswith("✏️ <i>updated <tg-time")


@pytest.mark.parametrize("has_picture_before", [True, False])
async def test_an_edit_previews_what_the_message_did(
    db: Database,
    message_editor: MessageEditor,
    editor: Editor,
    clock: FakeClock,
    has_picture_before: bool,
) -> None:
    picture = (
        "UPDATE articles SET picture_url = 'https://courier.example/a.jpg', picture_width = 900"
    )
    await subscribe(db, GROUP, kind="group")
    async with db.transaction() as tx:
        await subscribers.set_pictures(tx, GROUP, "all")
    story_id = await publish(db, "Bridge opens", now=clock())
    async with db.transaction() as tx:
        await tx.execute(picture if has_picture_before else "SELECT 1")
    before = await deliver(db, clock)
    (sent,) = before.outgoing
    async with db.transaction() as tx:
        await tx.execute(
            "UPDATE articles SET picture_url = NULL" if has_picture_before else picture
        )
    await grow(db, clock, story_id)
    await run(message_editor, clock)
    assert sent.is_picture == has_picture_before
    assert editor.previews == [(sent.preview, sent.is_picture)]


async def test_an_edited_message_keeps_its_buttons_with_the_new_number_of_sources(
    db: Database, message_editor: MessageEditor, editor: Editor, clock: FakeClock
) -> None:
    story_id = await send(db, clock, ANN, GROUP)
    await grow(db, clock, story_id)
    await run(message_editor, clock)
    found = {it.kind: (it.story_id, it.source_count, it.is_saved) for it in editor.buttons if it}
    assert found == {"group": (story_id, 2, False), "private": (story_id, 2, False)}


async def test_what_a_reader_saved_stays_marked_in_his_message_alone(
    db: Database, message_editor: MessageEditor, editor: Editor, clock: FakeClock
) -> None:
    ben = ChatId(2)
    story_id = await send(db, clock, ANN, ben)
    async with db.transaction() as tx:
        assert await saved.add(tx, ANN, story_id, now=clock())
    await grow(db, clock, story_id)
    await run(message_editor, clock)
    marks = {
        chat_id: it.is_saved
        for (chat_id, *_), it in zip(editor.edits, editor.buttons, strict=True)
        if it
    }
    assert marks == {ANN: True, ben: False}


async def test_a_message_whose_content_is_unchanged_is_not_edited(
    db: Database, message_editor: MessageEditor, editor: Editor, clock: FakeClock
) -> None:
    story_id = await send(db, clock, GROUP)
    async with db.transaction() as tx:
        await message_edits.mark_story_changed(tx, story_id, now=clock())
    clock.advance(minutes=20)
    await run(message_editor, clock)
    assert editor.edits == []
    assert not await message_editor.step()


async def test_private_chats_wait_while_any_chat_is_due(
    db: Database, message_editor: MessageEditor, editor: Editor, clock: FakeClock
) -> None:
    await grow(db, clock, await send(db, clock, ANN))
    await publish(db, "Bridge closes", now=clock())
    await run(message_editor, clock)
    assert editor.edits == []
    await deliver(db, clock)
    await run(message_editor, clock)
    assert [chat_id for chat_id, _, _ in editor.edits] == [ANN]


async def test_groups_do_not_wait_and_are_edited_before_private_chats(
    db: Database, message_editor: MessageEditor, editor: Editor, clock: FakeClock
) -> None:
    await grow(db, clock, await send(db, clock, ANN, GROUP))
    await run(message_editor, clock)
    assert [chat_id for chat_id, _, _ in editor.edits] == [GROUP, ANN]


async def test_an_edit_counts_for_the_rate_limit_of_its_chat(
    db: Database, message_editor: MessageEditor, editor: Editor, clock: FakeClock
) -> None:
    await grow(db, clock, await send(db, clock, GROUP))
    await publish(db, "Bridge closes", now=clock())
    assert await message_editor.step()
    assert not await subscribers.due(db.reader, now=clock(), limit=9)
    clock.advance(seconds=3)
    assert await subscribers.due(db.reader, now=clock(), limit=9)


@pytest.mark.parametrize(
    ("outcome", "after"),
    [
        (RetryLater(timedelta(minutes=7), "too many requests"), timedelta(minutes=7)),
        (RetryLater(None, "HTTP 502"), RETRY_INTERVAL),
        (Unanswered("reset"), RETRY_INTERVAL),
    ],
)
async def test_a_failed_edit_is_retried(
    db: Database,
    message_editor: MessageEditor,
    editor: Editor,
    clock: FakeClock,
    outcome: SendOutcome,
    after: timedelta,
) -> None:
    await grow(db, clock, await send(db, clock, GROUP))
    editor.script = [outcome]
    assert await message_editor.step()
    clock.advance(seconds=after.total_seconds() - 1)
    assert not await message_editor.step()
    clock.advance(seconds=2)
    assert await message_editor.step()
    assert not await message_editor.step()
    assert len(editor.edits) == 2


@pytest.mark.parametrize(
    "outcome",
    [
        Rejected("Bad Request: message to edit not found"),
        ThreadClosed(ThreadId(7), for_good=False),
        ChatGone("Bad Request: not enough rights"),  # to edit, that may be
    ],
)
async def test_a_message_that_cannot_be_edited_is_left_alone(
    db: Database,
    message_editor: MessageEditor,
    editor: Editor,
    clock: FakeClock,
    outcome: SendOutcome,
) -> None:
    await grow(db, clock, await send(db, clock, GROUP))
    editor.script = [outcome]
    await run(message_editor, clock)
    assert len(editor.edits) == 1


async def test_a_group_that_moved_is_edited_at_its_new_id(
    db: Database, message_editor: MessageEditor, editor: Editor, clock: FakeClock
) -> None:
    await grow(db, clock, await send(db, clock, GROUP))
    editor.script = [ChatMigrated(NEW)]
    await run(message_editor, clock)
    assert [chat_id for chat_id, _, _ in editor.edits] == [GROUP, NEW]


async def test_a_story_of_a_topic_unsubscribed_since_is_not_edited(
    db: Database, message_editor: MessageEditor, editor: Editor, clock: FakeClock
) -> None:
    await grow(db, clock, await send(db, clock, GROUP))
    async with db.transaction() as tx:
        await subscribers.set_topics(tx, GROUP, [WAR], wanted=False)
    await run(message_editor, clock)
    assert editor.edits == []


async def test_during_a_pause_of_all_chats_nothing_is_edited(
    db: Database, message_editor: MessageEditor, editor: Editor, clock: FakeClock
) -> None:
    await grow(db, clock, await send(db, clock, GROUP))
    message_editor.rate_limiter.bucket = message_editor.rate_limiter.bucket.blocked_until(
        clock().timestamp() + 60
    )
    assert not await message_editor.step()
    clock.advance(seconds=61)
    assert await message_editor.step()
    assert len(editor.edits) == 1


async def test_a_message_that_cannot_be_rendered_is_not_edited(
    db: Database,
    message_editor: MessageEditor,
    editor: Editor,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise ValueError("no")

    await grow(db, clock, await send(db, clock, GROUP))
    monkeypatch.setattr("bot.delivery.composer.render_story", refuse)
    for _ in range(MAX_ATTEMPTS):
        await run(message_editor, clock)
        clock.advance(minutes=1)
    assert editor.edits == []
    assert "cannot be edited" in caplog.text
    assert [letter.row.queue for letter in await dead_letters(db.reader)] == ["edits"]


async def test_messages_too_old_to_edit_are_pruned(
    db: Database, message_editor: MessageEditor, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.message_editor.PRUNE_INTERVAL", timedelta(0))
    await send(db, clock, GROUP)
    clock.advance(hours=4)
    assert await message_editor.prune()
    assert not list(await db.reader.execute_fetchall("SELECT * FROM editable"))


async def test_a_digest_is_not_edited(
    db: Database, message_editor: MessageEditor, editor: Editor, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    first = await publish(db, "Bridge opens", now=clock())
    await publish(db, "Bridge closes", now=clock())
    clock.advance(hours=30)
    assert len((await deliver(db, clock)).taken) == 1
    await grow(db, clock, first)
    await run(message_editor, clock)
    assert editor.edits == []


async def test_a_message_of_a_story_that_turned_out_to_be_another_is_edited_with_that(
    db: Database, message_editor: MessageEditor, editor: Editor, clock: FakeClock
) -> None:
    later = await send(db, clock, GROUP)
    other = await publish(db, "Bridge is finished", now=clock())
    async with db.transaction() as tx:
        await storylines.merge(tx, later, other)
    assert not await message_editor.step(), "nothing sent is rewritten for that"
    await retell(db, other, "Nine bridges open", source="The Post", now=clock())
    clock.advance(seconds=EDIT_DELAY.total_seconds() + 60)
    await run(message_editor, clock)
    assert ["Nine bridges open" in text for *_, text in editor.edits] == [True]
