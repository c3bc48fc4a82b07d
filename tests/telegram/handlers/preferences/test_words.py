"""/follow, /mute, /unfollow, /unmute, and the list with its buttons."""

import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, ChatId, Language, Word
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot.telegram.handlers.preferences.word_request import parse_words
from bot.telegram.handlers.preferences.words import (
    MAX_WORDS_OF_KIND,
    added_lines,
    quote_words,
    removed_lines,
)
from bot_playground.state.chats import Chat, ChatMessage, Person
from tests.support.builders import SPORT, TOPICS, WAR, publish, reading
from tests.telegram.conftest import Conversation, labels, relabel

BELOW = ["📍 Places", "🔕 Mute by one tap", "↩️ Back"]


@pytest.fixture
async def ann(conversation: Conversation) -> Person:
    person = conversation.telegram.person("Ann", language="en")
    await conversation.say(person, "/topics science")
    return person


async def answer_to(
    conversation: Conversation, person: Person, text: str, *, chat: Chat | None = None
) -> ChatMessage:
    answer = await conversation.say(person, text, chat=chat)
    assert answer is not None
    return answer


async def stored_words(db: Database, where: Person | Chat) -> dict[str, tuple[bool, str | None]]:
    reader = await subscribers.find(db.reader, ChatId(where.id))
    assert reader is not None
    return {word.text: (word.muted, word.topic) for word in reader.words}


async def news(db: Database, conversation: Conversation, person: Person, title: str) -> str | None:
    """Publish a story about war, and return the message by which it came, if any did."""
    await publish(db, title, made=reading(topic=WAR))
    await conversation.settle()
    message = conversation.last(person)
    return message.text if message and message.text.startswith(title) else None


async def test_a_followed_word_brings_a_story_of_another_topic_and_says_so(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    assert await news(db, conversation, ann, "Ferry leaves") is None
    answer = await answer_to(conversation, ann, "/follow ferries")
    assert answer.text.startswith(
        "🔔 Following: “ferries”\nNo story of the last week has “ferries”.\n\nWords\n"
    )
    text = await news(db, conversation, ann, "Ferry is back")
    assert text is not None
    assert "🔔 because you follow “ferries”" in text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_how_words_are_written_is_said_with_the_first_and_on_request(
    conversation: Conversation, language: Language
) -> None:
    reader = conversation.telegram.person("Ann", language=language)
    first = await answer_to(conversation, reader, "/follow bridge")
    second = await answer_to(conversation, reader, "/follow ferry")
    third = await answer_to(conversation, reader, "/mute tram")
    asked = await answer_to(conversation, reader, "/follow")
    assert ["#" in page.text for page in (first, second, third, asked)] == [
        True, False, False, True,
    ]  # fmt: skip


async def test_a_muted_word_keeps_a_story_of_a_chosen_topic_away(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await conversation.say(ann, "/topics war")
    answer = await answer_to(conversation, ann, "/mute ferry")
    assert answer.text.startswith("🔕 Muted: “ferry”")
    assert await news(db, conversation, ann, "Ferries are late") is None
    assert await news(db, conversation, ann, "Tram is late") is not None


async def test_a_word_muted_after_the_fan_out_still_keeps_the_story_away(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await conversation.say(ann, "/topics war")
    await publish(db, "Ferry leaves")
    conversation.telegram.say(ann, "/mute ferry")
    while await conversation.update_poller.step() or await conversation.inbox.step():
        pass
    await conversation.settle()
    assert not any("Ferry" in text for text in conversation.texts(ann))


async def test_several_are_named_between_commas_and_phrases_in_quotation_marks(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    answer = await answer_to(conversation, ann, "/follow bridge, tram, “new harbour”")
    assert "“new harbour”, “bridge”, “tram”" in answer.text
    assert set(await stored_words(db, ann)) == {"bridge", "tram", "new harbour"}


async def test_a_topic_is_named_by_a_hash_or_tapped(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    answer = await answer_to(conversation, ann, "/mute Usyk #sport")
    assert await stored_words(db, ann) == {"Usyk": (True, SPORT)}
    await conversation.press(ann, answer, "🔕 Usyk · Sport")
    page = conversation.shown(answer)
    assert {"✅ 🔕 Mute", "✅ ⚽ Sport", "In all topics"} <= set(labels(page))
    await conversation.press(ann, page, "In all topics")
    await conversation.press(ann, conversation.shown(answer), "🔔 Follow")
    assert await stored_words(db, ann) == {"Usyk": (False, None)}
    await conversation.press(ann, conversation.shown(answer), "↩️ Back")
    assert "🔔 Usyk" in labels(conversation.shown(answer))


async def test_a_hashtag_that_is_no_topic_is_read_as_the_word(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await answer_to(conversation, ann, "/follow #біткоїн, #нова_пошта")
    await answer_to(conversation, ann, "/mute #ferry #sport")
    assert await stored_words(db, ann) == {
        "біткоїн": (False, None),
        "нова пошта": (False, None),
        "ferry": (True, SPORT),
    }


async def test_it_is_deleted_by_its_button_or_by_name_in_any_form(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    answer = await answer_to(conversation, ann, "/follow bridge, trams")
    assert await conversation.press(ann, answer, "🗑") == "➖ bridge"
    assert await stored_words(db, ann) == {"trams": (False, None)}
    gone = await answer_to(conversation, ann, "/unfollow tram, ferry")
    assert gone.text.startswith("➖ Removed: “tram”\nNot on your list: “ferry”")
    assert await stored_words(db, ann) == {}
    assert (
        await conversation.press(ann, answer, "🗑") == "➖ trams"
        or labels(conversation.shown(answer)) == BELOW
    )


async def test_unmute_leaves_what_is_followed(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await conversation.say(ann, "/follow bridge")
    await conversation.say(ann, "/mute tram")
    answer = await answer_to(conversation, ann, "/unmute bridge tram")
    assert answer.text.startswith("Not on your list: “bridge tram”")
    answer = await answer_to(conversation, ann, "/unmute bridge, tram")
    assert answer.text.startswith("➖ Removed: “tram”\nNot on your list: “bridge”")
    assert await stored_words(db, ann) == {"bridge": (False, None)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/follow the", "“the” does not work: use one to 6 words, at most 60 letters."),
        ("/mute " + "x" * 300, "x… ” does not work"),
        ("/follow a b c d e f g", "“a b c d e f g” does not work"),
        ("/follow tram #gibberish", "I know no topic called “gibberish”. The topics are: War,"),
        ("/mute tram #sport #war", "Nothing is changed: write a word, and one topic at the most."),
        ("/mute #sport", "Nothing is changed: write a word, and one topic at the most."),
        ("/follow", "Words\n\n🔔 Stories with a word you follow"),
        ("/mute ,", "Words\n\n🔔 Stories with a word you follow"),
    ],
)
async def test_invalid_words_get_a_sentence_above_the_list(
    conversation: Conversation, db: Database, ann: Person, text: str, words: str
) -> None:
    answer = await answer_to(conversation, ann, text)
    assert words.replace("… ”", "…”") in answer.text
    assert "Write /follow Zelensky" in answer.text
    assert await stored_words(db, ann) == {}


async def test_a_hundred_words_of_a_kind_are_the_limit(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    for many in (range(50), range(50, MAX_WORDS_OF_KIND + 1)):
        named = ", ".join(f"word{number}" for number in many)
        conversation.telegram.say(ann, f"/follow {named}")
    await conversation.settle()
    answer = conversation.last(ann)
    assert answer is not None
    assert "You've reached the limit of 100 followed words. Delete one first." in answer.text
    assert len(await stored_words(db, ann)) == MAX_WORDS_OF_KIND
    muted = await answer_to(conversation, ann, "/mute zebra")
    assert muted.text.startswith("🔕 Muted: “zebra”")
    # One that is followed already is no new one.
    again = await answer_to(conversation, ann, "/follow Word7 #sport")
    assert again.text.startswith("🔔 Following: “Word7” · Sport")
    muted = await answer_to(conversation, ann, "/mute zebra")
    for _ in range(12):
        await conversation.press(ann, conversation.shown(muted), "▶️")
    await conversation.press(ann, conversation.shown(muted), "◀️")
    await conversation.press(ann, conversation.shown(muted), "▶️")
    await conversation.press(ann, conversation.shown(muted), "🔕 zebra")
    toast = await conversation.press(ann, conversation.shown(muted), "🔔 Follow")
    assert toast == "You've reached the limit of 100 followed words. Delete one first."


async def test_the_list_is_turned_by_buttons(conversation: Conversation, ann: Person) -> None:
    many = ", ".join(f"word{number:02}" for number in range(10))
    answer = await answer_to(conversation, ann, f"/follow {many}")
    assert labels(answer)[::2][:8] == [f"🔔 word{number:02}" for number in range(8)]
    await conversation.press(ann, answer, "▶️")
    page = conversation.shown(answer)
    assert labels(page) == ["🔔 word08", "🗑", "🔔 word09", "🗑", "◀️", *BELOW]
    for _ in range(2):
        await conversation.press(ann, conversation.shown(answer), "🗑")
    assert "🔔 word00" in labels(conversation.shown(answer))


@pytest.mark.parametrize("data", ["word:99", "reword:99:1:", "reword:1:1:gibberish", "unword:99:0"])
async def test_a_press_on_a_removed_word_is_answered(
    conversation: Conversation, ann: Person, data: str
) -> None:
    answer = await answer_to(conversation, ann, "/follow tram")
    relabel(answer, data)
    await conversation.press(ann, answer, labels(answer)[0])
    await conversation.say(ann, "/stop")
    await conversation.press(ann, conversation.last(ann) or answer, "🗑 Delete everything")
    toast = await conversation.press(ann, answer, labels(answer)[0])
    assert toast.startswith("These buttons are out of date.")


@pytest.mark.parametrize(
    ("language", "command", "title", "because"),
    [
        ("uk", "/follow Зеленський", "Промову Зеленського перенесли", "за вашим словом «Зелен"),
        ("ru", "/follow Зеленский", "Речь Зеленского перенесли", "по вашему слову «"),
        ("uk", "/follow Олександр Усик", "Александр Усик победил", "за вашим словом «Олек"),
    ],
)
async def test_words_work_in_every_language(
    conversation: Conversation,
    db: Database,
    language: Language,
    command: str,
    title: str,
    because: str,
) -> None:
    reader = conversation.telegram.person("Оля", language=language)
    await conversation.say(reader, command)
    await publish(db, title, made=reading(language=language, topic=WAR))
    await conversation.settle()
    assert because in (await answer_to(conversation, reader, "/latest")).text or any(
        because in text for text in conversation.texts(reader)
    )


async def test_in_a_group_admins_choose_words_and_a_stranger_gets_no_answer(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    bob = conversation.telegram.person("Bob", language="en")
    group = conversation.telegram.group("Town", admins=[ann], members=[bob])
    await conversation.settle()
    before = len(conversation.texts(group))
    await conversation.say(bob, "/follow bridge", chat=group)
    assert len(conversation.texts(group)) == before
    await conversation.say(ann, "/follow ferry", chat=group)
    assert set(await stored_words(db, group)) == {"ferry"}
    assert await stored_words(db, ann) == {}


async def test_a_channel_follows_words_that_its_admin_names_in_private(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    channel = conversation.telegram.channel("Harbour", admins=[ann], username="harbour_news")
    await conversation.settle()
    await conversation.say(ann, "/channel @harbour_news")
    answer = await answer_to(conversation, ann, "/follow ferry")
    assert answer.text.startswith("📢 @harbour_news\n\n🔔 Following: “ferry”")
    assert set(await stored_words(db, channel)) == {"ferry"}
    await publish(db, "Ferry leaves", made=reading(topic=WAR))
    await conversation.settle()
    assert "🔔 because you follow “ferry”" in conversation.texts(channel)[-1]


def test_words_are_equal_whatever_their_ids() -> None:
    assert Word.__dataclass_fields__["id"].compare is False


def test_many_words_are_quoted_cut() -> None:
    request = parse_words(
        ", ".join(f"word{number}" for number in range(MAX_WORDS_OF_KIND)), TOPICS, muted=False
    )
    say = speak("en")
    assert len(quote_words(request.words, say)) < 120
    assert (
        len(
            "".join(
                [
                    *added_lines(request.words, TOPICS, say),
                    *removed_lines(request.words, request.words, say),
                ]
            )
        )
        < 500
    )
    assert list(added_lines((), TOPICS, say)) == []
