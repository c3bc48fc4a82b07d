"""Commands as people type them, and what they write to the bot in place of one."""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from bot.resources import RESOURCES
from bot.text.normalization import normalize
from bot.text.spelling import nearest
from bot.text.stemming import words
from bot.web.domains import is_public_host

# A longer text is no list of words; an address may be long.
MAX_CHARS = 1000
_FILE = RESOURCES / "typed_commands.toml"
# The full-width slash and the other ones of keyboards.
_COMMAND = re.compile(
    r"\s*[/／⁄∕]\s?(?P<name>[\w-]{1,32})(?:@(?P<mention>\w+))?[:：,;.!?]*(?:\s+|(?<=[:：,;])|$)",
)
_ADDRESS = re.compile(r"https?://[^\s<>\"«»“”]+", re.IGNORECASE)
_HOST = re.compile(r"(?=[^\s/]*\.)(?P<host>[^\s/:@?#.][^\s/:@?#]*)(?:[/:?#]\S*)?")


@dataclass(frozen=True, slots=True)
class TypedCommand:
    """A command without its slash and capitals, whom it mentions, and what follows it."""

    name: str
    mention: str
    args: str


def read_command(text: str) -> TypedCommand | None:
    """Return the command that the text begins with, in any case; None: it begins with none."""
    match = _COMMAND.match(text[:100])
    if match is None:
        return None
    name = normalize("NFKC", match["name"]).casefold()
    return TypedCommand(name, match["mention"] or "", text[match.end() :].strip())


def nearest_command(name: str, known: Collection[str]) -> str | None:
    """Return the known command that a misspelt one is near, or begins; None: there is none."""
    begun = [command for command in known if len(name) > 1 and command.startswith(name)]
    return nearest(name, known) or min(begun, key=len, default=None)


def wish_of(text: str) -> str | None:
    """Return what the words of the text alone ask for: "greeting", "menu", or a command's name."""
    return _wishes().get(words(text)) if len(text) <= MAX_CHARS else None


def address_in(text: str) -> str | None:
    """Return the web address in the text, or the host that it consists of; None: there is none."""
    text = text[:MAX_CHARS].strip()
    if match := _ADDRESS.search(text):
        return match[0].rstrip(".,;:!?)")
    host = _HOST.fullmatch(text)
    return text if host and is_public_host(host["host"]) else None


@cache
def _wishes() -> Mapping[tuple[str, ...], str]:
    document = tomllib.loads(_FILE.read_text("utf-8"))
    return {
        words(phrase): name
        for name, table in document.items()
        for phrases in table.values()
        for phrase in phrases.split(",")
    }
