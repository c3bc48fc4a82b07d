from datetime import timedelta

import pytest

from bot.storage.database import Database
from bot.stories.related import terms
from bot_playground.state.chats import Person
from tests.support.builders import SPORT, publish, reading, retell
from tests.support.fakes import NOON
from tests.telegram.conftest import Conversation, labels, relabel


@pytest.fixture
def ann(conversation: Conversation) -> Person:
    return conversation.telegram.person("Ann", language="en")


@pytest.fixture
async def stories(db: Database) -> None:
    await publish(db, "Bridge opens")
    await publish(db, "Goal", made=reading(topic=SPORT))
    await publish(db, "Міст відкрито", made=reading(language="uk"))


async def latest(conversation: Conversation, ann: Person, words: str = "") -> str:
    message = await conversation.say(ann, f"/latest {words}")
    assert message is not None
    return message.text


@pytest.mark.usefixtures("stories")
async def test_latest_lists_the_chosen_topics(conversation: Conversation, ann: Person) -> None:
    await conversation.say(ann, "/topics sport")
    text = await latest(conversation, ann)
    assert "Goal" in text
    assert "Bridge" not in text


@pytest.mark.usefixtures("stories")
async def test_latest_of_a_topic_lists_that_topic(conversation: Conversation, ann: Person) -> None:
    await conversation.say(ann, "/topics sport")
    text = await latest(conversation, ann, "війна")
    assert "Bridge opens" in text
    assert "Goal" not in text


@pytest.mark.usefixtures("stories")
async def test_latest_without_chosen_topics_lists_all_in_the_readers_language(
    conversation: Conversation, ann: Person
) -> None:
    text = await latest(conversation, ann)
    assert "Bridge opens" in text
    assert "Goal" in text
    assert "Міст" not in text


async def test_latest_is_in_the_order_of_the_hours_that_it_shows(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    first = await publish(db, "Bridge opens", published_at=NOON - timedelta(hours=5))
    await publish(db, "Tram stops", published_at=NOON - timedelta(hours=3))
    # Told again since: it is shown by that article, and its hour.
    await retell(db, first, "Bridge is open")
    text = await latest(conversation, ann)
    assert text.index("Bridge is open") < text.index("Tram stops")


@pytest.mark.usefixtures("stories")
async def test_latest_leaves_out_a_topic(conversation: Conversation, ann: Person) -> None:
    for words in ("-спорт", "усе крім спорту", "without sport"):
        text = await latest(conversation, ann, words)
        assert "Bridge opens" in text
        assert "Goal" not in text


async def test_when_there_is_nothing_latest_says_so(
    conversation: Conversation, ann: Person
) -> None:
    assert await latest(conversation, ann) == "Nothing yet. I will write as soon as there is news."


async def test_latest_of_an_unknown_topic_names_the_known_ones(
    conversation: Conversation, ann: Person
) -> None:
    text = await latest(conversation, ann, "cooking")
    assert "I know no topic called “cooking”." in text
    assert "War" in text


async def test_a_list_records_no_delivery(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await conversation.say(ann, "/topics war")
    await publish(db, "Bridge opens")
    await conversation.settle()
    await latest(conversation, ann)
    pushed = [text for text in conversation.texts(ann) if text.startswith("Bridge opens")]
    assert len(pushed) == 1


async def test_a_long_list_is_turned_page_by_page(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    for number in range(10):
        await publish(db, f"Story {number}", made=reading(topic=SPORT))
    page = await conversation.say(ann, "/latest sport")
    assert page is not None
    assert page.text.startswith("🔎 Sport\n")
    assert labels(page) == ["Older ▶️"]
    # What arrives between two presses moves no page.
    for number in range(3):
        await publish(db, f"New {number}", made=reading(topic=SPORT), now=NOON + timedelta(hours=1))
    await conversation.press(ann, page, "Older ▶️")
    older = conversation.shown(page)
    assert "Story 2" in older.text
    assert "Story 3" not in older.text
    assert labels(older) == ["◀️ Newer"]
    await conversation.press(ann, older, "◀️ Newer")
    assert conversation.shown(page).text == page.text


async def test_a_search_finds_word_forms_and_has_pages(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await publish(db, "Goal", made=reading(terms=("goal",)))
    for number in range(8):
        await publish(db, f"Bridge {number}", made=reading(terms=("bridg",)))
    page = await conversation.say(ann, "/search  <Bridges> ")
    assert page is not None
    assert page.text.startswith("🔎 <Bridges>\n")
    assert "Goal" not in page.text
    later = NOON + timedelta(hours=1)
    await publish(db, "Bridge 9", made=reading(terms=("bridg",)), now=later)
    await conversation.press(ann, page, "Older ▶️")
    assert "Bridge 0" in conversation.shown(page).text
    assert "Bridge 1" not in conversation.shown(page).text


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/search", "What should I look for? Try /search bridge"),
        ("/search the", "I found nothing on “the”. Try fewer words, or others."),
        ("/search ferry", "I found nothing on “ferry”. Try fewer words, or others."),
        ("/search " + "long " * 50, "That is too long for a search: a few words will do."),
        ("/top", "Nothing yet. I will write as soon as there is news."),
    ],
)
async def test_a_search_without_results_is_answered(
    conversation: Conversation, ann: Person, said: str, answer: str
) -> None:
    message = await conversation.say(ann, said)
    assert message is not None
    assert message.text == answer


@pytest.mark.usefixtures("stories")
async def test_top_lists_the_chosen_topics(conversation: Conversation, ann: Person) -> None:
    await conversation.say(ann, "/topics sport")
    message = await conversation.say(ann, "/top")
    assert message is not None
    assert message.text.startswith("Most covered since yesterday\n")
    assert "Goal" in message.text
    assert "Bridge" not in message.text


@pytest.mark.usefixtures("stories")
@pytest.mark.parametrize("data", ["page:latest:900", "page:search:0", "page:latest:-1", "page:x:0"])
async def test_a_button_to_a_missing_page_is_answered(
    conversation: Conversation, ann: Person, data: str
) -> None:
    page = await conversation.say(ann, "/latest")
    assert page is not None
    topics = await conversation.say(ann, "/topics")
    assert topics is not None
    relabel(topics, data)
    assert "out of date" in await conversation.press(ann, topics, data)


@pytest.mark.parametrize("nothing_found", [False, True])
async def test_a_search_for_a_form_of_different_words_asks_which_one_is_meant(
    conversation: Conversation, db: Database, nothing_found: bool
) -> None:
    olha = conversation.telegram.person("Olha", language="uk")
    titles = ("Матері вручили орден", "Уряд має план")
    for title in titles[: 1 if nothing_found else 2]:
        await publish(db, title, made=reading(language="uk", terms=terms(title, "")))
    answer = await conversation.say(olha, "/search мати")
    assert answer is not None
    assert "«мати» може бути формою різних слів. Яке з них ви маєте на увазі?" in answer.text
    meant = next(text for text in labels(answer) if "матері" in text)
    await conversation.press(olha, answer, meant)
    assert "Матері вручили орден" in conversation.shown(answer).text
    assert "Уряд має план" not in conversation.shown(answer).text


async def test_a_meant_word_without_stories_gets_a_sentence(
    conversation: Conversation, ann: Person
) -> None:
    answer = await conversation.say(ann, "/search мати")
    assert answer is not None
    await conversation.press(ann, answer, labels(answer)[0])
    assert "I found nothing on" in conversation.shown(answer).text
