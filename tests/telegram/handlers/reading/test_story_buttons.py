"""Buttons under a story: saving it, and its views."""

import pytest
from aiogram import Bot

from bot.i18n import speak
from bot.model import LANGUAGES, ChatId, EditorLink, Language
from bot.storage.database import Database
from bot.storage.stories import queries
from bot.storage.subscribers import subscribers
from bot.telegram.handlers.reading.story_buttons import save_story
from bot.telegram.keyboards.story import SaveStory
from bot_playground.state.chats import ChatMessage, Person
from bot_playground.state.faults import Fault, FaultKind
from tests.support.builders import WAR, publish, retell
from tests.telegram.conftest import Conversation, FakeReadAlso, labels, late_callback, relabel

LINKS = tuple(
    EditorLink(title=f"Ferry {number}", url=f"https://courier.example/{number}")
    for number in range(1, 6)
)


@pytest.fixture
async def ann(conversation: Conversation) -> Person:
    person = conversation.telegram.person("Ann", language="en")
    await conversation.say(person, "/topics war")
    return person


async def sent(conversation: Conversation, db: Database, person: Person) -> ChatMessage:
    """Publish a story that two newspapers tell, and return the message that tells it."""
    story_id = await publish(db, "Bridge opens", now=conversation.clock())
    await retell(db, story_id)
    await conversation.settle()
    message = conversation.last(person)
    assert message is not None
    assert message.text.startswith("Bridge is open\n")
    return message


async def kept(db: Database, person: Person) -> list[str]:
    found = await queries.newest_saved(db.reader, ChatId(person.id), languages=["en"], limit=9)
    return [story.title for story in found]


async def test_a_story_has_a_row_of_buttons(
    conversation: Conversation, db: Database, ann: Person, fake_read_also: FakeReadAlso
) -> None:
    fake_read_also.links = LINKS
    message = await sent(conversation, db, ann)
    assert message.buttons == (("🔖 Save", "🗞 2 sources", "⋯"),)


async def test_where_there_is_nothing_to_expand_there_is_no_button_for_it(
    conversation: Conversation, db: Database, ann: Person, fake_read_also: FakeReadAlso
) -> None:
    fake_read_also.links = LINKS[:3]
    await publish(db, "Bridge opens", now=conversation.clock())
    await conversation.settle()
    message = conversation.last(ann)
    assert message is not None
    assert labels(message) == ["🔖 Save", "⋯"]


async def test_more_links_open_in_place_and_close_again(
    conversation: Conversation, db: Database, ann: Person, fake_read_also: FakeReadAlso
) -> None:
    fake_read_also.links = LINKS
    message = await sent(conversation, db, ann)
    assert "Ferry 3" in message.text
    assert "Ferry 4" not in message.text
    await conversation.press(ann, message, "⋯")
    assert conversation.shown(message).text == message.text
    await conversation.press(ann, conversation.shown(message), "➕ More links")
    opened = conversation.shown(message)
    assert opened.text.startswith("Bridge is open\n")
    assert "Ferry 5" in opened.text
    assert labels(opened) == ["🔖 Save", "↩️ Back", "⋯"]
    assert fake_read_also.reader is not None
    assert fake_read_also.reader.topics == {WAR}
    await conversation.press(ann, opened, "↩️ Back")
    closed = conversation.shown(message)
    assert closed.text == message.text
    assert labels(closed) == labels(message)


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("uk", ["🔖 Зберегти", "🗞 2 видання", "❔ Чому надійшла", "🗂 Не та тема", "↩️ Назад"]),
        ("ru", ["🔖 Сохранить", "🗞 2 издания", "❔ Почему пришла", "🗂 Не та тема", "↩️ Назад"]),
        ("en", ["🔖 Save", "🗞 2 sources", "❔ Why it came", "🗂 Wrong topic", "↩️ Back"]),
    ],
)
async def test_the_menu_opens_in_place_and_a_report_is_kept_without_who_made_it(
    conversation: Conversation, db: Database, language: Language, texts: list[str]
) -> None:
    reader = conversation.telegram.person("Ann", language=language)
    await conversation.say(reader, "/topics war")
    async with db.transaction() as tx:
        await subscribers.set_news_language(tx, ChatId(reader.id), "en", wanted=True)
    message = await sent(conversation, db, reader)
    save, sources, why, wrong, back = texts
    assert labels(message) == [save, sources, "⋯"]
    await conversation.press(reader, message, "⋯")
    menu = conversation.shown(message)
    assert {why, wrong, back} <= set(labels(menu))
    for _ in range(2):
        assert await conversation.press(reader, menu, wrong)
    rows = await db.reader.execute_fetchall("SELECT verdict, topic, articles FROM judgements")
    assert [(row[0], row[1], "Bridge is open" in row[2]) for row in rows] == [
        ("topic", "war", True)
    ]
    await conversation.press(reader, menu, back)
    assert labels(conversation.shown(message)) == labels(message)


async def test_the_sources_open_in_place_with_a_way_back(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    message = await sent(conversation, db, ann)
    await conversation.press(ann, message, "🗞 2 sources")
    opened = conversation.shown(message)
    assert opened.text.splitlines()[:2] == ["Bridge is open", "🗞 2 sources on this story:"]
    assert "• Bridge is open — The Herald" in opened.text
    assert labels(opened) == ["🔖 Save", "↩️ Back", "⋯"]
    await conversation.press(ann, opened, "↩️ Back")
    assert conversation.shown(message).text == message.text


async def test_a_story_whose_markup_is_refused_has_its_buttons_as_plain_text(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    words = "Bad Request: can't parse entities"
    fault = Fault(kind=FaultKind.REFUSAL, method="sendMessage", times=1, description=words)
    conversation.telegram.inject_fault(fault)
    story_id = await publish(db, "Bridge opens", now=conversation.clock())
    await retell(db, story_id)
    await conversation.settle()
    message = conversation.last(ann)
    assert message is not None
    assert message.text.startswith("Bridge is open https://")
    assert labels(message) == ["🔖 Save", "🗞 2 sources", "⋯"]
    await conversation.press(ann, message, "🔖 Save")
    marked = conversation.shown(message)
    assert marked.text == message.text
    assert labels(marked)[0] == "✅ Saved"


@pytest.mark.parametrize(
    ("code", "words"), [("uk", "Про це пишуть 2 видання:"), ("ru", "Об этом пишут 2 издания")]
)
async def test_the_sources_are_shown_in_the_readers_language(
    conversation: Conversation, db: Database, code: str, words: str
) -> None:
    ira = conversation.telegram.person("Іра", language=code)
    await conversation.say(ira, "/topics war")
    async with db.transaction() as tx:
        await subscribers.set_news_language(tx, ChatId(ira.id), "en", wanted=True)
    message = await sent(conversation, db, ira)
    await conversation.press(ira, message, labels(message)[1])
    opened = conversation.shown(message).text
    assert words in opened
    assert ("англійська" if code == "uk" else "английский") in opened


async def test_a_press_saves_and_another_removes(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    message = await sent(conversation, db, ann)
    assert "/saved" in await conversation.press(ann, message, "🔖 Save")
    assert await kept(db, ann) == ["Bridge is open"]
    marked = conversation.shown(message)
    assert labels(marked) == ["✅ Saved", "🗞 2 sources", "⋯"]
    assert marked.text == message.text
    assert await conversation.press(ann, marked, "✅ Saved") == "Removed from saved."
    assert await kept(db, ann) == []
    assert labels(conversation.shown(message)) == labels(message)


async def test_a_repeated_press_sets_the_state_that_the_button_showed(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    message = await sent(conversation, db, ann)
    for _ in range(2):
        conversation.telegram.press(ann, message, "🔖 Save")
    await conversation.settle()
    assert await kept(db, ann) == ["Bridge is open"]
    assert labels(conversation.shown(message))[0] == "✅ Saved"


async def test_a_saved_story_stays_marked_in_all_its_views(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    message = await sent(conversation, db, ann)
    await conversation.press(ann, message, "🗞 2 sources")
    opened = conversation.shown(message)
    await conversation.press(ann, opened, "🔖 Save")
    marked = conversation.shown(message)
    assert labels(marked) == ["✅ Saved", "↩️ Back", "⋯"]
    await conversation.press(ann, marked, "↩️ Back")
    assert labels(conversation.shown(message)) == ["✅ Saved", "🗞 2 sources", "⋯"]


async def test_at_the_limit_of_saved_stories_the_answer_says_what_to_do(
    conversation: Conversation, db: Database, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.stories.saved.MAX_SAVED", 0)
    message = await sent(conversation, db, ann)
    assert "Remove some first: /saved." in await conversation.press(ann, message, "🔖 Save")
    assert labels(conversation.shown(message)) == labels(message)


async def test_a_story_that_is_gone_is_not_saved_and_not_shown(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    message = await sent(conversation, db, ann)
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM stories")
    for button in ("🔖 Save", "🗞 2 sources"):
        toast = await conversation.press(ann, message, button)
        assert toast == "This story is no longer there."
    assert conversation.shown(message).text == message.text


@pytest.mark.parametrize(
    "data",
    [
        "save:x:1",
        "save:0:1",
        f"save:{2**63}:1",
        "story:1:all",
        "story:-1:more",
        "story:1",
        f"story:{2**63}:sources",
    ],
)
async def test_forged_callback_data_is_answered(
    conversation: Conversation, db: Database, ann: Person, data: str
) -> None:
    message = await sent(conversation, db, ann)
    relabel(message, data)
    assert "out of date" in await conversation.press(ann, message, data)


async def test_a_press_under_an_inaccessible_message_saves(
    conversation: Conversation, bot: Bot, db: Database, ann: Person
) -> None:
    story_id = await publish(db, "Bridge opens")
    press = SaveStory(story_id=story_id, wanted=True)
    await save_story(late_callback(bot, ann.id), press, bot, db, conversation.clock)
    assert await kept(db, ann) == ["Bridge opens"]
    assert not conversation.telegram.calls("editMessageReplyMarkup")


async def test_after_stop_a_press_leads_to_the_private_chat_and_stores_nothing(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    message = await sent(conversation, db, ann)
    async with db.transaction() as tx:
        await subscribers.forget(tx, ChatId(ann.id))
    query_id = conversation.telegram.press(ann, message, "🔖 Save")
    await conversation.settle()
    answer = conversation.telegram.callback_answer(query_id)
    assert answer is not None
    assert str(answer["url"]).endswith("?start=s1")
    assert "out of date" in await conversation.press(ann, message, "🗞 2 sources")
    assert await subscribers.find(db.reader, ChatId(ann.id)) is None


async def test_a_story_is_saved_for_the_person_while_a_channel_is_managed(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    conversation.telegram.channel("Harbour", admins=[ann], username="harbour_news")
    await conversation.settle()
    message = await sent(conversation, db, ann)
    await conversation.say(ann, "/channel @harbour_news")
    await conversation.press(ann, message, "🔖 Save")
    assert await kept(db, ann) == ["Bridge is open"]
    await conversation.press(ann, message, "🗞 2 sources")
    assert conversation.shown(message).text.startswith("Bridge is open\n")


async def test_in_a_group_any_member_saves_for_himself(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    ben = conversation.telegram.person("Ben", language="en")
    eve = conversation.telegram.person("Eve", language="en")
    await conversation.say(ben, "/start")
    group = conversation.telegram.supergroup("Friends", admins=[ann], members=[ben, eve])
    await conversation.say(ann, "/topics war", chat=group)
    await sent(conversation, db, ann)
    message = conversation.last(group)
    assert message is not None
    assert message.buttons == (("🔖 Save", "🗞 2 sources", "📤 Share"),)
    assert "our private chat" in await conversation.press(ben, message, "🔖 Save")
    assert await kept(db, ben) == ["Bridge is open"]
    assert await kept(db, ann) == []
    assert labels(conversation.shown(message)) == labels(message)
    query_id = conversation.telegram.press(eve, message, "🔖 Save")
    await conversation.settle()
    answer = conversation.telegram.callback_answer(query_id)
    assert answer is not None
    assert str(answer["url"]).endswith("?start=s1")


async def test_in_a_group_the_message_of_a_story_is_not_edited(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    group = conversation.telegram.supergroup("Friends", admins=[ann])
    await conversation.say(ann, "/topics war", chat=group)
    await sent(conversation, db, ann)
    message = conversation.last(group)
    assert message is not None
    relabel(message, "story:1:sources")
    assert "out of date" in await conversation.press(ann, message, "story:1:sources")
    assert conversation.shown(message).text == message.text


async def test_in_a_thread_of_a_forum_the_row_is_that_of_a_group(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    forum = conversation.telegram.supergroup("Forum", admins=[ann], is_forum=True)
    await conversation.settle()
    thread = conversation.telegram.topic(ann, forum, "War")
    conversation.telegram.say(ann, "/here war", chat=forum, thread=thread)
    await conversation.settle()
    await sent(conversation, db, ann)
    message = conversation.last(forum)
    assert message is not None
    assert message.body["message_thread_id"] == thread
    assert labels(message) == ["🔖 Save", "🗞 2 sources", "📤 Share"]


async def test_a_channels_post_has_links_alone(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    channel = conversation.telegram.channel("Harbour", admins=[ann], username="harbour_news")
    await conversation.settle()
    async with db.transaction() as tx:
        await subscribers.set_topics(tx, ChatId(channel.id), [WAR], wanted=True)
    await sent(conversation, db, ann)
    post = conversation.last(channel)
    assert post is not None
    assert labels(post) == ["🗞 2 sources", "📤 Share"]
    assert "callback_data" not in str(post.body["reply_markup"])
    assert "?start=s1_sources" in str(post.body["reply_markup"])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_story_of_a_feed_that_only_a_group_reads_is_not_saved_and_says_why(
    conversation: Conversation, db: Database, language: Language
) -> None:
    ann = conversation.telegram.person("Ann", language=language)
    await conversation.say(ann, "/topics war")
    group = conversation.telegram.supergroup("Friends", admins=[ann])
    await conversation.say(ann, "/topics war", chat=group)
    async with db.transaction() as tx:
        for chat in (ann, group):
            await subscribers.set_news_language(tx, ChatId(chat.id), "en", wanted=True)
    await publish(db, "Bridge opens", now=conversation.clock())
    await conversation.settle()
    message = conversation.last(group)
    assert message is not None
    async with db.transaction() as tx:
        await tx.execute("UPDATE feeds SET private = 1")
    toast = await conversation.press(ann, message, labels(message)[0])
    gone = speak(language).plain("This story is no longer there.")
    own = speak(language).plain("This story is from a feed that only its own chat reads.")
    assert (toast, toast != gone) == (own, True)
