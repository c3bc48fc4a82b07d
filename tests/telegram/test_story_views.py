"""What the views show is seen in conversations, in `handlers/reading/test_story_buttons.py`."""

import pytest

from bot.model import EditorLink, StoryId, Subscriber
from bot.storage.database import Database
from bot.storage.stories import saved
from bot.storage.subscribers import subscribers
from bot.telegram.story_views import StoryViews
from tests.support.builders import TOPICS, publish, retell, subscribe
from tests.support.fakes import FakeClock
from tests.telegram.conftest import Shelf

LINK = EditorLink(title="Ferry", url="https://courier.example/ferry")


@pytest.fixture
def views(db: Database, shelf: Shelf, clock: FakeClock) -> StoryViews:
    return StoryViews(db=db, topics=TOPICS, read_also=shelf.read_also, now=clock)


@pytest.fixture
async def ann(db: Database) -> Subscriber:
    found = await subscribers.find(db.reader, await subscribe(db, 1))
    assert found is not None
    return found


async def test_a_view_knows_what_its_buttons_need(
    db: Database, views: StoryViews, shelf: Shelf, ann: Subscriber, clock: FakeClock
) -> None:
    shelf.links = (LINK,) * 5
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


async def test_a_story_that_is_gone_has_no_view(views: StoryViews, ann: Subscriber) -> None:
    assert await views.show(ann, StoryId(7), "brief") is None
