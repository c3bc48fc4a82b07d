"""/add, /remove and /import: feeds that only this chat sees."""

from dataclasses import replace
from typing import get_args

import pytest

from bot.i18n import speak
from bot.model import (
    LANGUAGES,
    ChatId,
    DiscoveryFailure,
    DroppedItems,
    FeedId,
    FoundFeed,
    Language,
    OwnFeed,
)
from bot.storage.database import Database
from bot.storage.feeds import own_feeds
from bot.telegram.handlers.preferences import own_feeds as own_feeds_handlers
from bot.telegram.handlers.preferences.own_feeds import (
    MAX_OWN_FEEDS,
    added_text,
    failure_text,
    list_text,
)
from bot.web.opml import Outline, parse, write
from bot_playground.state.chats import Chat, ChatMessage, Person
from tests.telegram.conftest import Conversation, labels, relabel


@pytest.fixture
def ann(conversation: Conversation) -> Person:
    conversation.web.sites["own.example"] = feed()
    return conversation.telegram.person("Ann", language="en")


def feed(url: str = "https://own.example/rss", title: str = "Ann's Own") -> FoundFeed:
    return FoundFeed(url=url, domain="own.example", title=title, newest=("Second", "First"))


async def answer_to(conversation: Conversation, person: Person, text: str) -> ChatMessage:
    answer = await conversation.say(person, text)
    assert answer is not None
    return answer


async def urls(db: Database, chat_id: int) -> list[str]:
    return [feed.url for feed in await own_feeds.of_chat(db.reader, ChatId(chat_id))]


async def test_a_feed_is_discovered_shown_and_added_once(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    for _ in range(2):
        answer = await answer_to(conversation, ann, "/add own.example")
        assert answer.text.startswith(
            "✅ Added: Ann's Own\n• Second\n• First\n\nEverything it publishes"
        )
    assert await urls(db, ann.id) == ["https://own.example/rss"]
    everything = await answer_to(conversation, ann, "/add")
    assert everything.text.startswith("Feeds of your own\n\n• Ann's Own\n\nOnly this chat sees")
    await conversation.press(ann, everything, "🗑 Ann's Own")
    assert "You have none yet." in conversation.shown(everything).text
    assert await urls(db, ann.id) == []


@pytest.mark.parametrize("name", ["own.example", "https://own.example/rss/", "ANN'S OWN"])
async def test_a_feed_is_removed_by_address_site_or_title(
    conversation: Conversation, db: Database, ann: Person, name: str
) -> None:
    await answer_to(conversation, ann, "/add own.example")
    answer = await answer_to(conversation, ann, f"/remove {name}")
    assert answer.text.startswith("➖ Removed: Ann's Own")
    assert await urls(db, ann.id) == []


async def test_an_unknown_feed_is_not_removed(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await answer_to(conversation, ann, "/add own.example")
    answer = await answer_to(conversation, ann, "/remove courier")
    assert answer.text.startswith("You have no feed called “courier”.")
    answer = await answer_to(conversation, ann, "/remove")
    assert answer.text.startswith("Feeds of your own")
    assert len(await urls(db, ann.id)) == 1


@pytest.mark.parametrize("reason", get_args(DiscoveryFailure))
@pytest.mark.parametrize("language", ["en", "uk", "ru"])
async def test_each_discovery_failure_gets_one_sentence(
    conversation: Conversation, db: Database, reason: DiscoveryFailure, language: str
) -> None:
    reader = conversation.telegram.person("Ann", language=language)
    conversation.web.sites["bad.example"] = reason
    answer = await answer_to(conversation, reader, "/add bad.example")
    # That of a channel goes on with how it becomes a source.
    assert 10 < len(answer.text) < (250 if reason == "no preview" else 120)
    assert answer.text.endswith((".", "news"))
    assert await urls(db, reader.id) == []


async def test_a_hundred_feeds_are_the_limit(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await answer_to(conversation, ann, "/add own.example")
    async with db.transaction() as tx:
        for number in range(1, MAX_OWN_FEEDS):
            found = feed(f"https://{number}.example/rss", f"Paper {number:02}")
            await own_feeds.add(tx, ChatId(ann.id), found, language="en", now=conversation.clock())
    answer = await answer_to(conversation, ann, "/add another.example")
    assert answer.text == "You've reached the limit of 100 feeds. /remove one first."
    page = await answer_to(conversation, ann, "/remove")
    await conversation.press(ann, page, "▶️")
    assert "🗑 Paper 10" in labels(conversation.shown(page))
    await conversation.press(ann, conversation.shown(page), "🗑 Paper 10")
    assert "🗑 Paper 20" in labels(conversation.shown(page))
    await conversation.press(ann, conversation.shown(page), "◀️")
    assert "🗑 Ann's Own" in labels(conversation.shown(page))


async def test_a_failing_feed_is_marked_with_its_problem(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await answer_to(conversation, ann, "/add own.example")
    async with db.transaction() as tx:
        await tx.execute("UPDATE feeds SET stopped = 'gone'")
    page = await answer_to(conversation, ann, "/remove")
    assert "• Ann's Own\n   ⚠️ its publisher has closed it" in page.text


async def test_markup_in_a_feeds_title_is_escaped(conversation: Conversation, ann: Person) -> None:
    conversation.web.sites["own.example"] = feed(title="<b>" + "W" * 400)
    answer = await answer_to(conversation, ann, "/add own.example")
    assert "<b>WWW" in answer.text
    assert len(answer.text) < 300


async def test_a_press_after_stop_is_answered(conversation: Conversation, ann: Person) -> None:
    page = await answer_to(conversation, ann, "/add")
    stop = await answer_to(conversation, ann, "/stop")
    await conversation.press(ann, stop, "🗑 Delete everything")
    relabel(page, "unown:7:0")
    toast = await conversation.press(ann, page, labels(page)[0])
    assert toast.startswith("These buttons are out of date.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_discovery_failure_has_a_text(language: Language) -> None:
    say = speak(language)
    assert all(failure_text(reason, say) for reason in get_args(DiscoveryFailure))


def test_texts_of_a_publisher_are_escaped_and_cut() -> None:
    title = "<b>" + "&" * 500
    feed = OwnFeed(id=FeedId(1), url="https://own.example/?a=1&b='", title=title, problem="silent")
    text = list_text([feed], speak("en"))
    assert "&lt;b&gt;&amp;" in text
    assert "its server does not answer" in text
    assert len(text) < 900
    found = FoundFeed(url=feed.url, domain="own.example", title=title, newest=("<i>" * 400,))
    assert "<i>" not in added_text(found, speak("en"))


def test_a_feed_without_a_title_is_called_by_its_domain() -> None:
    found = FoundFeed(url="https://own.example/rss", domain="own.example", title="", newest=())
    assert ">own.example</a>" in added_text(found, speak("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_feed_of_which_nothing_can_be_read_is_not_added_with_a_tick(language: Language) -> None:
    say = speak(language)
    empty = replace(feed(), newest=())
    assert added_text(empty, say).startswith("⚠️ ")
    assert added_text(feed(), say).startswith("✅ ")


@pytest.fixture
def ann_importing(conversation: Conversation) -> Person:
    return conversation.telegram.person("Ann", language="en")


def opml(*urls: str) -> bytes:
    outlines = "".join(f'<outline text="Paper" xmlUrl="{url}"/>' for url in urls)
    return f'<opml version="2.0"><body>{outlines}</body></opml>'.encode()


async def send(
    conversation: Conversation,
    person: Person,
    content: bytes,
    *,
    name: str = "feeds.opml",
    caption: str = "/import",
    chat: Chat | None = None,
) -> ChatMessage:
    conversation.telegram.send_document(person, name, content, caption=caption, chat=chat)
    await conversation.settle()
    answer = conversation.last(chat or person)
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("name", "caption"),
    [("feeds.opml", ""), ("Feeds.OPML", "my feeds"), ("list.xml", "/import")],
)
async def test_the_feeds_of_a_file_are_added(
    conversation: Conversation, db: Database, ann_importing: Person, name: str, caption: str
) -> None:
    content = opml("https://a.example/rss", "https://b.example/rss")
    answer = await send(conversation, ann_importing, content, name=name, caption=caption)
    assert answer.text == "✅ 2 feeds added.\nEverything they publish from now on will come here."
    assert await urls(db, ann_importing.id) == ["https://a.example/rss", "https://b.example/rss"]


async def test_feeds_that_are_there_already_are_counted_and_not_added_twice(
    conversation: Conversation, db: Database, ann_importing: Person
) -> None:
    await send(conversation, ann_importing, opml("https://a.example/rss"))
    answer = await send(
        conversation, ann_importing, opml("https://a.example/rss", "https://b.example/rss")
    )
    assert "✅ 1 feed added." in answer.text
    assert "1 feed was here already." in answer.text
    assert len(await urls(db, ann_importing.id)) == 2


async def test_beyond_the_limit_the_rest_is_left_out(
    conversation: Conversation, db: Database, ann_importing: Person
) -> None:
    many = opml(*(f"https://{number}.example/rss" for number in range(MAX_OWN_FEEDS + 5)))
    answer = await send(conversation, ann_importing, many)
    assert "✅ 100 feeds added." in answer.text
    assert "5 feeds were skipped.\nYou've reached the limit of 100 feeds" in answer.text
    assert len(await urls(db, ann_importing.id)) == MAX_OWN_FEEDS


@pytest.mark.parametrize(
    "content",
    [b"", b"not xml", b"<opml><body/></opml>", b"<rss/>", b"\xff\xfe\x00", b"<!ENTITY a>" * 9],
)
async def test_a_file_that_is_no_opml_gets_one_sentence(
    conversation: Conversation, db: Database, ann_importing: Person, content: bytes
) -> None:
    answer = await send(conversation, ann_importing, content or b" ")
    assert answer.text == "There are no feeds in that file. It should be an OPML file."
    assert await urls(db, ann_importing.id) == []


async def test_a_file_that_is_too_large_is_not_read(
    conversation: Conversation, db: Database, ann_importing: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_feeds_handlers, "MAX_BYTES", 10)
    answer = await send(conversation, ann_importing, opml("https://a.example/rss"))
    assert answer.text == "That file is too large for a list of feeds."


async def test_without_a_file_it_says_how(
    conversation: Conversation, ann_importing: Person
) -> None:
    answer = await conversation.say(ann_importing, "/import")
    assert answer is not None
    assert answer.text.startswith("Send me the OPML file of another RSS reader, with /import")


async def test_in_a_group_admins_import_and_a_strangers_file_is_not_answered(
    conversation: Conversation, db: Database, ann_importing: Person
) -> None:
    bob = conversation.telegram.person("Bob", language="en")
    group = conversation.telegram.group("Town", admins=[ann_importing], members=[bob])
    await conversation.settle()
    before = len(conversation.texts(group))
    content = opml("https://a.example/rss")
    conversation.telegram.send_document(bob, "a.opml", content, caption="/import", chat=group)
    await conversation.settle()
    assert len(conversation.texts(group)) == before
    await send(conversation, ann_importing, content, chat=group)
    assert await urls(db, group.id) == ["https://a.example/rss"]
    assert await urls(db, ann_importing.id) == []


async def test_what_is_exported_can_be_imported(
    conversation: Conversation, db: Database, ann_importing: Person
) -> None:
    await send(conversation, ann_importing, opml("https://a.example/rss?x=1&amp;y=2"))
    await conversation.say(ann_importing, "/export")
    exported = conversation.last(ann_importing)
    assert exported is not None
    assert exported.text.startswith("Your own feeds, for any RSS reader")
    content = conversation.telegram.content(exported)
    (mine,) = await own_feeds.of_chat(db.reader, ChatId(ann_importing.id))
    assert content == write([Outline(url=mine.url, title=mine.title)], title="ReadAlso")
    assert [feed.url for feed in parse(content)] == ["https://a.example/rss?x=1&y=2"]


@pytest.mark.parametrize(
    ("dropped", "line"),
    [
        ((("no link", 20),), "⚠️ 20 items, 0 usable: no links"),
        ((("neither title nor text", 3),), "⚠️ 20 items, 17 usable: neither title nor text (3)"),
        (
            (("no link", 2), ("neither title nor text", 1)),
            "⚠️ 20 items, 17 usable: no links (2), neither title nor text (1)",
        ),
    ],
)
def test_x2_items_that_cannot_be_used_are_counted_with_the_reason(
    dropped: DroppedItems, line: str
) -> None:
    found = FoundFeed(
        url="https://own.example/rss",
        domain="own.example",
        title="Own",
        newest=(),
        items=20,
        dropped=dropped,
    )
    assert line in added_text(found, speak("en")).splitlines()
