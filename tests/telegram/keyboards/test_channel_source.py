from dataclasses import replace

import pytest

from bot.i18n import speak
from bot.model import ChannelSource, ChatId, FeedId
from bot.telegram.keyboards.channel_source import BringPosts, channel_source
from bot.telegram.keyboards.common import data_of
from tests.support.fakes import NOON

MINE = ChannelSource(
    feed_id=FeedId(1),
    channel_id=ChatId(-1005),
    owner_id=ChatId(1),
    username="harbour",
    is_public=False,
    is_asked=False,
    added_at=NOON,
    is_active=True,
)


@pytest.mark.parametrize(
    ("source", "audiences"),
    [
        (None, ["mine", "all"]),
        (replace(MINE, is_active=False), ["mine", "all"]),
        (MINE, ["all", "none"]),
        (replace(MINE, is_asked=True), ["none"]),
        (replace(MINE, is_public=True), ["mine", "none"]),
    ],
)
def test_what_a_source_is_already_is_not_offered(
    source: ChannelSource | None, audiences: list[str]
) -> None:
    keyboard = channel_source(source, speak("en")).inline_keyboard
    found = [data_of(each, [BringPosts]) for row in keyboard for each in row]
    assert [data.audience for data in found if data] == audiences
