"""What do the methods about files do? Send a document, and tell where one is.

Source: https://core.telegram.org/bots/api#sending-files, #getfile
"""

from bot_playground.bot_api.errors import Json, bad_request, too_large
from bot_playground.bot_api.messages import send
from bot_playground.bot_api.permissions import writable_chat
from bot_playground.formatting.content import caption_content
from bot_playground.state.call_log import Call
from bot_playground.state.files import File, Upload
from bot_playground.state.world import World

MAX_UPLOAD = 50 << 20
MAX_DOWNLOAD = 20 << 20


def send_document(world: World, parameters: Json, call: Call) -> Json:
    """Store a message with a file, and return it."""
    chat = writable_chat(world, parameters, what="documents")
    content = caption_content(parameters)
    content["document"] = _file(world, parameters["document"]).document()
    return send(world, chat, content, call)


def get_file(world: World, parameters: Json, _: Call) -> Json:
    """Tell where a file can be fetched."""
    file = world.files.by_id.get(str(parameters["file_id"]))
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(file.upload.content) > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return file.described()


def _file(world: World, given: object) -> File:
    """Return the file that is sent: a new one, or one that the bot knows already."""
    if not isinstance(given, Upload):
        known = world.files.by_id.get(str(given))
        if known is None:
            # Telegram would also fetch a file from an address; nothing here does.
            raise bad_request("wrong file identifier/HTTP URL specified")
        return known
    if not given.content:
        raise bad_request("file must be non-empty")
    if len(given.content) > MAX_UPLOAD:
        raise too_large()
    return world.files.add(given)
