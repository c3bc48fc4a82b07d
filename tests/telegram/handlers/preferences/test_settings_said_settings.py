from dataclasses import replace

import pytest

from bot.i18n import speak
from bot.model import (
    LANGUAGES,
    ChatId,
    FeedId,
    Language,
    Quiet,
    Sight,
    Subscriber,
    Timetable,
    Word,
)
from bot.telegram.handlers.preferences.settings_said_settings import overview, ways
from bot.text.phrases import read
from tests.builders import TOPICS, WAR
from tests.fakes import NOON

READER = Subscriber(
    chat_id=ChatId(1),
    kind="private",
    language="en",
    news_languages=frozenset({"en"}),
    topics=frozenset(),
    paused=False,
)


def test_who_has_chosen_nothing_sees_what_that_means() -> None:
    text = overview(READER, TOPICS, speak("en"), off=0, now=NOON)
    assert "🗂 No topics yet" in text
    assert text.endswith("🔔 No words\n📰 Sources: all")


def test_who_has_chosen_much_sees_it_all() -> None:
    phrase = read("bridge")
    assert phrase is not None
    quiet = Quiet(since=23 * 60, until=7 * 60)
    reader = replace(
        READER,
        language="uk",
        news_languages=frozenset({"uk", "en"}),
        topics=frozenset({WAR}),
        timetable=Timetable(when="digest", digest_at=(480,), quiet=quiet, per_day=5),
        words=(Word(said="bridge", phrase=phrase, muted=True),),
        sight=Sight(own=frozenset({FeedId(1), FeedId(2)})),
    )
    assert overview(reader, TOPICS, speak("uk"), off=5, now=NOON).split("\n")[2:] == [
        "💬 Я розмовляю: Українська",
        "🌐 Мова новин: Українська, English",
        "🗂 Теми: Війна",
        "🗞 Одним повідомленням о 08:00",
        "🌙 Тихі години: 23:00–07:00",
        "🔢 Щонайбільше 5 повідомлень на день",
        "🌍 Київ, зараз 14:00",
        "🔔 Слова: стежу за 0, приховую 1",
        "📰 Видання: вимкнено 5, 2 власні",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_page_has_a_button(language: Language) -> None:
    labels = [it.text for row in ways(speak(language)).inline_keyboard for it in row]
    assert len(set(labels)) == 8
