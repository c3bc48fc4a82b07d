"""What views look like is tested in `handlers/reading/test_story_buttons.py`."""

import pytest

from bot.model import EditorLink, StoryId, Subscriber
from bot.storage.database import Database
from bot.storage.stories import saved
from bot.storage.subscribers import subscribers
from bot.telegram.story_views import StoryViews
from tests.support.builders import TOPICS, publish, retell, subscribe
from tests.support.fakes import FakeClock
from tests.telegram.conftest import FakeReadAlso

LINK = EditorLink(title="Ferry", url="https://courier.example/ferry")


@pytest.fixture
def views(db: Database, fake_read_also: FakeReadAlso, clock: FakeClock) -> StoryViews:
    return StoryViews(db=db, topics=TOPICS, read_also=fake_read_also.read_also, now=clock)


@pytest.fixture
async def ann(db: Database) -> Subscriber:
    subscriber = await subscribers.find(db.reader, await subscribe(db, 1))
    assert subscriber is not None
    return subscriber


async def test_a_view_has_the_counts_that_its_buttons_show(
    db: Database, views: StoryViews, fake_read_also: FakeReadAlso, ann: Subscriber, clock: FakeClock
) -> None:
    fake_read_also.links = (LINK,) * 5
    story_id = await publish(db, "Bridge opens")
    await retell(db, story_id)
    async with db.transaction() as tx:
        await saved.add(tx, ann.chat_id, story_id, now=clock())
    shown = await views.show(ann, story_id, "brief")
    assert shown is not None
    assert shown.text.count("Ferry") == 3
    assert shown.preview is not None
    buttons = shown.buttons
    assert (buttons.source_count, buttons.link_count, buttons.kind, buttons.is_saved) == (
        2,
        5,
        "private",
        True,
    )


async def test_the_sources_have_no_preview(
    db: Database, views: StoryViews, ann: Subscriber
) -> None:
    shown = await views.show(ann, await publish(db, "Bridge opens"), "sources")
    assert shown is not None
    assert shown.preview is None


async def test_a_deleted_story_has_no_view(views: StoryViews, ann: Subscriber) -> None:
    assert await views.show(ann, StoryId(7), "brief") is None
