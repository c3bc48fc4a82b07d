"""What a chat is asked and shown when it follows or mutes a word."""

import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, Language
from bot.storage.database import Database
from bot.stories.related import terms
from bot.telegram.handlers.preferences.word_check import MIN_HEADLINES
from bot.text.stemming import stem, words
from bot_playground.state.chats import ChatMessage, Person
from tests.support.builders import SPORT, WAR, publish, reading, retell
from tests.telegram.conftest import Conversation, labels


@pytest.fixture
async def ann(conversation: Conversation) -> Person:
    person = conversation.telegram.person("Ann", language="en")
    await conversation.say(person, "/topics science")
    return person


def shown(conversation: Conversation, person: Person) -> ChatMessage:
    message = conversation.last(person)
    assert message is not None
    return message


def stored_words(message: ChatMessage) -> list[str]:
    of_page = {speak(language).plain("🔕 Mute by one tap") for language in LANGUAGES}
    signed = (text for text in labels(message) if text.startswith(("🔔", "🔕")))
    return [text for text in signed if text not in of_page]


async def test_the_last_three_headlines_of_a_followed_word_are_shown(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    for number in range(5):
        title = f"Ferry {number} leaves"
        await publish(db, title, made=reading(terms=terms(title, "")))
    answer = await conversation.say(ann, "/follow ferries")
    assert answer is not None
    assert "Last week's stories with “ferries”:\n• Ferry 4 leaves\n• Ferry 3" in answer.text
    assert "Ferry 1" not in answer.text


@pytest.mark.parametrize("command", ["follow", "mute"])
async def test_a_story_has_the_word_of_any_article_that_tells_it(
    conversation: Conversation, db: Database, ann: Person, command: str
) -> None:
    title = "Ferries strike ends"
    story_id = await publish(db, title, made=reading(terms=terms(title, "")))
    await retell(db, story_id, "Crews return")
    answer = await conversation.say(ann, f"/{command} ferries")
    assert answer is not None
    assert "Last week's stories with “ferries”:\n• Crews return" in answer.text


async def test_of_a_word_in_one_topic_only_the_stories_of_that_topic_are_shown(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    for title, topic in (("Ferry race", SPORT), ("Ferry sinks", WAR)):
        await publish(db, title, made=reading(topic=topic, terms=terms(title, "")))
    answer = await conversation.say(ann, "/mute ferries #sport")
    assert answer is not None
    assert answer.text.startswith("🔕 Muted: “ferries” · Sport\n")
    assert "• Ferry race" in answer.text
    assert "Ferry sinks" not in answer.text


async def test_a_word_without_headlines_is_followed_and_says_so(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await publish(db, "Election ends")
    answer = await conversation.say(ann, "/follow lighthouse")
    assert answer is not None
    assert "No story of the last week has “lighthouse”." in answer.text
    assert "🔔 lighthouse" in labels(answer)


SLIPS = [
    ("en", "elecion", "election", "Did you mean “election”?"),
    ("uk", "презедент", "президент", "Можливо, ви мали на увазі «президент»?"),
    ("ru", "наваднение", "наводнение", "Возможно, вы имели в виду «наводнение»?"),
]


@pytest.mark.parametrize("command", ["follow", "mute"])
@pytest.mark.parametrize("chosen", ["meant", "typed"])
@pytest.mark.parametrize(("language", "typed", "meant", "question"), SLIPS)
async def test_of_a_slip_and_the_word_that_may_be_meant_only_the_chosen_one_is_stored(
    conversation: Conversation,
    db: Database,
    language: Language,
    typed: str,
    meant: str,
    question: str,
    chosen: str,
    command: str,
) -> None:
    person = conversation.telegram.person("Ann", language=language)
    await conversation.say(person, "/topics")
    await publish(db, f"{meant} 2026", made=reading(language=language))
    answer = await conversation.say(person, f"/{command} {typed}")
    assert answer is not None
    assert question in answer.text
    assert stored_words(answer) == []
    word = meant if chosen == "meant" else typed
    caption = f"“{word}”" if language == "en" else f"«{word}»"
    await conversation.press(person, answer, caption)
    sign = "🔔" if command == "follow" else "🔕"
    assert stored_words(shown(conversation, person)) == [f"{sign} {word}"]


READINGS = [
    ("en", "мати", "“мати” may be a form of different words.", "матері"),
    ("uk", "мати", "«мати» може бути формою різних слів.", "матері"),
    ("ru", "банка", "«банка» может быть формой разных слов.", "банку"),
]


@pytest.mark.parametrize(("language", "typed", "question", "form"), READINGS)
async def test_a_form_of_different_words_is_stored_as_the_one_that_is_chosen(
    conversation: Conversation, language: Language, typed: str, question: str, form: str
) -> None:
    person = conversation.telegram.person("Ann", language=language)
    answer = await conversation.say(person, f"/follow {typed}")
    assert answer is not None
    assert question in answer.text
    assert stored_words(answer) == []
    (caption,) = (text for text in labels(answer) if stem(form) in map(stem, words(text)[1:]))
    await conversation.press(person, answer, caption)
    (word,) = stored_words(shown(conversation, person))
    assert [stem(each) for each in words(word)] == [stem(form)]


FREQUENT = [
    ("en", "ferry", "Ferry {} leaves", "Tram {} stops", "Yes, “ferry”"),
    ("uk", "порт", "Порту {} бракує суден", "Трамвай {} зупинився", "Так, «порт»"),
    ("ru", "мост", "Моста {} больше нет", "Трамвай {} остановился", "Да, «мост»"),
]


@pytest.mark.parametrize(("language", "typed", "title", "other", "yes"), FREQUENT)
async def test_a_word_of_more_than_a_twentieth_of_the_headlines_is_asked_about(
    conversation: Conversation,
    db: Database,
    language: Language,
    typed: str,
    title: str,
    other: str,
    yes: str,
) -> None:
    person = conversation.telegram.person("Ann", language=language)
    await conversation.say(person, "/topics")
    for number in range(MIN_HEADLINES):
        headline = title if number % 10 == 0 else other
        await publish(db, headline.format(number), made=reading(language=language))
    answer = await conversation.say(person, f"/mute {typed}")
    assert answer is not None
    assert "10 %" in answer.text
    assert stored_words(answer) == []
    await conversation.press(person, answer, yes)
    assert stored_words(shown(conversation, person)) == [f"🔕 {typed}"]


async def test_a_name_that_is_more_than_its_letters_is_refused(
    conversation: Conversation, ann: Person
) -> None:
    for typed in ("C#", "C++", "№1", "x", "7"):
        answer = await conversation.say(ann, f"/follow {typed}")
        assert answer is not None
        assert f"I cannot look for “{typed}”" in answer.text
