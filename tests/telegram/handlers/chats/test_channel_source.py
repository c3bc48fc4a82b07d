"""A channel as a source: brought by its admin, public by an admin of the bot, ended in words."""

import pytest

from bot.delivery.dead_feed_notifier import DeadFeedNotifier
from bot.model import ChatId, FoundFeed, Language
from bot.storage.database import Database
from bot.storage.feeds import channels, demand, feeds, own_feeds
from bot.storage.outbox import notices
from bot_playground.state.chats import Chat, ChatMessage, Person
from tests.support.builders import listed_feed
from tests.support.fakes import NOON
from tests.telegram.conftest import ADMIN, Conversation, add_admin, labels
from tests.telegram.handlers.chats.channel_owner import ChannelOwner


class Owner(ChannelOwner):
    """The admin of a channel, and the bot's pages about it as a source."""

    async def press(self, message: ChatMessage, label: str) -> ChatMessage:
        """Press the button of the label in the language of the person."""
        return await super().press(message, self.say.plain(label))

    async def open(self) -> ChatMessage:
        await self.conversation.settle()
        await self.write("/channel @harbour_news")
        return await self.press(await self.write("/channel"), "📥 Its posts as news")

    async def bring(self) -> ChatMessage:
        return await self.press(await self.open(), "📥 Only to those who add it")


@pytest.fixture
def ann(conversation: Conversation) -> Owner:
    return Owner(conversation, "en")


async def articles_of(db: Database) -> list[tuple[str, int]]:
    rows = await db.reader.execute_fetchall(
        "SELECT title, private FROM articles JOIN feeds ON feeds.id = feed_id ORDER BY articles.id"
    )
    return [(row[0], row[1]) for row in rows]


async def post(conversation: Conversation, person: Person, channel: Chat, text: str) -> ChatMessage:
    message = conversation.telegram.publish(person, channel, {"text": text})
    await conversation.settle()
    return message


@pytest.mark.parametrize("language", ["en", "uk", "ru"])
async def test_posts_come_to_the_owner_and_to_whoever_adds_the_channel(
    conversation: Conversation, db: Database, language: Language
) -> None:
    owner = Owner(conversation, language)
    page = await owner.bring()
    text = "📥 The posts of this channel come to those who add it, you first of all."
    assert owner.say(text) in page.text
    await post(conversation, owner.person, owner.channel, "Bridge opens\nIt was closed for a year.")
    assert await articles_of(db) == [("Bridge opens", 1)]
    bob = conversation.telegram.person("Bob", language=language)
    answer = await conversation.say(bob, "/add t.me/Harbour_News")
    assert answer is not None
    assert owner.say("Everything it publishes from now on will come here.") in answer.text
    for person in (owner.person, bob):
        (own,) = await own_feeds.of_chat(db.reader, ChatId(person.id))
        assert own.url == "https://t.me/harbour_news"
    # No channel is ever polled, and a new catalogue changes nothing about it.
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed()], now=NOON)
    (due,) = await feeds.due(db.reader, now=NOON, limit=9)
    assert due.url == listed_feed().url
    assert demand.is_polled().sql
    await post(conversation, owner.person, owner.channel, "Ferry leaves\nAt nine.")
    assert await articles_of(db) == [("Bridge opens", 1), ("Ferry leaves", 1)]


@pytest.mark.parametrize(
    "address", ["@nobody_here", "t.me/nobody_here", "https://t.me/s/nobody_here"]
)
@pytest.mark.parametrize("language", ["en", "uk", "ru"])
async def test_a_channel_that_is_no_source_is_answered_with_how_it_becomes_one(
    conversation: Conversation, address: str, language: Language
) -> None:
    bob = conversation.telegram.person("Bob", language=language)
    answer = await conversation.say(bob, f"/add {address}")
    assert answer is not None
    assert "/channel @nobody_here" in answer.text


async def find_preview(owner: Owner, db: Database, typed: str) -> ChatMessage:
    """Add the channel where previews are read, and return the answer once it was looked for."""
    owner.conversation.dispatcher["channel_previews"] = True
    answer = await owner.write(typed)
    await owner.conversation.feed_searcher.step()
    return owner.conversation.shown(answer)


@pytest.mark.parametrize("language", ["en", "uk", "ru"])
async def test_a_preview_is_added_where_the_operator_wants_them(
    conversation: Conversation, db: Database, language: Language
) -> None:
    owner, url = Owner(conversation, language), "https://t.me/s/nobody_here"
    conversation.web.sites["t.me/nobody_here"] = FoundFeed(
        url=url, domain="t.me", title="Nobody", newest=("Bridge opens",), has_pages=False
    )
    page = await find_preview(owner, db, "/add t.me/nobody_here")
    assert owner.say("✅ Added:") in page.text
    assert "Bridge opens" in page.text
    (own,) = await own_feeds.of_chat(db.reader, ChatId(owner.person.id))
    assert own.url == url
    (feed,) = await feeds.due(db.reader, now=conversation.clock(), limit=9)
    assert (feed.url, feed.source, feed.private) == (url, "t.me/nobody_here", True)
    wanted = await db.reader.execute_fetchall("SELECT wanted FROM feed_pages")
    assert [row[0] for row in wanted] == [0]


@pytest.mark.parametrize("language", ["en", "uk", "ru"])
async def test_a_channel_without_a_preview_is_answered_with_how_it_becomes_a_source(
    conversation: Conversation, db: Database, language: Language
) -> None:
    owner = Owner(conversation, language)
    conversation.web.sites["@nobody_here"] = "no preview"
    page = await find_preview(owner, db, "/add @nobody_here")
    assert owner.say("This channel has no public page that I could read.") in page.text
    assert "/channel @nobody_here" in page.text
    assert await own_feeds.of_chat(db.reader, ChatId(owner.person.id)) == ()


@pytest.mark.parametrize("language", ["en", "uk", "ru"])
async def test_the_preview_of_a_channel_that_the_bot_writes_to_is_refused(
    conversation: Conversation, db: Database, language: Language
) -> None:
    owner = Owner(conversation, language)
    await conversation.settle()
    await owner.write("/channel @harbour_news")
    name = "@harbour_news"
    text = owner.say.plain("I post news in {name} myself, so it cannot be a source.", name=name)
    # Of itself, before it gets anything.
    assert text in (await find_preview(owner, db, f"/add {name}")).text
    await owner.write("/topics war")
    await owner.write("/channel off")
    assert text in (await find_preview(owner, db, f"/add {name}")).text
    assert await own_feeds.of_chat(db.reader, ChatId(owner.person.id)) == ()


async def test_a_channel_that_is_a_source_is_added_as_one_also_where_previews_are_read(
    conversation: Conversation, db: Database, ann: Owner
) -> None:
    await ann.bring()
    page = await find_preview(ann, db, "/add t.me/s/harbour_news")
    assert "✅ Added:" in page.text
    (own,) = await own_feeds.of_chat(db.reader, ChatId(ann.person.id))
    assert own.url == "https://t.me/harbour_news"


@pytest.mark.parametrize("agreed", [True, False])
async def test_all_readers_get_its_posts_only_when_an_admin_of_the_bot_has_agreed(
    conversation: Conversation, db: Database, ann: Owner, agreed: bool
) -> None:
    ada = add_admin(conversation.telegram)
    await conversation.say(ada, "/start")
    # Also an admin who manages a channel of their own answers for the bot.
    page = await ann.press(await ann.open(), "🌍 To all readers")
    assert "an admin of this bot must agree" in page.text
    assert labels(page) == ["✖ To nobody any more"]
    await post(conversation, ann.person, ann.channel, "Bridge opens\nIt was closed.")
    assert await articles_of(db) == [("Bridge opens", 1)]
    question = conversation.last(ada)
    assert question is not None
    assert "https://t.me/harbour_news" in question.text
    await conversation.press(ada, question, "✅ To all readers" if agreed else "✖ No")
    source = await channels.find(db.reader, ChatId(ann.channel.id))
    assert source is not None
    assert (source.is_public, source.is_asked) == (agreed, False)
    said = conversation.texts(ann.person)[-1]
    assert ("are news for all readers now" in said) == agreed
    # A second press is late.
    assert conversation.shown(question).buttons == ()


async def test_nobody_but_an_admin_of_the_bot_makes_a_channel_public(
    conversation: Conversation, db: Database, ann: Owner
) -> None:
    ada = add_admin(conversation.telegram)
    await conversation.say(ada, "/start")
    page = await ann.press(await ann.open(), "🌍 To all readers")
    source = await channels.find(db.reader, ChatId(ann.channel.id))
    assert source is not None
    keyboard = page.body["reply_markup"]
    assert isinstance(keyboard, dict)
    keyboard["inline_keyboard"][0][0]["callback_data"] = f"chpublic:{source.feed_id}:1"
    await conversation.press(ann.person, page, f"chpublic:{source.feed_id}:1")
    again = await channels.find(db.reader, ChatId(ann.channel.id))
    assert again is not None
    assert not again.is_public
    assert ada.id == ADMIN


async def test_a_channel_that_the_bot_writes_to_is_refused(
    conversation: Conversation, db: Database, ann: Owner
) -> None:
    await conversation.settle()
    await ann.write("/channel @harbour_news")
    await ann.write("/topics war")
    page = await ann.open()
    assert "it cannot be a source" in page.text
    assert labels(page) == []
    assert await channels.find(db.reader, ChatId(ann.channel.id)) is None


async def test_a_source_that_the_bot_begins_to_write_to_ends_with_a_sentence(
    conversation: Conversation, db: Database, ann: Owner
) -> None:
    await ann.bring()
    await ann.write("/topics war")
    await post(conversation, ann.person, ann.channel, "Bridge opens\nIt was closed.")
    assert await articles_of(db) == []
    assert await told(conversation, db) == [
        "⚠️ One of your feeds has stopped working:\n"
        '<b><a href="https://t.me/harbour_news">@harbour_news</a></b> — I am no longer an admin of'
        " this channel, or I post news there myself.\n\n"
        "Its owner can bring its posts back: <code>/channel</code>."
    ]


async def told(conversation: Conversation, db: Database) -> list[str]:
    """Return the notices about dead feeds."""
    await DeadFeedNotifier(db=db, now=conversation.clock).notify()
    async with db.transaction() as tx:
        notice = await notices.claim(tx, now=conversation.clock())
    return [] if notice is None else [notice.html]


async def test_a_source_ends_when_the_bot_is_removed_and_begins_again(
    conversation: Conversation, db: Database, ann: Owner
) -> None:
    await ann.bring()
    conversation.telegram.set_bot_status(ann.channel, "administrator", is_muted=True)
    await post(conversation, ann.person, ann.channel, "Bridge opens\nIt was closed.")
    conversation.telegram.set_bot_status(ann.channel, "kicked")
    await conversation.settle()
    assert await articles_of(db) == [("Bridge opens", 1)]
    assert len(await told(conversation, db)) == 1
    conversation.telegram.set_bot_status(ann.channel, "administrator")
    await post(conversation, ann.person, ann.channel, "Ferry leaves\nAt nine.")
    assert len(await articles_of(db)) == 1
    await ann.bring()
    await post(conversation, ann.person, ann.channel, "Ferry comes\nAt ten.")
    assert [title for title, _ in await articles_of(db)] == ["Bridge opens", "Ferry comes"]


async def test_its_owner_ends_it_for_all(
    conversation: Conversation, db: Database, ann: Owner
) -> None:
    page = await ann.press(await ann.bring(), "✖ To nobody any more")
    assert "Shall its posts be news?" in page.text
    await post(conversation, ann.person, ann.channel, "Bridge opens\nIt was closed.")
    assert await articles_of(db) == []
    assert await own_feeds.of_chat(db.reader, ChatId(ann.person.id)) == ()


async def test_a_page_about_a_channel_that_is_managed_no_more_is_out_of_date(
    conversation: Conversation, db: Database, ann: Owner
) -> None:
    page = await ann.open()
    await ann.write("/channel off")
    assert "out of date" in await conversation.press(ann.person, page, "🌍 To all readers")
    assert await channels.find(db.reader, ChatId(ann.channel.id)) is None
