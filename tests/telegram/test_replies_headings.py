import pytest

from bot.model import ChatId, Managed
from bot.telegram.replies_headings import body, headed, speaks_of

CHANNEL = Managed(channel_id=ChatId(-1001), name="Cats & Co")


def test_the_first_line_names_the_channel_and_nothing_names_the_chat_itself() -> None:
    assert headed("<b>Topics</b>", CHANNEL) == "📢 <b>Cats &amp; Co</b>\n\n<b>Topics</b>"
    assert headed("<b>Topics</b>", None) == "<b>Topics</b>"


@pytest.mark.parametrize(
    ("shown", "of_channel", "of_itself"),
    [
        ("📢 Cats & Co\n\nTopics", True, False),
        ("📢 Cats\n\nTopics", False, False),
        ("Topics", False, True),
        ("", False, True),
    ],
)
def test_a_message_tells_of_which_chat_it_speaks(
    shown: str, of_channel: bool, of_itself: bool
) -> None:
    assert speaks_of(shown, CHANNEL) is of_channel
    assert speaks_of(shown, None) is of_itself


@pytest.mark.parametrize("shown", ["📢 Cats & Co\n\nTopics\n\nWar", "Topics\n\nWar"])
def test_below_the_line_a_message_is_as_ever(shown: str) -> None:
    assert body(shown) == "Topics\n\nWar"
