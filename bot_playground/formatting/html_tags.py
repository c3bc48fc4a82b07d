"""What does each tag of Telegram's HTML mean? Pure."""

import re

from bot_playground.bot_api.errors import Json
from bot_playground.formatting.links import LinkError, checked_link

TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
    "pre": "pre",
    "code": "code",
    "a": "text_link",
    "blockquote": "blockquote",
}
_DATE_FORMAT = re.compile(r"r|w?[dD]?[tT]?")


class MarkupError(Exception):
    """The HTML cannot be read; the message is Telegram's, without `can't parse entities: `."""


def details(tag: str, attributes: dict[str, str], *, content: str) -> Json | None:
    """Return what the tag's entity says besides its place; None if there is no entity.

    A link with a bad address is plain text. `content` is its address when it names none.

    Raises:
        MarkupError: for a custom emoji without a number, a moment that is none.
    """
    match tag:
        case "a":
            return _link(attributes.get("href") or content)
        case "code":
            return {"language": language_of(tag, attributes)}
        case "blockquote" if "expandable" in attributes:
            return {"type": "expandable_blockquote"}
        case "tg-emoji":
            return _emoji(attributes.get("emoji-id", ""))
        case "tg-time":
            return _moment(attributes)
        case _:
            return {}


def language_of(tag: str, attributes: dict[str, str]) -> str:
    """Return the language that `<code class="language-...">` names, else an empty string."""
    name = attributes.get("class", "") if tag == "code" else ""
    return name.removeprefix("language-") if name.startswith("language-") else ""


def _link(address: str) -> Json | None:
    try:
        return {"url": checked_link(address)}
    except LinkError:
        return None


def _emoji(identifier: str) -> Json:
    if not re.fullmatch(r"[0-9]{1,19}", identifier) or int(identifier) == 0:
        raise MarkupError("Invalid custom emoji identifier specified")
    return {"custom_emoji_id": identifier}


def _moment(attributes: dict[str, str]) -> Json:
    unix, form = attributes.get("unix", ""), attributes.get("format", "")
    if not re.fullmatch(r"[0-9]{1,10}", unix):
        raise MarkupError("Invalid date-time specified")
    if not _DATE_FORMAT.fullmatch(form):
        raise MarkupError("Invalid date-time format specified")
    details: Json = {"unix_time": int(unix)}
    return {**details, "date_time_format": form} if form else details
