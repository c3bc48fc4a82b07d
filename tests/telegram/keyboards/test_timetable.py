from typing import get_args

import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, Language, Quiet, Timetable
from bot.telegram.keyboards.timetable import Page, keyboard, limit_text

BUSY = Timetable(
    when="digest",
    digest_at=(0, 60, 120, 480, 720, 1439),
    zone="America/Argentina/ComodRivadavia",
    quiet=Quiet(since=1380, until=420, urgent_from=3),
    per_day=21,
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", get_args(Page))
@pytest.mark.parametrize("timetable", [Timetable(), BUSY])
def test_each_button_has_a_label_and_callback_data_within_64_bytes(
    language: Language, page: Page, timetable: Timetable
) -> None:
    for line in keyboard(page, timetable, speak(language)).inline_keyboard:
        for button in line:
            assert button.text.strip()
            assert len((button.callback_data or "").encode()) <= 64


def test_the_daily_limit_takes_the_right_plural_form() -> None:
    texts = [limit_text(Timetable(per_day=many), speak("uk")) for many in (1, 3, 20)]
    assert texts == [
        "Щонайбільше 1 повідомлення на день",
        "Щонайбільше 3 повідомлення на день",
        "Щонайбільше 20 повідомлень на день",
    ]
