from dataclasses import fields

from bot.i18n import speak
from bot.model import PostLook
from bot.telegram.keyboards.common import data_of
from bot.telegram.keyboards.post_look import ChooseLook, LimitPosts, look_choice


def test_each_switch_of_a_look_has_a_button_that_names_the_other_state() -> None:
    for look in (PostLook(), PostLook(summary=False, bundles=True, per_hour=4)):
        keyboard = look_choice(look, speak("en")).inline_keyboard
        shown = [each for row in keyboard for each in row]
        switches = [data for each in shown if (data := data_of(each, [ChooseLook]))]
        assert {data.part: not data.wanted for data in switches} == {
            field.name: getattr(look, field.name) for field in fields(look) if field.type is bool
        }
        limits = [
            limit.count
            for each in shown
            if (limit := data_of(each, [LimitPosts])) and each.text.startswith("✅")
        ]
        assert limits == [look.per_hour or 0]
