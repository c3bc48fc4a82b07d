from bot.i18n import speak
from bot.model import LANGUAGES, LetterId
from bot.telegram.keyboards import admin_broadcast_keyboards as broadcast_keyboards


def test_an_audience_of_nobody_is_not_offered() -> None:
    made = broadcast_keyboards.audiences(
        LetterId(1), {"all": 1200, "uk": 1200, "ru": 0, "channel": 0}, speak("en")
    )
    every = [it.text for row in made.inline_keyboard for it in row]
    assert every == ["All · 1,200", "Українська · 1,200"]


def test_what_a_button_says_fits_into_what_telegram_carries() -> None:
    letter_id = LetterId(10**15)
    for say in map(speak, LANGUAGES):
        keyboards = [
            broadcast_keyboards.audiences(letter_id, {"private": 1}, say),
            broadcast_keyboards.confirm(letter_id, "private", say),
            broadcast_keyboards.running(letter_id, say),
            broadcast_keyboards.writing(letter_id, say),
        ]
        every = [it for made in keyboards for row in made.inline_keyboard for it in row]
        assert all(0 < len((it.callback_data or "").encode()) <= 64 for it in every)
