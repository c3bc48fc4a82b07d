from bot.model import PostLook
from bot.storage.database import Database
from bot.storage.subscribers import post_looks, subscribers
from tests.support.builders import subscribe

FULL = PostLook(
    summary=False,
    source=False,
    read_also=False,
    buttons=False,
    picture=False,
    own_line="More: @name",
    per_hour=4,
    bundles=True,
)


async def test_a_draft_counts_when_it_is_used_and_the_next_one_begins_with_it(
    db: Database,
) -> None:
    chat_id = await subscribe(db, -5, kind="channel")
    assert await post_looks.draft(db.reader, chat_id) == PostLook()
    for look in (PostLook(per_hour=2), FULL):
        async with db.transaction() as tx:
            await post_looks.save_draft(tx, chat_id, look)
        before = await subscribers.find(db.reader, chat_id)
        assert before is not None
        assert before.look != look
        async with db.transaction() as tx:
            await post_looks.use_draft(tx, chat_id)
            await post_looks.use_draft(tx, chat_id)
        after = await subscribers.find(db.reader, chat_id)
        assert after is not None
        assert after.look == await post_looks.draft(db.reader, chat_id) == look


async def test_a_limit_that_means_nothing_counts_as_no_look(db: Database) -> None:
    chat_id = await subscribe(db, -5, kind="channel")
    async with db.transaction() as tx:
        await post_looks.save_draft(tx, chat_id, PostLook(per_hour=-1, summary=False))
        await post_looks.use_draft(tx, chat_id)
    found = await subscribers.find(db.reader, chat_id)
    assert found is not None
    assert found.look == PostLook()
