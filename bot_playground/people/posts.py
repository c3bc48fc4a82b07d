"""Posts of a channel's admins: with photos, in albums, forwarded, and edited."""

from bot_playground.bot_api.errors import Json
from bot_playground.people.messages import ActionError, bot_sees, write
from bot_playground.state.chats import Chat, ChatMessage, Person
from bot_playground.state.world import World

# Sizes in which Telegram keeps a photo.
_PHOTO_SIZES = ((320, 213), (800, 533), (90, 60))


def publish(world: World, person: Person, channel: Chat, content: Json) -> ChatMessage:
    """Publish a post of the fields of a message, such as `text` and `entities`.

    Raises:
        ActionError: if the chat is no channel, or the person cannot write there.
    """
    if channel.type != "channel":
        raise ActionError("Only a channel has posts.")
    return write(world, person, channel, content)


def edit_post(world: World, post: ChatMessage, content: Json) -> ChatMessage:
    """Replace fields of a post, and queue the update if the bot sees the channel."""
    edited = world.edit(post, content)
    channel = world.chats.chats[post.chat_id]
    if bot_sees(world, channel, edited):
        world.updates.add("edited_channel_post", edited.body)
    return edited


def photo(world: World) -> list[Json]:
    """Return the field `photo` of a new picture, in no order of sizes."""
    number = world.random.getrandbits(62)
    return [
        {
            "file_id": f"photo-{number}-{width}",
            "file_unique_id": f"p{number}{width}",
            "width": width,
            "height": height,
        }
        for width, height in _PHOTO_SIZES
    ]
