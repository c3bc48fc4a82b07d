from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bot.delivery import composer as compose
from bot.delivery.composer import CACHE_TTL, Composed, Composer
from bot.delivery.outbox import Outbox
from bot.model import (
    FIRST_LINKS,
    ChatId,
    EditorLink,
    MessagePlan,
    OutgoingMessage,
    Story,
    StoryButtons,
    Subscriber,
)
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from tests.support.builders import SPORT, TOPICS, WAR, guard_of, publish, reading, retell, subscribe
from tests.support.fakes import FakeClock


@dataclass(slots=True)
class FakeLinks:
    """Returns `links`, none at first, and records the stories that it was called with."""

    stories: list[Story] = field(default_factory=list)
    links: tuple[EditorLink, ...] = ()

    async def read_also(self, story: Story, subscriber: Subscriber) -> tuple[EditorLink, ...]:
        self.stories.append(story)
        return self.links


@pytest.fixture
def found_links() -> FakeLinks:
    return FakeLinks()


@pytest.fixture
def composer(db: Database, found_links: FakeLinks, clock: FakeClock) -> Composer:
    return Composer(db=db, read_also=found_links.read_also, topics=TOPICS, now=clock)


async def claim(db: Database, clock: FakeClock) -> tuple[Subscriber, MessagePlan]:
    claimed = await Outbox(db=db, guard=guard_of(db), now=clock, jitter=lambda: 0.0).claim()
    assert claimed is not None
    return claimed


async def compose_all(
    db: Database, composer: Composer, clock: FakeClock, chats: Sequence[int]
) -> list[Composed]:
    return [await composer.compose(*await claim(db, clock)) for _ in chats]


async def test_one_story_has_the_preview_of_its_article(
    db: Database, composer: Composer, clock: FakeClock
) -> None:
    await subscribe(db, 1)
    story_id = await publish(db, "Bridge opens")
    composed = await composer.compose(*await claim(db, clock))
    assert isinstance(composed.message, OutgoingMessage)
    assert composed.message.preview is not None
    assert composed.message.preview in composed.message.text
    assert composed.wanted == {story_id}


async def test_a_list_has_no_preview(db: Database, composer: Composer, clock: FakeClock) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    clock.advance(hours=25)
    composed = await composer.compose(*await claim(db, clock))
    assert composed.message is not None
    assert composed.message.preview is None


async def test_a_story_by_itself_has_what_its_buttons_need(
    db: Database, composer: Composer, found_links: FakeLinks, clock: FakeClock
) -> None:
    found_links.links = tuple(
        EditorLink(title=f"Ferry {at}", url=f"https://f.example/{at}") for at in "abcde"
    )
    await subscribe(db, 1)
    story_id = await publish(db, "Bridge opens")
    await retell(db, story_id)
    message = (await composer.compose(*await claim(db, clock))).message
    assert message is not None
    assert message.text.count("Ferry") == FIRST_LINKS
    assert message.buttons == StoryButtons(
        story_id=story_id,
        title="Bridge is open",
        url=message.preview or "",
        source_count=2,
        link_count=5,
        kind="private",
    )


async def test_people_and_groups_of_the_same_choices_get_buttons_of_their_own(
    db: Database, composer: Composer, clock: FakeClock
) -> None:
    await subscribe(db, 1)
    await subscribe(db, -1, kind="group")
    await publish(db, "Bridge opens")
    messages = [composed.message for composed in await compose_all(db, composer, clock, (1, -1))]
    assert {message.buttons.kind for message in messages if message and message.buttons} == {
        "private",
        "group",
    }


async def test_readers_of_the_same_choices_get_one_message(
    db: Database, composer: Composer, found_links: FakeLinks, clock: FakeClock
) -> None:
    for number in (1, 2, 3):
        await subscribe(db, number)
    await publish(db, "Bridge opens")
    first, second, third = await compose_all(db, composer, clock, (1, 2, 3))
    assert first is second is third
    assert len(found_links.stories) == 1


async def test_readers_of_other_choices_get_their_own(
    db: Database, composer: Composer, found_links: FakeLinks, clock: FakeClock
) -> None:
    await subscribe(db, 1, WAR)
    await subscribe(db, 2, WAR, SPORT)
    await publish(db, "Bridge opens")
    await compose_all(db, composer, clock, (1, 2))
    assert len(found_links.stories) == 2


async def test_a_message_is_cached_for_a_short_time(
    db: Database, composer: Composer, found_links: FakeLinks, clock: FakeClock
) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    claimed = await claim(db, clock)
    await composer.compose(*claimed)
    clock.advance(seconds=CACHE_TTL.total_seconds())
    await composer.compose(*claimed)
    assert len(found_links.stories) == 2


async def test_the_number_of_cached_messages_is_limited(
    db: Database, composer: Composer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compose, "MAX_CACHED", 2)
    await subscribe(db, 1)
    for number in range(4):
        await publish(db, f"Story {number}")
    for _ in range(4):
        subscriber, plan = await claim(db, clock)
        await composer.compose(subscriber, plan)
        async with db.transaction() as tx:
            await tx.execute("DELETE FROM deliveries WHERE state = 'sending'")
    assert len(composer._messages) == 2


async def test_stories_that_are_not_wanted_any_more_make_no_message(
    db: Database, composer: Composer, clock: FakeClock
) -> None:
    await subscribe(db, 1)
    await publish(db, "Cup won", made=reading(topic=WAR))
    async with db.transaction() as tx:
        await subscribers.set_topics(tx, ChatId(1), [WAR], wanted=False)
    composed = await composer.compose(*await claim(db, clock))
    assert composed == Composed(message=None, wanted=frozenset())
