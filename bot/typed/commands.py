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
# Of a misspelt wish; shorter words are near too many others.
_LEAST_LETTERS = 6
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
    if len(text) > MAX_CHARS:
        return None
    typed, wishes = words(text), _wishes()
    return wishes.get(typed) or wishes.get(_without_glue(typed))


def near_wish(text: str) -> str | None:
    """Return what a misspelt text asks for, of six letters or more; None: it is near no phrase."""
    typed = " ".join(words(text[:MAX_CHARS]))
    if len(typed) < _LEAST_LETTERS:
        return None
    known = {" ".join(phrase): name for phrase, name in _wishes().items() if name != "greeting"}
    near = nearest(typed, known)
    return known[near] if near else None


def address_in(text: str) -> str | None:
    """Return the web address in the text, or the host that it consists of; None: there is none."""
    text = text[:MAX_CHARS].strip()
    if match := _ADDRESS.search(text):
        return match[0].rstrip(".,;:!?)")
    host = _HOST.fullmatch(text)
    return text if host and is_public_host(host["host"]) else None


@cache
def _phrases() -> Mapping[str, frozenset[tuple[str, ...]]]:
    document = tomllib.loads(_FILE.read_text("utf-8"))
    return {
        name: frozenset(words(phrase) for phrase in ",".join(table.values()).split(","))
        for name, table in document.items()
    }


@cache
def _wishes() -> Mapping[tuple[str, ...], str]:
    """Return what each phrase asks for, and what it does without its glue."""
    exact = {phrase: name for name, phrases in _phrases().items() for phrase in phrases}
    found = {phrase: name for phrase, name in exact.items() if name != "glue"}
    bare = {_without_glue(phrase): name for phrase, name in found.items()}
    bare.pop((), None)
    return bare | found


def _without_glue(typed: tuple[str, ...]) -> tuple[str, ...]:
    glue = {word for phrase in _phrases()["glue"] for word in phrase}
    return tuple(word for word in typed if word not in glue)
