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
        stop=stop,
        wanted=True,
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
def test_each_feed_has_what_can_be_done_with_it(
    stop: StopReason | None, expected: list[str]
) -> None:
    made = admin.troubled([health(stop)], 7, speak("en"), has_more=False)
    assert [it.text for it in made.inline_keyboard[0]] == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_button_says_fits_into_what_telegram_carries(language: Language) -> None:
    made = admin.troubled([health(None)] * 6, 90_000, speak(language), has_more=True)
    every = [it.callback_data or "" for row in made.inline_keyboard for it in row]
    assert all(0 < len(data.encode()) <= 64 for data in every)


def test_an_audience_of_nobody_is_not_offered() -> None:
    made = admin.audiences(
        LetterId(1), {"all": 1200, "uk": 1200, "ru": 0, "channel": 0}, speak("en")
    )
    every = [it.text for row in made.inline_keyboard for it in row]
    assert every == ["All · 1,200", "Українська · 1,200"]


def test_what_a_button_says_fits_into_what_telegram_carries_broadcast_keyboards() -> None:
    letter_id = LetterId(10**15)
    for say in map(speak, LANGUAGES):
        keyboards = [
            admin.audiences(letter_id, {"private": 1}, say),
            admin.confirm(letter_id, "private", say),
            admin.running(letter_id, say),
            admin.writing(letter_id, say),
        ]
        every = [it for made in keyboards for row in made.inline_keyboard for it in row]
        assert all(0 < len((it.callback_data or "").encode()) <= 64 for it in every)
