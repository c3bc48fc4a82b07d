"""/why and the 🔕 under a story: match reasons, and buttons that end them."""

import pytest

from bot.model import ChatId, FoundFeed, Language, Subscriber
from bot.storage.database import Database
from bot.storage.feeds import own_feeds
from bot.storage.subscribers import subscribers
from bot.telegram.handlers.preferences.words import MAX_WORDS_OF_KIND
from bot_playground.state.chats import ChatMessage, Person
from tests.support.builders import SPORT, WAR, add_article, entry, publish, reading
from tests.support.fakes import NOON
from tests.telegram.conftest import Conversation, labels, relabel


@pytest.fixture
async def ann(conversation: Conversation) -> Person:
    person = conversation.telegram.person("Ann", language="en")
    await conversation.say(person, "/topics war")
    return person


async def story(
    conversation: Conversation, db: Database, person: Person, title: str = "Ferry leaves Lakeside"
) -> ChatMessage:
    await publish(db, title, made=reading(topic=WAR))
    await conversation.settle()
    message = conversation.last(person)
    assert message is not None
    assert title in message.text
    return message


async def why(conversation: Conversation, person: Person, message: ChatMessage) -> ChatMessage:
    """Open the menu, then the reasons, then what can be dismissed; return the page of that."""
    for label in ("⋯", "❔ Why it came", "🔕 Less of this"):
        await conversation.press(person, conversation.shown(message), label)
    return conversation.shown(message)


async def reasons(conversation: Conversation, person: Person, message: ChatMessage) -> str:
    for label in ("⋯", "❔ Why it came"):
        await conversation.press(person, conversation.shown(message), label)
    return conversation.shown(message).text


async def reader(db: Database, person: Person) -> Subscriber:
    found = await subscribers.find(db.reader, ChatId(person.id))
    assert found is not None
    return found


async def test_the_button_explains_the_match_reason(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await conversation.say(ann, "/follow ferries")
    message = await story(conversation, db, ann)
    assert await reasons(conversation, ann, message) == (
        "❔ Ferry leaves Lakeside\n🗂 You chose the topic: War\n🔔 You follow: “ferries”\n"
        "📰 Source: The Harbour Courier"
    )
    await conversation.press(ann, conversation.shown(message), "🔕 Less of this")
    page = conversation.shown(message)
    assert labels(page) == [
        "➖ Remove the topic “War” · 1 a week",
        "➖ Unfollow “ferries” · 1 a week",
        "🔕 Mute “Lakeside” · 1 a week",
        "🚫 Turn off The Harbour Courier · 1 a week",
        "↩️ Back",
    ]
    await conversation.press(ann, page, "↩️ Back")
    # The story is again as it was.
    assert conversation.shown(message).text == message.text


async def test_each_dismissal_says_how_many_stories_of_the_week_it_would_have_hidden(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await publish(db, "Tram leaves Northport", made=reading(topic=WAR))
    await publish(db, "Goal in Lakeside", made=reading(topic=SPORT))
    message = await story(conversation, db, ann)
    page = await why(conversation, ann, message)
    assert labels(page)[:2] == [
        "➖ Remove the topic “War” · 2 a week",
        "🔕 Mute “Lakeside” · 1 a week",
    ]


async def test_a_reply_with_the_command_explains_it_too(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    message = await story(conversation, db, ann)
    conversation.telegram.say(ann, "/why", reply_to=message)
    await conversation.settle()
    answer = conversation.last(ann)
    assert answer is not None
    assert answer.text.startswith("❔ Ferry leaves Lakeside\n🗂 You chose the topic: War")


async def test_of_a_digest_each_story_is_explained_without_buttons(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await conversation.say(ann, "/when hourly")
    await conversation.say(ann, "/when 14:30")
    for title in ("First", "Second"):
        await publish(db, title)
    conversation.clock.advance(hours=1)
    await conversation.settle()
    digest = conversation.last(ann)
    assert digest is not None
    assert "First" in digest.text
    conversation.telegram.say(ann, "/why", reply_to=digest)
    await conversation.settle()
    answer = conversation.last(ann)
    assert answer is not None
    assert "❔ First" in answer.text
    assert "❔ Second" in answer.text
    assert labels(answer) == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Reply with /why to a story"),
        ("uk", "Надішліть /why у відповідь на новину"),
        ("ru", "Отправьте /why в ответ на новость"),
    ],
)
async def test_without_a_reply_to_a_story_the_command_says_how_it_is_used(
    conversation: Conversation, language: Language, words: str
) -> None:
    person = conversation.telegram.person("Ann", language=language)
    first = await conversation.say(person, "/why")
    assert first is not None
    assert words in first.text
    welcome = await conversation.say(person, "/start")
    conversation.telegram.say(person, "/why", reply_to=welcome)
    await conversation.settle()
    assert words in conversation.texts(person)[-1]


async def test_one_press_unsubscribes_from_the_topic(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    answer = await why(conversation, ann, await story(conversation, db, ann))
    await conversation.press(ann, answer, labels(answer)[0])
    assert (
        conversation.shown(answer).text == "➖ The topic “War” is removed. /topics brings it back."
    )
    assert (await reader(db, ann)).topics == frozenset()


async def test_one_press_unfollows_the_word(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await conversation.say(ann, "/follow ferries")
    answer = await why(conversation, ann, await story(conversation, db, ann))
    await conversation.press(ann, answer, labels(answer)[1])
    assert "You no longer follow “ferries”." in conversation.shown(answer).text
    assert (await reader(db, ann)).words == ()


async def test_one_press_mutes_a_name_of_the_headline(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    answer = await why(conversation, ann, await story(conversation, db, ann))
    await conversation.press(ann, answer, labels(answer)[1])
    assert "🔕 “Lakeside” is muted. /unmute brings it back." in conversation.shown(answer).text
    (word,) = (await reader(db, ann)).words
    assert (word.text, word.muted) == ("Lakeside", True)
    await publish(db, "Tram reaches Lakeside")
    await conversation.settle()
    assert not any("Tram" in text for text in conversation.texts(ann))


async def test_one_press_refuses_the_source(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    answer = await why(conversation, ann, await story(conversation, db, ann))
    await conversation.press(ann, answer, labels(answer)[2])
    assert "The Harbour Courier is off." in conversation.shown(answer).text
    assert len((await reader(db, ann)).visibility.refused) == 1
    await publish(db, "Tram leaves")
    await conversation.settle()
    assert not any("Tram" in text for text in conversation.texts(ann))


async def test_one_press_removes_an_own_feed(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    message = await story(conversation, db, ann)
    found = FoundFeed(
        url="https://own.example/rss", domain="own.example", title="Ann's Own", newest=()
    )
    async with db.transaction() as tx:
        feed_id = await own_feeds.add(tx, ChatId(ann.id), found, language="en", now=NOON)
        await add_article(tx, feed_id, entry("Ann's own"))
        await tx.execute("UPDATE articles SET feed_id = ?", (feed_id,))
    assert "➕ From a feed of your own." in await reasons(conversation, ann, message)
    await conversation.press(ann, conversation.shown(message), "🔕 Less of this")
    answer = conversation.shown(message)
    await conversation.press(ann, answer, labels(answer)[-2])
    assert "own.example is no longer one of your feeds." in conversation.shown(answer).text
    assert (await reader(db, ann)).visibility.own == frozenset()


async def test_at_the_limit_of_muted_words_no_name_is_muted(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    answer = await why(conversation, ann, await story(conversation, db, ann))
    for many in (range(50), range(50, MAX_WORDS_OF_KIND)):
        named = ", ".join(f"word{number}" for number in many)
        conversation.telegram.say(ann, f"/mute {named}")
    await conversation.settle()
    await conversation.press(ann, answer, labels(answer)[1])
    assert "limit of 100 muted words" in conversation.shown(answer).text


@pytest.mark.parametrize(
    "data",
    [
        "away:1:topic:gibberish",
        "away:1:word:99",
        "away:1:name:7",
        "away:1:name:x",
        "away:99:source:",
        "why:99",
    ],
)
async def test_an_old_or_hostile_button_is_answered(
    conversation: Conversation, db: Database, ann: Person, data: str
) -> None:
    answer = await why(conversation, ann, await story(conversation, db, ann))
    relabel(answer, data)
    toast = await conversation.press(ann, answer, labels(answer)[0])
    assert toast.startswith("These buttons are out of date.")
    assert (await reader(db, ann)).topics == {WAR}


async def test_a_reason_that_no_longer_holds_is_not_given(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    message = await story(conversation, db, ann)
    async with db.transaction() as tx:
        await subscribers.set_topics(tx, ChatId(ann.id), [WAR], wanted=False)
        await subscribers.set_topics(tx, ChatId(ann.id), [SPORT], wanted=True)
    text = await reasons(conversation, ann, message)
    assert "You asked for it yourself, or have changed your choice since." in text


async def test_while_a_channel_is_managed_the_answer_is_about_this_chat(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    conversation.telegram.channel("Harbour", admins=[ann], username="harbour_news")
    await conversation.settle()
    message = await story(conversation, db, ann)
    await conversation.say(ann, "/channel @harbour_news")
    assert (await reasons(conversation, ann, message)).startswith("❔ Ferry leaves Lakeside")
    await conversation.press(ann, conversation.shown(message), "🔕 Less of this")
    answer = conversation.shown(message)
    await conversation.press(ann, answer, labels(answer)[0])
    assert (await reader(db, ann)).topics == frozenset()


async def test_in_a_group_an_admin_gets_the_reason_and_a_stranger_no_answer(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    bob = conversation.telegram.person("Bob", language="en")
    group = conversation.telegram.group("Town", admins=[ann], members=[bob])
    await conversation.settle()
    await conversation.say(ann, "/topics war", chat=group)
    await publish(db, "Ferry leaves")
    await conversation.settle()
    message = conversation.last(group)
    before = len(conversation.texts(group))
    conversation.telegram.say(bob, "/why", chat=group, reply_to=message)
    await conversation.settle()
    assert len(conversation.texts(group)) == before
    conversation.telegram.say(ann, "/why", chat=group, reply_to=message)
    await conversation.settle()
    assert conversation.texts(group)[-1].startswith("❔ Ferry leaves")
