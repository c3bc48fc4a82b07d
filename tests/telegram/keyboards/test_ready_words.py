from bot.i18n import speak
from bot.model import LANGUAGES, Word
from bot.ready_words.lists import ready_words
from bot.telegram.keyboards.ready_words import PAGE_SIZE, ChooseReady, mute_page, place_page

PLACES, MUTES = ready_words("place"), ready_words("mute")


def test_every_button_fits_into_what_telegram_takes() -> None:
    for language in LANGUAGES:
        say = speak(language)
        hidden = {each.id: 300 for each in MUTES}
        pages = [place_page(PLACES, (), at, say) for at in range(0, len(PLACES), PAGE_SIZE)]
        for page in (*pages, mute_page(MUTES, (), hidden, say)):
            for row in page.inline_keyboard:
                for button in row:
                    assert 0 < len((button.callback_data or "").encode()) <= 64


def test_a_chosen_list_is_marked_and_its_button_stops_it() -> None:
    say, word = speak("uk"), Word(text="📍 Київ", phrase=PLACES[0].phrase)
    first = place_page(PLACES, [word], 999, say).inline_keyboard[0][0]
    assert first.text == "✅ 📍 Київ"
    assert first.callback_data == ChooseReady(id="kyiv", wanted=False).pack()
    muted = Word(text="🪙 Crypto", phrase=MUTES[4].phrase, muted=True)
    rows = mute_page(MUTES, [muted], dict.fromkeys((each.id for each in MUTES), 2), say)
    assert [row[0].text.startswith("✅") for row in rows.inline_keyboard[:8]].count(True) == 1
