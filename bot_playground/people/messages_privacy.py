"""Which messages does the bot see? Pure.

In a group, while it is no administrator, only those that are for it: privacy mode.
"""

import re

from bot_playground.bot_api.errors import Json
from bot_playground.formatting.entities import entity_text
from bot_playground.state.chats import Chat, Message
from bot_playground.state.world import World


def bot_sees(world: World, chat: Chat, message: Message) -> bool:
    """Return whether privacy mode lets this message through to the bot."""
    if chat.type == "private" or chat.is_admin(world.bot.id):
        return True
    if chat.type == "channel" or not chat.is_member(world.bot.id):
        return False
    reply = message.body.get("reply_to_message")
    if isinstance(reply, dict) and reply.get("from", {}).get("id") == world.bot.id:
        return True
    if "via_bot" in message.body:
        return True
    entities = message.body.get("entities", message.body.get("caption_entities"))
    found_in = entities if isinstance(entities, list) else []
    return any(_is_addressed(world, message.text, entity) for entity in found_in)


def _is_addressed(world: World, text: str, entity: Json) -> bool:
    words = entity_text(text, entity).lower()
    name = f"@{world.bot.username}".lower()
    match entity["type"]:
        case "bot_command":
            return words.endswith(name) or not re.search("@", words)
        case "mention":
            return words == name
        case _:
            return False
