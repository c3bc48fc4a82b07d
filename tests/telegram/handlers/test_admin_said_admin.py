from dataclasses import replace
from datetime import timedelta

from bot.i18n import speak
from bot.model import Levels
from bot.storage.statistics import Audience, Lately
from bot.telegram.handlers import admin_said_admin as said_admin
from tests.builders import TOPICS
from tests.fakes import NOON
from tests.telegram.keyboards.test_admin import health

NOBODY = Audience(by_kind={}, by_topic={}, by_language={}, paused=0, gone=0)
NOTHING = Levels(
    articles=0,
    unread=0,
    stories=0,
    deliveries=0,
    owed=0,
    owed_since=None,
    due_since=None,
    updates=0,
    subscribers={},
    feeds={"fine": 60, "failing": 3, "stopped": 1},
)
FINE = Lately(sent=0, lost=0, possible_repeats=0)


def test_an_empty_bot_has_numbers_too() -> None:
    text = said_admin.numbers(NOBODY, NOTHING, FINE, TOPICS, speak("en"), now=NOON)
    assert "Subscribers: 0\n" in text
    assert "Topics: —\n" in text
    assert "60 fine, 3 failing, 1 stopped" in text
    assert "late by 0 seconds" in text


def test_lateness_is_that_of_the_chat_that_waits_for_the_longest() -> None:
    late = replace(NOTHING, owed=12, due_since=NOON - timedelta(minutes=20))
    text = said_admin.numbers(NOBODY, late, FINE, TOPICS, speak("uk"), now=NOON)
    assert "запізнення: 20 хвилин" in text


def test_large_figures_are_written_as_the_language_does() -> None:
    assert said_admin.figure(12_345, speak("en")) == "12,345"
    assert said_admin.figure(12_345, speak("uk")) == "12\xa0345"


def test_a_topic_that_was_taken_out_of_the_list_is_named_by_its_slug() -> None:
    audience = replace(NOBODY, by_topic={"war": 2, "chess": 1})
    text = said_admin.numbers(audience, NOTHING, FINE, TOPICS, speak("en"), now=NOON)
    assert "War 2, chess 1" in text


def test_what_a_feed_and_its_server_say_cannot_break_the_message() -> None:
    bad = replace(health(None), source="<b>", url='https://x.example/?"<')
    text = said_admin.troubled(
        [bad], lambda *_: "<" * 5000, speak("en"), skipped=6, count=7, now=NOON
    )
    assert '7. <a href="https://x.example/?&quot;&lt;">&lt;b&gt;</a> — &lt;' in text
    assert len(text) < 1000
