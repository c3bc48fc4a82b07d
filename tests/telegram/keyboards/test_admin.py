from datetime import timedelta

import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, FeedHealth, FeedId, Language, LetterId, StopReason
from bot.telegram.keyboards import admin
from tests.support.fakes import NOON


def health(stop: StopReason | None) -> FeedHealth:
    return FeedHealth(
        id=FeedId(10**15),
        url="https://courier.example/rss",
        moved_to=None,
        source="The Harbour Courier",
        failures=1,
        due_at=NOON + timedelta(hours=1),
        read_at=None,
        problem="HTTP 503",
        stop_reason=stop,
        has_readers=True,
        polls=(),
    )


@pytest.mark.parametrize(
    ("stop", "expected"),
    [
        (None, ["8. 🔄 Poll now", "8. ⏹ Switch off"]),
        ("gone", ["8. 🔄 Poll now", "8. ⏹ Switch off"]),
        ("merged", ["8. ⏹ Switch off"]),
        ("disabled", ["8. ▶️ Switch on"]),
    ],
)
def test_each_feed_has_the_actions_that_its_state_allows(
    stop: StopReason | None, expected: list[str]
) -> None:
    keyboard = admin.troubled([health(stop)], 7, speak("en"), has_more=False)
    assert [button.text for button in keyboard.inline_keyboard[0]] == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_callback_data_of_feeds_keeps_to_telegrams_limit_of_64_bytes(language: Language) -> None:
    keyboard = admin.troubled([health(None)] * 6, 90_000, speak(language), has_more=True)
    every = [button.callback_data or "" for row in keyboard.inline_keyboard for button in row]
    assert all(0 < len(data.encode()) <= 64 for data in every)


def test_an_empty_audience_is_not_offered() -> None:
    keyboard = admin.audiences(
        LetterId(1), {"all": 1200, "uk": 1200, "ru": 0, "channel": 0}, speak("en")
    )
    every = [button.text for row in keyboard.inline_keyboard for button in row]
    assert every == ["All · 1,200", "Українська · 1,200"]


def test_callback_data_of_broadcasts_keeps_to_telegrams_limit_of_64_bytes() -> None:
    letter_id = LetterId(10**15)
    for say in map(speak, LANGUAGES):
        keyboards = [
            admin.audiences(letter_id, {"private": 1}, say),
            admin.confirm(letter_id, "private", say),
            admin.running(letter_id, say),
            admin.broadcast_help(letter_id, say),
        ]
        every = [
            button for keyboard in keyboards for row in keyboard.inline_keyboard for button in row
        ]
        assert all(0 < len((button.callback_data or "").encode()) <= 64 for button in every)
