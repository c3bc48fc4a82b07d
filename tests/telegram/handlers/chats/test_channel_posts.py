"""Posts of a source become articles: once, with title, text, link, date, photo and origin."""

from datetime import timedelta

import pytest

from bot.model import ChatId, ManagedChannel
from bot.storage.database import Database
from bot.storage.feeds import channels
from bot.storage.stories import queries
from bot.storage.stories.articles import MAX_EDITS
from bot.storage.subscribers import subscribers
from bot.stories.article_processor import ArticleProcessor
from bot.stories.matching.fingerprint import title_key
from bot.telegram.handlers.chats.channel_posts import MAX_NEWS_PER_HOUR, lines_of
from bot.web.channel_posts import PostLine
from bot_playground.state.chats import Chat, Person
from tests.feeds.previews.test_channel_page import parsed, post
from tests.support.builders import (
    WAR,
    add_article,
    add_feed,
    guard_of,
    reading,
    receive,
    subscribe,
)
from tests.telegram.conftest import Conversation

Row = dict[str, object]
LINK = {"type": "text_link", "url": "https://t.me/harbour_news"}


@pytest.fixture
def ann(conversation: Conversation) -> Person:
    return conversation.telegram.person("Ann", language="en")


@pytest.fixture
async def news(conversation: Conversation, db: Database, ann: Person) -> Chat:
    made = conversation.telegram.channel("Harbour", admins=[ann], username="harbour_news")
    await conversation.settle()
    await bring(conversation, db, made, ann)
    return made


async def bring(conversation: Conversation, db: Database, channel: Chat, owner: Person) -> None:
    await subscribe(db, owner.id)
    async with db.transaction() as tx:
        await channels.bring(
            tx,
            ManagedChannel(channel_id=ChatId(channel.id), name="Harbour"),
            owner_id=ChatId(owner.id),
            username=channel.username,
            language="en",
            now=conversation.clock(),
        )


async def stored(db: Database) -> list[Row]:
    cursor = await db.reader.execute("SELECT * FROM articles ORDER BY id")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in await cursor.fetchall()]


async def texts(db: Database) -> list[tuple[object, object]]:
    return [(row["title"], row["text"]) for row in await stored(db)]


async def test_a_post_is_an_article_with_its_address_date_and_largest_photo(
    conversation: Conversation, db: Database, ann: Person, news: Chat
) -> None:
    photo = conversation.telegram.photo()
    message = conversation.telegram.publish(
        ann, news, {"caption": "⚡️ Bridge opens\n\nIt was closed for a year.", "photo": photo}
    )
    await conversation.settle()
    (row,) = await stored(db)
    assert (row["title"], row["text"]) == ("Bridge opens", "It was closed for a year.")
    assert row["url"] == row["picture_url"] == f"https://t.me/harbour_news/{message.id}"
    assert (row["picture_width"], row["picture_height"]) == (800, 533)
    assert row["published_at"] == message.body["date"]
    assert (row["backlog"], row["edited_at"], row["own_source"]) == (0, None, None)
    sources = await db.reader.execute_fetchall("SELECT source FROM feeds")
    assert [row[0] for row in sources] == ["t.me/harbour_news"]


async def test_a_post_and_its_preview_are_one_story(
    conversation: Conversation, db: Database, ann: Person, news: Chat
) -> None:
    message = conversation.telegram.publish(
        ann, news, {"text": "Bridge opens in Lakeside\n\nIt was closed for a year."}
    )
    await conversation.settle()
    preview = post(
        message.id,
        "Bridge opens in Lakeside<br><br>It was closed for a year.",
        at=conversation.clock().isoformat(),
    )
    feed_id = await add_feed(db, "https://t.me/s/harbour_news")
    async with db.transaction() as tx:
        await tx.execute("UPDATE feeds SET private = 0")
        await add_article(tx, feed_id, parsed(preview).entries[0])
    processor = ArticleProcessor(
        db=db,
        guard=guard_of(db),
        analyze=lambda article: reading(title_key=title_key(article.title)),
        now=conversation.clock,
    )
    while await processor.step():
        pass
    assert {row["url"] for row in await stored(db)} == {f"https://t.me/harbour_news/{message.id}"}
    assert [row["story_id"] for row in await stored(db)] == [1, 1]


async def test_a_post_of_a_private_channel_has_its_inner_address_and_no_picture(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    secret = conversation.telegram.channel("Cats", admins=[ann])
    await bring(conversation, db, secret, ann)
    photo = conversation.telegram.photo()
    message = conversation.telegram.publish(ann, secret, {"caption": "Cats sleep.", "photo": photo})
    await conversation.settle()
    (row,) = await stored(db)
    inner = str(secret.id).removeprefix("-100")
    assert row["url"] == f"https://t.me/c/{inner}/{message.id}"
    assert row["picture_url"] is None
    sources = await db.reader.execute_fetchall("SELECT source FROM feeds")
    assert [row[0] for row in sources] == [f"t.me/{inner}"]


async def test_an_update_that_comes_again_stores_nothing_again(
    conversation: Conversation, db: Database, ann: Person, news: Chat
) -> None:
    message = conversation.telegram.publish(ann, news, {"text": "Bridge opens\nToday."})
    for _ in range(3):
        conversation.telegram.world.updates.add("channel_post", message.body)
    await conversation.settle()
    assert await texts(db) == [("Bridge opens", "Today.")]


async def test_an_album_is_one_article_whichever_part_has_the_caption(
    conversation: Conversation, db: Database, ann: Person, news: Chat
) -> None:
    for group, caption_at in (("1", 0), ("2", 2)):
        for place in range(3):
            part: Row = {"photo": conversation.telegram.photo(), "media_group_id": group}
            if place == caption_at:
                part["caption"] = f"Bridge {group}\nToday."
            conversation.telegram.publish(ann, news, part)
    also: Row = {"photo": conversation.telegram.photo(), "media_group_id": "2", "caption": "Also."}
    conversation.telegram.publish(ann, news, also)
    await conversation.settle()
    assert await texts(db) == [("Bridge 1", "Today."), ("Bridge 2", "Today.")]


async def test_an_edit_edits_the_article_and_five_hundred_of_them_are_bounded(
    conversation: Conversation, db: Database, ann: Person, news: Chat
) -> None:
    message = conversation.telegram.publish(ann, news, {"text": "Bridge opens\nToday."})
    await conversation.settle()
    edited = conversation.telegram.edit_post(message, {"text": "Bridge opens at nine\nToday."})
    await conversation.settle()
    assert await texts(db) == [("Bridge opens at nine", "Today.")]
    for number in range(500):
        edited = conversation.telegram.edit_post(edited, {"text": f"Bridge {number}\nToday."})
    await conversation.settle()
    (row,) = await stored(db)
    assert row["edits"] == MAX_EDITS


async def test_an_edit_of_what_was_no_article_is_one_if_the_post_is_of_the_source(
    conversation: Conversation, db: Database, ann: Person, news: Chat
) -> None:
    photo = conversation.telegram.photo()
    message = conversation.telegram.publish(ann, news, {"photo": photo})
    old = conversation.telegram.publish(ann, news, {"photo": photo})
    old.body["date"] = int((conversation.clock() - timedelta(days=9)).timestamp())
    await conversation.settle()
    conversation.telegram.edit_post(message, {"caption": "Bridge opens.", "photo": photo})
    conversation.telegram.edit_post(old, {"caption": "Old bridge.", "photo": photo})
    await conversation.settle()
    assert [title for title, _ in await texts(db)] == ["Bridge opens"]


@pytest.mark.parametrize(
    "content",
    [
        {"new_chat_title": "Harbour 2"},
        {"pinned_message": {"message_id": 1, "date": 0, "chat": {"id": -1, "type": "channel"}}},
        {"photo": []},
        {"text": "⚡️⚡️⚡️"},
        {"text": "#Harbour #bridge"},
        {"text": "\u0301" * 4096},
        {"text": "   \n\n  "},
        {"text": "Bridge opens", "via_bot": {"id": 9, "is_bot": True, "first_name": "Bot"}},
    ],
)
async def test_service_posts_and_posts_without_words_are_left_out(
    conversation: Conversation, db: Database, ann: Person, news: Chat, content: dict[str, object]
) -> None:
    conversation.telegram.publish(ann, news, content)
    await conversation.settle()
    assert await stored(db) == []


async def test_a_poll_is_left_out(
    conversation: Conversation, db: Database, ann: Person, news: Chat
) -> None:
    poll = {
        "id": "1",
        "question": "Shall the bridge open?",
        "options": [],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": False,
    }
    conversation.telegram.publish(ann, news, {"poll": poll})
    await conversation.settle()
    assert await stored(db) == []


@pytest.mark.parametrize(("username", "source"), [("coast", "t.me/coast"), (None, "t.me/777")])
async def test_the_source_of_a_forwarded_post_is_the_channel_that_telegram_names(
    conversation: Conversation,
    db: Database,
    ann: Person,
    news: Chat,
    username: str | None,
    source: str,
) -> None:
    chat = {"id": -100777, "type": "channel", "title": "Reuters", "username": username}
    origin = {"type": "channel", "date": 1, "chat": chat, "message_id": 5}
    conversation.telegram.publish(ann, news, {"text": "Storm ahead.", "forward_origin": origin})
    hidden = {"type": "hidden_user", "date": 1, "sender_user_name": "Reuters"}
    conversation.telegram.publish(ann, news, {"text": "Ferry sinks.", "forward_origin": hidden})
    await conversation.settle()
    assert [row["own_source"] for row in await stored(db)] == [source, None]


async def test_a_post_forwarded_from_where_the_bot_writes_is_left_out(
    conversation: Conversation, db: Database, ann: Person, news: Chat
) -> None:
    ours = conversation.telegram.channel("Ours", admins=[ann], username="our_news")
    await conversation.settle()
    await subscribe(db, ours.id, kind="channel")
    chat = {"id": ours.id, "type": "channel", "title": "Ours", "username": "our_news"}
    origin = {"type": "channel", "date": 1, "chat": chat, "message_id": 5}
    conversation.telegram.publish(ann, news, {"text": "Storm ahead.", "forward_origin": origin})
    await conversation.settle()
    assert await stored(db) == []


async def test_the_signature_of_a_channel_is_left_out_once_it_repeats(
    conversation: Conversation, db: Database, ann: Person, news: Chat
) -> None:
    for number in range(3):
        text = f"Bridge {number} opens\nToday.\n👉 Harbour — subscribe"
        entity = {**LINK, "offset": len(text) - 21, "length": 7}
        conversation.telegram.publish(ann, news, {"text": text, "entities": [entity]})
    await conversation.settle()
    first, *others = await texts(db)
    assert first == ("Bridge 0 opens", "Today.\n👉 Harbour — subscribe")
    assert others == [("Bridge 1 opens", "Today."), ("Bridge 2 opens", "Today.")]


async def test_an_edit_does_not_take_the_last_line_of_a_post_for_a_signature(
    conversation: Conversation, db: Database, ann: Person, news: Chat
) -> None:
    text = "Bridge opens\nSee harbour.example"
    entity = {"type": "url", "offset": 17, "length": 15}
    message = conversation.telegram.publish(ann, news, {"text": text, "entities": [entity]})
    await conversation.settle()
    conversation.telegram.edit_post(message, {"text": text, "entities": [entity]})
    await conversation.settle()
    assert await texts(db) == [("Bridge opens", "See harbour.example")]


async def test_a_channel_that_floods_pushes_its_share_of_the_hour_and_the_rest_is_backlog(
    conversation: Conversation, db: Database, ann: Person, news: Chat
) -> None:
    for number in range(MAX_NEWS_PER_HOUR + 5):
        conversation.telegram.publish(ann, news, {"text": f"Bridge {number} opens."})
    await conversation.settle()
    backlog = [row["backlog"] for row in await stored(db)]
    assert backlog == [0] * MAX_NEWS_PER_HOUR + [1] * 5


async def test_posts_of_a_channel_that_is_no_source_are_left_alone(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    other = conversation.telegram.channel("Cats", admins=[ann], username="cats_here")
    conversation.telegram.publish(ann, other, {"text": "Cats sleep."})
    await conversation.settle()
    assert await stored(db) == []


def test_lines_know_the_links_in_them_by_utf_16_units() -> None:
    class Link:
        type, offset, length = "url", 6, 3

    assert list(lines_of("😀 a\n\nx.y\nz", [Link()])) == [  # type: ignore[list-item]
        PostLine(text="😀 a"),
        PostLine(text=""),
        PostLine(text="x.y", is_linked=True),
        PostLine(text="z"),
    ]


@pytest.mark.parametrize("is_public", [True, False])
async def test_a_copied_headline_counts_for_the_readers_of_the_channel_alone_unless_it_is_public(
    conversation: Conversation, db: Database, ann: Person, news: Chat, is_public: bool
) -> None:
    bob = await subscribe(db, 7)
    headline = "Bridge opens in Lakeside after a year"
    await receive(db, headline, source="The Harbour Courier")
    if is_public:
        async with db.transaction() as tx:
            source = await channels.find(tx, ChatId(news.id))
            assert source is not None
            await channels.ask_public(tx, source.feed_id, now=conversation.clock())
            await channels.answer_public(tx, source.feed_id, agreed=True)
    conversation.telegram.publish(ann, news, {"text": f"{headline}\nReuters: it is open."})
    await conversation.update_poller.step()
    while await conversation.inbox.step():
        pass
    processor = ArticleProcessor(
        db=db, guard=guard_of(db), analyze=lambda _: reading(), now=conversation.clock
    )
    while await processor.step():
        pass
    reader = await subscribers.find(db.reader, bob)
    assert reader is not None
    shown = await queries.newest(
        db.reader, topics=[WAR], languages=["en"], limit=9, visibility=reader.visibility
    )
    sources = {name for story in shown for name in (story.source, *story.other_sources)}
    assert sources == {"The Harbour Courier"} | ({"t.me/harbour_news"} if is_public else set())
