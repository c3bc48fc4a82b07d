"""Picture of an article: the first of those that its publisher declares or shows."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin, urlsplit

from bot.model import Picture
from bot.web.urls import has_credentials

# An address that so many items of a document hold is a logo.
MIN_LOGO_ITEMS = 3
MAX_URL_LENGTH = 2048
# Smaller ones are icons, and those of a pixel count visitors.
_MIN_SIDE = 64
_MAX_SIDE = 20_000

_IMAGE = re.compile(r"<img\s[^<>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\s([\w-]{1,20})\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""")
_SOURCES = ("src", "data-src", "data-lazy-src", "data-original")
_MAX_IMAGES = 20
_NUMBER = re.compile(r"\s*(\d{1,5})(?:\.\d+)?(?:px)?\s*", re.ASCII)
_STYLE_SIDE = re.compile(r"\b(width|height)\s*:\s*(\d{1,5})px", re.ASCII)
# Counters, icons and emoji by the usual names of their files and hosts.
_NO_PICTURE = re.compile(
    r"pixel|tracker|counter|spacer|blank\.gif|1x1|/emoji|smil(?:ey|ies)|avatar|favicon|/icons?[/_.-]"
    r"|feedburner|feedsportal|doubleclick|stats\.wordpress|gravatar|\.svg(?:$|\?)|s\.w\.org/images/core",
    re.IGNORECASE,
)
_WEB_ADDRESS = re.compile(r"https?:(?:[^\s\"'<>&\\]|&amp;|\\/){8,2048}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSource:
    """A picture as its publisher declares it; `width` and `height` are text of any kind."""

    url: str
    width: str = ""
    height: str = ""

    def area(self) -> int:
        """Return the declared number of pixels; 0: it is not known."""
        return (_side(self.width) or 0) * (_side(self.height) or 1)

    def picture(self, base: str) -> Picture | None:
        """Return the picture; None for an icon, a counter or an address that cannot be opened."""
        width, height = _side(self.width), _side(self.height)
        address = self.url.strip().replace(" ", "%20")
        try:
            url = urljoin(base, address)
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            return None
        fits = len(url) <= MAX_URL_LENGTH and url.isprintable() and not has_credentials(url)
        is_large = all(side is None or side >= _MIN_SIDE for side in (width, height))
        if not (address and usable and fits and is_large) or _NO_PICTURE.search(url):
            return None
        return Picture(url=url, width=width, height=height)


def choose_picture(
    declared: Iterable[PictureSource], markup: str, *, base: str, logos: Collection[str]
) -> Picture | None:
    """Return the first picture declared, or else shown in the markup, that shows something."""
    for source in (*declared, *_shown(markup)):
        picture = source.picture(base)
        if picture is not None and picture.url not in logos:
            return picture
    return None


def repeated_addresses(items: Iterable[str]) -> frozenset[str]:
    """Return the addresses that stand in the text of `MIN_LOGO_ITEMS` items or more."""
    counts = Counter(
        address
        for item in items
        for address in {
            unescape(unescape(found.replace("\\/", "/"))) for found in _WEB_ADDRESS.findall(item)
        }
    )
    return frozenset(address for address, count in counts.items() if count >= MIN_LOGO_ITEMS)


def _shown(markup: str) -> Iterator[PictureSource]:
    """Yield the pictures in the markup; those that load later have their address elsewhere."""
    for number, tag in enumerate(_IMAGE.finditer(markup)):
        if number == _MAX_IMAGES:
            return
        values = {
            name.lower(): unescape(double or single or bare)
            for name, double, single, bare in _ATTRIBUTE.findall(tag[0])
        }
        sides = dict(_STYLE_SIDE.findall(values.get("style", "")))
        addresses = (values.get(name, "") for name in _SOURCES)
        yield PictureSource(
            url=next((url for url in addresses if url and not url.startswith("data:")), ""),
            width=values.get("width") or sides.get("width", ""),
            height=values.get("height") or sides.get("height", ""),
        )


def _side(text: str) -> int | None:
    """Return the number of pixels; None where it is not declared, or in percent."""
    number = _NUMBER.fullmatch(text)
    return int(number[1]) if number and int(number[1]) <= _MAX_SIDE else None
