"""What text and entities does Telegram make of HTML? Pure.

Source: tdlib, MessageEntity.cpp, parse_html; the wording of every refusal is its own.
"""

import re
from dataclasses import dataclass, field

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


_CHARACTERS = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_REFERENCE = re.compile(rb"&(?:#x([0-9A-Fa-f]*)|#([0-9]*)|([A-Za-z]*))(;?)")
# tdlib counts the end of the text as white space, and so do its error texts.
_SPACE = b" \t\r\n\v\0"


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


@dataclass(slots=True)
class Marked:
    """A text and its entities (Bot API MessageEntity objects, offsets in UTF-16 units)."""

    text: str
    entities: list[Json] = field(default_factory=list)


def parse_html(source: str) -> Marked:
    """Return what Telegram would show for HTML; entities in the order in which they end.

    Unknown attributes are ignored and bad links become plain text, but every unknown tag fails.

    Raises:
        MarkupError: with Telegram's own text; its offsets count bytes of UTF-8.
    """
    scanner = _Scanner(source=source.replace("\0", " ").encode("utf-8", "surrogatepass") + b"\0")
    scanner.run()
    try:
        return Marked(scanner.text.decode(), scanner.found)
    except UnicodeDecodeError:
        raise MarkupError(
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units"
        ) from None


@dataclass(slots=True, kw_only=True)
class _Tag:
    name: str
    attributes: dict[str, str]
    begin: int  # UTF-16 units
    position: int  # bytes of the text made so far


@dataclass(slots=True, kw_only=True)
class _Scanner:
    source: bytes
    at: int = 0
    units: int = 0
    text: bytearray = field(default_factory=bytearray)
    open: list[_Tag] = field(default_factory=list)
    found: list[Json] = field(default_factory=list)

    def run(self) -> None:
        end = len(self.source) - 1
        while self.at < end:
            if self.source[self.at : self.at + 2] == b"</":
                self.end_tag()
            elif self.source[self.at] == ord("<"):
                self.start_tag()
            else:
                self.write(self.character())
        if self.open:
            name = self.open[-1].name
            raise MarkupError(f'Can\'t find end tag corresponding to start tag "{name}"')
        # A language is kept only until the `pre` around it had a chance to take it.
        for entity in self.found:
            if entity["type"] == "code":
                entity.pop("language", None)

    def write(self, characters: bytes) -> None:
        self.text += characters
        # A lead byte opens a character; four bytes of UTF-8 are two units of UTF-16.
        self.units += sum((byte & 0xC0 != 0x80) + (byte >= 0xF0) for byte in characters)

    def character(self) -> bytes:
        """Return the next byte, or the character that a reference stands for."""
        if self.source[self.at] == ord("&"):
            found = _REFERENCE.match(self.source, self.at)
            code = _code(found) if found else 0
            if found and code:
                self.at = found.end()
                return chr(code).encode("utf-8", "surrogatepass")
        self.at += 1
        return self.source[self.at - 1 : self.at]

    def start_tag(self) -> None:
        begin = self.at
        name = self.until(b">", start=begin + 1).decode("utf-8", "replace")
        if self.source[self.at] == 0:
            raise MarkupError(f"Unclosed start tag at byte offset {begin}")
        if name not in TYPES:
            raise MarkupError(f'Unsupported start tag "{name}" at byte offset {begin}')
        attributes: dict[str, str] = {}
        self.skip_space()
        while self.source[self.at] != ord(">"):
            self.attribute(name, begin, attributes)
            self.skip_space()
        self.at += 1
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise MarkupError(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        tag = _Tag(name=name, attributes=attributes, begin=self.units, position=len(self.text))
        self.open.append(tag)

    def attribute(self, tag: str, begin: int, into: dict[str, str]) -> None:
        key = self.until(b"=>", start=self.at).decode("utf-8", "replace")
        if not key and self.source[self.at]:
            raise MarkupError(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        self.skip_space()
        has_value = self.source[self.at] == ord("=")
        if has_value:
            self.at += 1
            self.skip_space()
        if self.source[self.at] == 0:
            raise MarkupError(f'Unclosed start tag "{tag}" at byte offset {begin}')
        into[key] = self.value() if has_value else ""
        if self.source[self.at] == 0:
            raise MarkupError(f"Unclosed start tag at byte offset {begin}")

    def value(self) -> str:
        quote = self.source[self.at]
        if quote not in b"\"'":
            return self.name_token()
        self.at += 1
        value = bytearray()
        while self.source[self.at] not in (quote, 0):
            value += self.character()
        if self.source[self.at] == quote:
            self.at += 1
        return value.decode("utf-8", "replace")

    def name_token(self) -> str:
        begin = self.at
        while chr(self.source[self.at]).isascii() and (
            chr(self.source[self.at]).isalnum() or self.source[self.at] in b".-"
        ):
            self.at += 1
        if self.source[self.at] not in _SPACE + b">":
            raise MarkupError(f"Unexpected end of name token at byte offset {begin}")
        return self.source[begin : self.at].lower().decode()

    def end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise MarkupError(f"Unexpected end tag at byte offset {begin}")
        name = self.until(b">", start=begin + 2).decode("utf-8", "replace")
        self.skip_space()
        if self.source[self.at] != ord(">"):
            raise MarkupError(f"Unclosed end tag at byte offset {begin}")
        self.at += 1
        tag = self.open.pop()
        if name not in ("", tag.name):
            raise MarkupError(
                f'Unmatched end tag at byte offset {begin}, expected "</{tag.name}>", '
                f'found "</{name}>"'
            )
        if self.units > tag.begin:
            self.close(tag)

    def close(self, tag: _Tag) -> None:
        span: Json = {"offset": tag.begin, "length": self.units - tag.begin}
        if tag.name in ("pre", "code") and self.joined(tag, span):
            return
        content = self.text[tag.position :].decode("utf-8", "replace")
        more = details(tag.name, tag.attributes, content=content)
        if more is not None:
            self.found.append({"type": TYPES[tag.name], **span, **more})

    def joined(self, tag: _Tag, span: Json) -> bool:
        """Make one entity of `<pre><code class="language-x">`, whichever is inside."""
        last = self.found[-1] if self.found else {}
        other = "code" if tag.name == "pre" else "pre"
        if last.get("type") != other or not span.items() <= last.items():
            return False
        language = last.get("language") or language_of(tag.name, tag.attributes)
        if not language:
            return False
        last.update(type="pre", language=language)
        return True

    def until(self, stops: bytes, *, start: int) -> bytes:
        self.at = start
        while self.source[self.at] not in _SPACE + stops:
            self.at += 1
        return self.source[start : self.at].lower()

    def skip_space(self) -> None:
        while self.source[self.at] and self.source[self.at] in _SPACE:
            self.at += 1


def _code(reference: re.Match[bytes]) -> int:
    """Return the code point of a reference; 0 if it is none and stands for itself."""
    hexadecimal, decimal, name, semicolon = reference.groups()
    if name is not None:
        return ord(_CHARACTERS.get(name, "\0"))
    code = int(hexadecimal or b"0", 16) if decimal is None else int(decimal or b"0")
    length = len(reference[0]) - len(semicolon)
    return code if code < 0x10FFFF and length < 10 else 0
