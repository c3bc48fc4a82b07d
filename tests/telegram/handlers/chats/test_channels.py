"""/channel: commands and buttons in the private chat change the settings of a managed channel."""

import pytest

from bot.model import ChatId, Subscriber
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot_playground.state.chats import Chat, ChatMessage, Person
from tests.support.builders import SPORT, WAR, publish, reading
from tests.telegram.conftest import Conversation, labels, relabel

HEADING = "📢 @harbour_news\n\n"


@pytest.fixture
async def ann(conversation: Conversation) -> Person:
    person = conversation.telegram.person("Ann", language="en")
    await conversation.say(person, "/topics sport")
    return person


@pytest.fixture
async def news(conversation: Conversation, ann: Person) -> Chat:
    made = conversation.telegram.channel("Harbour", admins=[ann], username="harbour_news")
    await conversation.settle()
    return made


@pytest.fixture
async def managed(conversation: Conversation, ann: Person, news: Chat) -> Chat:
    answer = await answer_to(conversation, ann, "/channel @harbour_news")
    assert answer.text.startswith(f"{HEADING}From now on everything you write and tap here")
    return news


async def answer_to(conversation: Conversation, person: Person, text: str) -> ChatMessage:
    answer = await conversation.say(person, text)
    assert answer is not None
    return answer


async def known(db: Database, chat: Chat | Person) -> Subscriber:
    found = await subscribers.find(db.reader, ChatId(chat.id))
    assert found is not None
    return found


async def test_a_promotion_subscribes_the_channel_and_notifies_the_admin_alone(
    conversation: Conversation, db: Database, ann: Person, news: Chat
) -> None:
    offer = conversation.last(ann)
    assert offer is not None
    assert offer.text == "I can post in @harbour_news now. What should it post?"
    assert labels(offer) == ["🗂 Choose its news"]
    assert conversation.texts(news) == []
    channel = await known(db, news)
    assert (channel.kind, channel.topics, channel.language) == ("channel", frozenset(), "en")
    conversation.telegram.channel("Cats & Co", admins=[ann])
    await conversation.settle()
    assert conversation.texts(ann)[-1].startswith("I can post in Cats & Co now.")


async def test_one_press_leads_from_there_to_the_channels_topics(
    conversation: Conversation, db: Database, ann: Person, news: Chat
) -> None:
    offer = conversation.last(ann)
    assert offer is not None
    await conversation.press(ann, offer, "🗂 Choose its news")
    page = conversation.shown(offer)
    assert page.text.startswith(f"{HEADING}From now on everything you write and tap here")
    await conversation.press(ann, page, "🪖 War")
    assert (await known(db, news)).topics == {WAR}
    assert (await known(db, ann)).topics == {SPORT}


async def test_a_press_leads_from_one_channel_to_the_next(
    conversation: Conversation, db: Database, ann: Person, managed: Chat
) -> None:
    cats = conversation.telegram.channel("Cats & Co", admins=[ann])
    await conversation.settle()
    offer = conversation.last(ann)
    assert offer is not None
    await conversation.press(ann, offer, "🗂 Choose its news")
    await answer_to(conversation, ann, "/topics war")
    assert (await known(db, cats)).topics == {WAR}
    assert (await known(db, managed)).topics == frozenset()


async def test_a_press_for_a_channel_where_the_bot_may_post_no_more_can_be_repeated_later(
    conversation: Conversation, ann: Person, news: Chat
) -> None:
    offer = conversation.last(ann)
    assert offer is not None
    conversation.telegram.set_bot_status(news, "administrator", is_muted=True)
    await conversation.press(ann, offer, "🗂 Choose its news")
    refused = conversation.shown(offer)
    assert refused.text.startswith("I can't post in @harbour_news yet.")
    conversation.telegram.set_bot_status(news, "administrator")
    await conversation.press(ann, refused, "🗂 Choose its news")
    assert conversation.shown(offer).text.startswith(HEADING)


async def test_a_press_for_an_unknown_channel_is_answered(
    conversation: Conversation, ann: Person, news: Chat
) -> None:
    offer = conversation.last(ann)
    assert offer is not None
    conversation.telegram.set_bot_status(news, "kicked")
    assert "out of date" in await conversation.press(ann, offer, "🗂 Choose its news")
    relabel(offer, "manage:-1009999")
    assert "out of date" in await conversation.press(ann, offer, "manage:-1009999")


async def test_a_press_cannot_manage_a_channel_of_others(
    conversation: Conversation, db: Database, ann: Person, news: Chat
) -> None:
    bob = conversation.telegram.person("Bob", language="en")
    page = await answer_to(conversation, bob, "/topics")
    relabel(page, f"manage:{news.id}")
    await conversation.press(bob, page, f"manage:{news.id}")
    assert conversation.shown(page).text.startswith("Only admins of @harbour_news can manage it.")
    await answer_to(conversation, bob, "/topics war")
    assert (await known(db, news)).topics == frozenset()


async def test_an_admin_is_notified_again_when_the_bot_may_post_again(
    conversation: Conversation, ann: Person, news: Chat
) -> None:
    count = len(conversation.texts(ann))
    conversation.telegram.set_bot_status(news, "administrator", is_muted=True)
    await conversation.settle()
    assert len(conversation.texts(ann)) == count
    conversation.telegram.set_bot_status(news, "administrator")
    await conversation.settle()
    assert len(conversation.texts(ann)) == count + 1


async def test_an_admin_who_never_started_the_bot_is_not_notified(
    conversation: Conversation, db: Database
) -> None:
    bob = conversation.telegram.person("Bob")
    news = conversation.telegram.channel("Harbour", admins=[bob])
    await conversation.settle()
    assert (await known(db, news)).kind == "channel"
    rows = await db.reader.execute_fetchall("SELECT 1 FROM updates WHERE problem IS NOT NULL")
    assert list(rows) == []


@pytest.mark.parametrize(
    "address", ["@harbour_news", "harbour_news", "t.me/harbour_news", "https://t.me/Harbour_News/"]
)
async def test_a_channel_is_named_as_people_name_it(
    conversation: Conversation, ann: Person, news: Chat, address: str
) -> None:
    answer = await answer_to(conversation, ann, f"/channel {address}")
    assert answer.text.startswith(HEADING)


async def test_a_private_channel_is_named_by_a_post_of_it(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    secret = conversation.telegram.channel("Cats &\nCo", admins=[ann])
    post = conversation.telegram.say(ann, "/topics war", chat=secret)
    await conversation.settle()
    conversation.telegram.forward(ann, post)
    await conversation.settle()
    assert conversation.texts(ann)[-1].startswith("📢 Cats & Co\n\nFrom now on")
    await answer_to(conversation, ann, "/topics sport")
    assert (await known(db, secret)).topics == {WAR, SPORT}


async def test_a_long_title_is_cut(conversation: Conversation, ann: Person) -> None:
    long = conversation.telegram.channel("Cats " * 20, admins=[ann])
    conversation.telegram.forward(ann, conversation.telegram.say(ann, "Meow", chat=long))
    await conversation.settle()
    page = await answer_to(conversation, ann, "/topics")
    assert page.text.startswith(f"📢 {('Cats ' * 12).strip()}…\n\n")
    await conversation.press(ann, page, "🪖 War")
    assert "Your topics: War." in conversation.shown(page).text


async def test_commands_and_buttons_are_about_the_channel_and_its_news_goes_there(
    conversation: Conversation, db: Database, ann: Person, managed: Chat
) -> None:
    page = await answer_to(conversation, ann, "/topics")
    assert page.text.startswith(f"{HEADING}Which topics")
    await conversation.press(ann, page, "🪖 War")
    shown = conversation.shown(page)
    assert shown.text == f"{HEADING}Your topics: War."
    assert "✅ War" in labels(shown)
    await publish(db, "Bridge opens")
    await conversation.press(ann, shown, "📰 Show me the news")
    assert conversation.texts(managed)[-1].startswith("Bridge opens")
    assert not any("Bridge opens" in text for text in conversation.texts(ann))
    assert (await known(db, managed)).topics == {WAR}
    assert (await known(db, ann)).topics == {SPORT}


@pytest.mark.parametrize(
    "command",
    [
        *["/start", "/help", "/topics war", "/latest", "/search bridge", "/search", "/top"],
        *["/language", "/when 8:00", "/pause", "/resume", "/privacy", "/stop"],
        *["/channel", "/channel @nobody_here", "/here"],
    ],
)
async def test_each_answer_names_the_channel_in_its_first_line(
    conversation: Conversation, db: Database, ann: Person, managed: Chat, command: str
) -> None:
    await publish(db, "Bridge opens")
    assert (await answer_to(conversation, ann, command)).text.startswith(HEADING)


async def test_times_pauses_and_languages_belong_to_the_managed_channel(
    conversation: Conversation, db: Database, ann: Person, managed: Chat
) -> None:
    await answer_to(conversation, ann, "/when 8:00")
    await answer_to(conversation, ann, "/pause")
    page = await answer_to(conversation, ann, "/language")
    await conversation.press(ann, page, "speak:ru")
    channel, own = await known(db, managed), await known(db, ann)
    assert (channel.timetable.when, channel.paused, channel.language) == ("digest", True, "ru")
    assert (own.timetable.when, own.paused, own.language) == ("at once", False, "en")
    assert conversation.shown(page).text.startswith(HEADING)


async def test_the_pages_of_a_search_are_turned_under_the_channels_name(
    conversation: Conversation, db: Database, ann: Person, managed: Chat
) -> None:
    for number in range(9):
        await publish(db, f"Bridge {number}", made=reading(terms=("bridg",)))
    page = await answer_to(conversation, ann, "/search bridge")
    assert page.text.startswith(f"{HEADING}🔎 bridge\n")
    await conversation.press(ann, page, "Older ▶️")
    assert conversation.shown(page).text.startswith(f"{HEADING}🔎 bridge\n")
    assert "Bridge 0" in conversation.shown(page).text


async def test_stop_deletes_the_data_of_the_managed_channel_and_not_of_the_person(
    conversation: Conversation, db: Database, ann: Person, managed: Chat
) -> None:
    page = await answer_to(conversation, ann, "/stop")
    await conversation.press(ann, page, "🗑 Delete everything")
    assert conversation.shown(page).text.startswith("Everything about @harbour_news is")
    assert await subscribers.find(db.reader, ChatId(managed.id)) is None
    assert (await known(db, ann)).topics == {SPORT}
    assert not (await answer_to(conversation, ann, "/start")).text.startswith(HEADING)


@pytest.mark.parametrize("by_button", [True, False])
async def test_managing_ends_when_asked_to(
    conversation: Conversation, db: Database, ann: Person, managed: Chat, by_button: bool
) -> None:
    if by_button:
        page = await answer_to(conversation, ann, "/channel")
        await conversation.press(ann, page, "↩️ Back to this chat")
        text = conversation.shown(page).text
    else:
        text = (await answer_to(conversation, ann, "/channel off")).text
    assert text == "Back to this chat's own settings."
    answer = await answer_to(conversation, ann, "/topics war")
    assert answer.text.endswith("Your topics: War, Sport.")
    assert (await known(db, managed)).topics == frozenset()


@pytest.mark.parametrize("kicked", [True, False])
async def test_a_command_of_a_former_admin_changes_neither_channel_nor_chat(
    conversation: Conversation, db: Database, ann: Person, managed: Chat, kicked: bool
) -> None:
    page = await answer_to(conversation, ann, "/topics")
    again = await answer_to(conversation, ann, "/topics")
    if kicked:
        conversation.telegram.set_bot_status(managed, "kicked")
    else:
        managed.member_statuses[ann.id] = "member"
    answer = await answer_to(conversation, ann, "/topics war")
    assert answer.text.startswith("You no longer seem to be an admin of @harbour_news")
    assert (await known(db, ann)).topics == {SPORT}
    assert (await known(db, managed)).topics == frozenset()
    for old in (page, again):
        assert "out of date" in await conversation.press(ann, old, "🪖 War")
    assert (await known(db, ann)).topics == {SPORT}


async def test_a_press_of_a_former_admin_changes_nothing(
    conversation: Conversation, db: Database, ann: Person, managed: Chat
) -> None:
    page = await answer_to(conversation, ann, "/topics")
    managed.member_statuses[ann.id] = "left"
    toast = await conversation.press(ann, page, "🪖 War")
    assert toast.startswith("You no longer seem to be an admin of @harbour_news")
    assert (await known(db, managed)).topics == frozenset()
    assert (await known(db, ann)).topics == {SPORT}


async def test_a_keyboard_of_the_chat_itself_does_nothing_to_the_channel(
    conversation: Conversation, db: Database, ann: Person, news: Chat
) -> None:
    own = await answer_to(conversation, ann, "/topics")
    await answer_to(conversation, ann, "/channel @harbour_news")
    assert "out of date" in await conversation.press(ann, own, "🪖 War")
    assert (await known(db, news)).topics == frozenset()
    assert (await known(db, ann)).topics == {SPORT}


async def test_a_press_under_an_inaccessible_message_changes_no_channel(
    conversation: Conversation, db: Database, ann: Person, managed: Chat
) -> None:
    page = await answer_to(conversation, ann, "/topics")
    conversation.telegram.press(ann, page, "🪖 War")
    query = conversation.telegram.world.updates.pending[-1]["callback_query"]
    assert isinstance(query, dict)
    query["message"] = {"chat": page.body["chat"], "message_id": page.id, "date": 0}
    await conversation.settle()
    assert (await known(db, managed)).topics == frozenset()


async def test_a_name_that_is_no_channels_is_answered_with_what_to_do(
    conversation: Conversation, ann: Person, news: Chat
) -> None:
    for name in ("@nobody_here", "two words", "<b>", "@x"):
        answer = await answer_to(conversation, ann, f"/channel {name}")
        assert answer.text.startswith(f"I can't find a channel called “{name}”.")
    answer = await answer_to(conversation, ann, "/channel")
    assert answer.text.startswith("You can manage a channel")
    assert labels(answer) == ["➕ Add me to a channel"]


async def test_a_group_cannot_be_managed_as_a_channel(
    conversation: Conversation, ann: Person
) -> None:
    group = conversation.telegram.supergroup("Friends", admins=[ann])
    group.username = "harbour_friends"
    answer = await answer_to(conversation, ann, "/channel @harbour_friends")
    assert answer.text.startswith("@harbour_friends is not a channel.")


@pytest.mark.parametrize(
    ("standing", "is_muted"),
    [("left", False), ("kicked", False), ("member", False), ("administrator", True)],
)
async def test_where_the_bot_may_not_post_it_says_what_to_do(
    conversation: Conversation, ann: Person, news: Chat, standing: str, is_muted: bool
) -> None:
    conversation.telegram.set_bot_status(news, standing, is_muted=is_muted)  # type: ignore[arg-type]
    answer = await answer_to(conversation, ann, "/channel @harbour_news")
    assert answer.text.startswith("I can't post in @harbour_news yet. Make me an admin there")


async def test_only_a_channels_own_admins_manage_it(
    conversation: Conversation, db: Database, news: Chat
) -> None:
    bob = conversation.telegram.person("Bob", language="en")
    answer = await answer_to(conversation, bob, "/channel @harbour_news")
    assert answer.text.startswith("Only admins of @harbour_news can manage it.")
    answer = await answer_to(conversation, bob, "/topics war")
    assert "\n\nYour topics: War.\n\n" in answer.text
    assert (await known(db, news)).topics == frozenset()


async def test_elsewhere_the_command_points_to_the_private_chat(
    conversation: Conversation, ann: Person
) -> None:
    group = conversation.telegram.group("Friends", admins=[ann])
    answer = await conversation.say(ann, "/channel @harbour_news", chat=group)
    assert answer is not None
    assert answer.text == "Write that to me in our private chat."
