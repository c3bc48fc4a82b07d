"""Parser of Telegram's HTML (`parse_mode`): text and entities.

Source: tdlib, MessageEntity.cpp, parse_html; the error texts are the same.
"""

import re
from dataclasses import dataclass, field

from bot_playground.bot_api.errors import Json
from bot_playground.formatting.links import LinkError, normalize_link

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
    """The HTML is invalid; the message is Telegram's, without `can't parse entities: `."""


@dataclass(slots=True)
class FormattedText:
    """A text and its entities (Bot API MessageEntity objects, offsets in UTF-16 units)."""

    text: str
    entities: list[Json] = field(default_factory=list)


def parse_html(source: str) -> FormattedText:
    """Return the text and the entities of HTML, in the order in which their tags end.

    Unknown attributes are ignored and invalid links become plain text; unknown tags are errors.

    Raises:
        MarkupError: with Telegram's own text; its offsets count bytes of UTF-8.
    """
    scanner = _Scanner(source=source.replace("\0", " ").encode("utf-8", "surrogatepass") + b"\0")
    scanner.run()
    try:
        return FormattedText(scanner.text.decode(), scanner.entities)
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
    position: int  # bytes of the text so far


@dataclass(slots=True, kw_only=True)
class _Scanner:
    source: bytes
    at: int = 0
    units: int = 0
    text: bytearray = field(default_factory=bytearray)
    open: list[_Tag] = field(default_factory=list)
    entities: list[Json] = field(default_factory=list)

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
        # Needed only to join it with a `pre` around it.
        for entity in self.entities:
            if entity["type"] == "code":
                entity.pop("language", None)

    def write(self, characters: bytes) -> None:
        self.text += characters
        # A lead byte opens a character; four bytes of UTF-8 are two units of UTF-16.
        self.units += sum((byte & 0xC0 != 0x80) + (byte >= 0xF0) for byte in characters)

    def character(self) -> bytes:
        """Return the next byte, or the character of a character reference."""
        if self.source[self.at] == ord("&"):
            reference = _REFERENCE.match(self.source, self.at)
            code = _code_point(reference) if reference else 0
            if reference and code:
                self.at = reference.end()
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

    def attribute(self, tag: str, begin: int, attributes: dict[str, str]) -> None:
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
        attributes[key] = self.value() if has_value else ""
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
        if tag.name in ("pre", "code") and self.join_code(tag, span):
            return
        content = self.text[tag.position :].decode("utf-8", "replace")
        fields = entity_fields(tag.name, tag.attributes, content=content)
        if fields is not None:
            self.entities.append({"type": TYPES[tag.name], **span, **fields})

    def join_code(self, tag: _Tag, span: Json) -> bool:
        """Join `<pre><code class="language-x">`, in either order, into one entity."""
        last = self.entities[-1] if self.entities else {}
        other = "code" if tag.name == "pre" else "pre"
        if last.get("type") != other or not span.items() <= last.items():
            return False
        language = last.get("language") or code_language(tag.name, tag.attributes)
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


def _code_point(reference: re.Match[bytes]) -> int:
    """Return the code point of a character reference; 0 for an invalid one, which is text."""
    hexadecimal, decimal, name, semicolon = reference.groups()
    if name is not None:
        return ord(_CHARACTERS.get(name, "\0"))
    code = int(hexadecimal or b"0", 16) if decimal is None else int(decimal or b"0")
    length = len(reference[0]) - len(semicolon)
    return code if code < 0x10FFFF and length < 10 else 0


def entity_fields(tag: str, attributes: dict[str, str], *, content: str) -> Json | None:
    """Return the fields that a tag adds to its entity; None if it makes no entity.

    `content` is the address of a link without one; a link with an invalid address is plain text.

    Raises:
        MarkupError: for an invalid custom emoji or date.
    """
    match tag:
        case "a":
            return _link_fields(attributes.get("href") or content)
        case "code":
            return {"language": code_language(tag, attributes)}
        case "blockquote" if "expandable" in attributes:
            return {"type": "expandable_blockquote"}
        case "tg-emoji":
            emoji_id = attributes.get("emoji-id", "")
            if not re.fullmatch(r"[0-9]{1,19}", emoji_id) or int(emoji_id) == 0:
                raise MarkupError("Invalid custom emoji identifier specified")
            return {"custom_emoji_id": emoji_id}
        case "tg-time":
            return _date_fields(attributes.get("unix", ""), attributes.get("format", ""))
        case _:
            return {}


def code_language(tag: str, attributes: dict[str, str]) -> str:
    """Return the language of `<code class="language-...">`; empty if there is none."""
    name = attributes.get("class", "") if tag == "code" else ""
    return name.removeprefix("language-") if name.startswith("language-") else ""


def _link_fields(address: str) -> Json | None:
    try:
        return {"url": normalize_link(address)}
    except LinkError:
        return None


def _date_fields(unix_time: str, format_: str) -> Json:
    if not re.fullmatch(r"[0-9]{1,10}", unix_time):
        raise MarkupError("Invalid date-time specified")
    if not _DATE_FORMAT.fullmatch(format_):
        raise MarkupError("Invalid date-time format specified")
    fields: Json = {"unix_time": int(unix_time)}
    return {**fields, "date_time_format": format_} if format_ else fields
