"""Posts of Telegram channels: their addresses, their title and text, and the lines that repeat.

A channel signs its posts: its name, an appeal to subscribe, links. What does so is known by
standing below one post after the other.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import dropwhile

# https://core.telegram.org/method/account.checkUsername
_USERNAME = re.compile(
    r"(?:(?:https?://)?(?:t|telegram)\.me/(?:s/)?|@)([A-Za-z]\w{3,31})/?", re.ASCII
)
# A short word before a full stop is an abbreviation, and a dash or a small letter goes on.
_SENTENCE_END = re.compile(r"(?:(?<=\w{4})\.|[!?…])[\"»”’)]*\s(?!\s*(?:[—–-]|[a-zа-яіїєґё]))")
_HASHTAG = re.compile(r"#\w+")
_SHOWN = re.compile(r"\w")
# Emoji and bullets before a headline.
_ORNAMENT = re.compile(r"^[^\w\"«“„‘(\[@#$€£₴₽№+-]+")
MAX_TITLE_CHARS = 200
# "Attention!" is no headline by itself.
_MIN_SENTENCE_CHARS = 20
# A signature has no more lines.
MAX_SIGNED_LINES = 3
# A line without a link is a signature where it stood below so many posts, and half of all.
_MIN_REPEATS = 3
# A channel's ids begin with it in the Bot API, and without it in addresses.
_CHANNEL_ID_PREFIX = "-100"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostLine:
    """A line of a post; `is_linked`: it holds a link or a mention."""

    text: str
    is_linked: bool = False

    @property
    def key(self) -> int:
        """What is kept of the line, to count how often it stood below a post."""
        normal = " ".join(self.text.casefold().split()).encode("utf-8", "surrogatepass")
        return int.from_bytes(blake2b(normal, digest_size=8).digest(), "big", signed=True) or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PostText:
    """The headline of a post, and its text without it where it is a line by itself."""

    title: str
    text: str


def username_in(text: str) -> str | None:
    """Return the username of a channel's address or mention, without "@"; None: it is neither."""
    match = _USERNAME.fullmatch(text.strip())
    return match[1] if match else None


def channel_address(channel_id: int, username: str | None) -> str:
    """Return the address of a channel, to which that of a post adds its number."""
    inner = str(channel_id).removeprefix(_CHANNEL_ID_PREFIX)
    return f"https://t.me/{username}" if username else f"https://t.me/c/{inner}"


def closing_lines(lines: Sequence[PostLine]) -> tuple[PostLine, ...]:
    """Return the lines that may be the signature: the last ones, but never the first of all."""
    shown = [line for line in lines if line.text.strip()]
    return tuple(shown[1:][-MAX_SIGNED_LINES:])


def unsigned(
    lines: Sequence[PostLine], repeats: Mapping[int, int], *, posts: int, own_name: str = ""
) -> tuple[PostLine, ...]:
    """Return the lines without those at the end that repeat in the channel, or name it alone.

    `repeats` counts earlier posts of the channel by the keys of their closing lines, and `posts`
    all of them. A line with a link is a signature the second time it stands there.
    """
    kept = [line for line in lines if line.text.strip()]
    names = {f"@{own_name}".casefold(), f"t.me/{own_name}".casefold()} if own_name else set()
    for line in reversed(closing_lines(lines)):
        seen = repeats.get(line.key, 0)
        is_repeated = seen >= 1 if line.is_linked else seen >= _MIN_REPEATS and 2 * seen >= posts
        bare = line.text.strip().casefold().removeprefix("https://").rstrip("/")
        if not is_repeated and bare not in names:
            break
        kept.pop()
    return tuple(kept)


def split_post(lines: Iterable[str]) -> PostText | None:
    """Return title and text of a post: its first line where that is a headline, else a sentence.

    A line is a headline that holds one sentence, is not long, and has text below. None: the post
    says nothing in words.
    """
    stripped = filter(None, (line.strip() for line in lines))
    shown = list(dropwhile(lambda line: not _SHOWN.search(_HASHTAG.sub("", line)), stripped))
    if not shown:
        return None
    first = _ORNAMENT.sub("", shown[0], count=1)
    rest = shown[1:]
    end = _SENTENCE_END.search(first, _MIN_SENTENCE_CHARS)
    is_headline = bool(rest) and end is None and len(first) <= MAX_TITLE_CHARS
    title = first if end is None else first[: end.end()].rstrip()
    if len(title) > MAX_TITLE_CHARS:
        cut = title[:MAX_TITLE_CHARS]
        title = (cut.rpartition(" ")[0] or cut).rstrip(" ,;:–—-") + "…"
    text = "\n".join(rest if is_headline else [first, *rest])
    return PostText(title=title.removesuffix("."), text=text)
