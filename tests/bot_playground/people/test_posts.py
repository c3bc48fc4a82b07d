import pytest

from bot_playground.fake_telegram import open_fake_telegram
from bot_playground.people.messages import ActionError


async def test_a_post_and_its_edit_reach_a_bot_that_administers_the_channel() -> None:
    async with open_fake_telegram(token="1:x", now=lambda: 5.0) as telegram:
        ann = telegram.person("Ann")
        channel = telegram.channel("Harbour", admins=[ann])
        photo = telegram.photo()
        post = telegram.publish(ann, channel, {"caption": "Bridge", "photo": photo})
        telegram.edit_post(post, {"caption": "Bridge opens"})
        *_, posted, edited = telegram.world.updates.pending
        assert posted["channel_post"] == post.body
        body = edited["edited_channel_post"]
        assert isinstance(body, dict)
        assert body["caption"] == "Bridge opens"
        telegram.set_bot_status(channel, "left")
        telegram.edit_post(post, {"caption": "Bridge closes"})
        assert "edited_channel_post" not in telegram.world.updates.pending[-1]
        group = telegram.group("Friends", admins=[ann])
        with pytest.raises(ActionError, match="Only a channel"):
            telegram.publish(ann, group, {"text": "Hello"})
