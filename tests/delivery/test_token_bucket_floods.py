from bot.delivery.token_bucket_floods import MOMENT, Floods
from bot.model import ChatId


def refused(*chats: tuple[int, float]) -> Floods:
    floods = Floods()
    for chat_id, at in chats:
        floods = floods.after_refusal(ChatId(chat_id), at)
    return floods


def test_one_chat_refused_again_and_again_is_its_own_matter() -> None:
    assert not refused((1, 0), (1, 1), (1, 2), (1, 3)).are_general


def test_three_chats_refused_within_a_moment_are_the_bots_matter() -> None:
    assert not refused((1, 0), (2, 1)).are_general
    assert refused((1, 0), (2, 1), (3, 2)).are_general


def test_three_chats_refused_over_a_long_time_are_not() -> None:
    assert not refused((1, 0), (2, MOMENT), (3, MOMENT * 2)).are_general
