"""Preview page of a Telegram channel, `t.me/s/name`, to the same `ParsedFeed` as of any feed.

Each post is one element with the address `name/number`; an album is one post. Service messages
and polls are left out. Beside it the numbers of the posts, by which older pages are asked for.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from lxml import etree, html

from bot.errors import ParseError
from bot.feeds.formats.dates import plausible, read_date, sane
from bot.feeds.formats.item_scanner import digest
from bot.feeds.formats.parse import ParsedFeed
from bot.model import DroppedItems, Entry, Picture, UpdatePeriod
from bot.text.normalization import normalize
from bot.text.safe import storable
from bot.web.channel_posts import PostLine, closing_lines, split_post, unsigned
from bot.web.encoding import decode
from bot.web.html import parse_html, visible
from bot.web.pictures import PictureSource
from bot.web.sources import source_of

NO_PREVIEW = "shows no preview: it is private, restricted, or its preview is switched off"
# A page shows twenty.
MAX_POSTS = 100
# Several times the longest text of a post.
MAX_POST_CHARS = 20_000
_ADDRESS = re.compile(r"([A-Za-z]\w{3,31})/([1-9]\d{0,9})", re.ASCII)
_IMAGE = re.compile(r"background-image:\s{0,9}url\(['\"]?([^'\"()]{1,2048})['\"]?\)")
_POST = "tgme_widget_message"
_TEXT = "tgme_widget_message_text"
_DATE = "tgme_widget_message_date"
_PHOTO = "tgme_widget_message_photo_wrap"
_FORWARDED = "tgme_widget_message_forwarded_from_name"
_TITLE = "tgme_channel_info_header_title"
_LEFT_OUT = frozenset({"service_message", "tgme_widget_message_poll"})
# A quoted post has a text of its own, which the channel did not write.
_QUOTED = frozenset({"tgme_widget_message_reply", "tgme_widget_message_link_preview"})
_BREAKS = frozenset({"br", "p", "div", "blockquote", "pre", "li"})


def parse_channel_page(
    document: bytes,
    *,
    url: str,
    username: str,
    content_type: str | None,
    fetched_at: datetime,
    known: frozenset[bytes] = frozenset(),
) -> ParsedFeed:
    """Return what is in the page of the channel, without the posts of the digests `known`.

    Raises:
        ParseError: if it shows no posts of that channel.
    """
    tree = parse_html(decode(document, content_type=content_type))
    posts = {} if tree is None else dict(_posts(tree, username))
    if tree is None or not posts:
        raise ParseError(NO_PREVIEW)
    lines = {number: tuple(_lines(post)) for number, post in posts.items()}
    repeats = Counter(key for each in lines.values() for key in _closing_keys(each))
    numbers = sorted(posts)
    digests = {number: digest(repr((number, lines[number]))) for number in numbers}
    read: dict[bytes, Entry] = {}
    lost = 0
    for number in numbers:
        if digests[number] in known or not _LEFT_OUT.isdisjoint(_classes_within(posts[number])):
            continue
        # The post is counted itself.
        own = _closing_keys(lines[number])
        others = {key: count - (key in own) for key, count in repeats.items()}
        kept = unsigned(lines[number], others, posts=len(posts) - 1, own_name=username)
        words = split_post(line.text for line in kept)
        if words is None:
            lost += 1
            continue
        published_at = sane(_date(posts[number], fetched_at), now=fetched_at)
        read[digests[number]] = Entry(
            guid=str(number),
            url=f"https://t.me/{posts[number].get('data-post')}",
            title=words.title,
            text=words.text,
            categories=(),
            published_at=published_at or fetched_at,
            dated=published_at is not None,
            picture=_picture(posts[number], url),
            source=_origin(posts[number]),
        )
    dates = filter(None, (plausible(_date(post, fetched_at)) for post in posts.values()))
    newest_at = max(dates, default=None)
    dropped: DroppedItems = (("neither title nor text", lost),) if lost else ()
    return ParsedFeed(
        entries=tuple(read.values()),
        owners=tuple(read),
        digests=tuple(reversed(digests.values())),
        update_period=UpdatePeriod(),
        whole=known.isdisjoint(digests.values()),
        complete=True,
        lead=newest_at - fetched_at if newest_at else timedelta(0),
        title=next((_text_of(each)[:100] for each in _with_class(tree, _TITLE)), f"@{username}"),
        dropped=dropped,
    )


def post_numbers(document: bytes, *, username: str, content_type: str | None) -> tuple[int, ...]:
    """Return the numbers of the posts of the channel that the page shows, in their order."""
    tree = parse_html(decode(document, content_type=content_type))
    return () if tree is None else tuple(sorted(number for number, _ in _posts(tree, username)))


def _posts(tree: html.HtmlElement, username: str) -> Iterator[tuple[int, html.HtmlElement]]:
    """Yield the posts of the channel, none within another, with their numbers."""
    found, end_of = 0, None
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if event == "end":
            end_of = None if element is end_of else end_of
            continue
        if end_of is not None or found == MAX_POSTS or _POST not in _classes(element):
            continue
        address = _ADDRESS.fullmatch(str(element.get("data-post", "")))
        if address and address[1].casefold() == username.casefold():
            found, end_of = found + 1, element
            yield int(address[2]), element


def _classes(element: html.HtmlElement) -> frozenset[str]:
    return frozenset(str(element.get("class", ""))[:1000].split())


def _classes_within(element: html.HtmlElement) -> frozenset[str]:
    return frozenset(name for each in element.iter() for name in _classes(each))


def _with_class(element: html.HtmlElement, name: str) -> Iterator[html.HtmlElement]:
    return (each for each in element.iter() if name in _classes(each))


def _own_text(post: html.HtmlElement) -> html.HtmlElement | None:
    """Return the element of the text that the channel wrote; None: the post has none."""
    quoted = None
    for event, element in etree.iterwalk(post, events=("start", "end")):
        if event == "end":
            quoted = None if element is quoted else quoted
        elif quoted is None and not _QUOTED.isdisjoint(_classes(element)):
            quoted = element
        elif quoted is None and _TEXT in _classes(element):
            return element
    return None


def _lines(post: html.HtmlElement) -> Iterator[PostLine]:
    """Yield the lines of a post, and whether each holds a link or a mention."""
    text = _own_text(post)
    if text is None:
        return
    pieces: list[tuple[str, bool]] = []
    for event, element in etree.iterwalk(text, events=("start", "end")):
        is_start = event == "start"
        if element.tag in _BREAKS and element is not text and (is_start or element.tag != "br"):
            pieces.append(("\n", False))
        if is_start and element.tag == "a":
            pieces.append(("", True))
        words = element.text if is_start else element.tail if element is not text else ""
        pieces.append(((words or "").replace("\n", " "), False))
    line, is_linked, left = "", False, MAX_POST_CHARS
    for piece, links in (*pieces, ("\n", False)):
        is_linked |= links
        first, *rest = piece[: max(left, 1)].split("\n")
        left -= len(piece)
        line += first
        for following in rest:
            yield PostLine(text=storable(normalize("NFC", visible(line))), is_linked=is_linked)
            line, is_linked = following, False


def _closing_keys(lines: tuple[PostLine, ...]) -> frozenset[int]:
    return frozenset(line.key for line in closing_lines(lines))


def _date(post: html.HtmlElement, now: datetime) -> datetime | None:
    for date in _with_class(post, _DATE):
        for time in date.iter("time"):
            return read_date(str(time.get("datetime", "")), now=now)
    return None


def _picture(post: html.HtmlElement, base: str) -> Picture | None:
    for photo in _with_class(post, _PHOTO):
        image = _IMAGE.search(str(photo.get("style", ""))[:4096])
        picture = PictureSource(url=image[1]).picture(base) if image else None
        if picture is not None:
            return picture
    return None


def _origin(post: html.HtmlElement) -> str | None:
    """Return the source of a forwarded post: the channel of its address, or the name shown."""
    for name in _with_class(post, _FORWARDED):
        address = str(name.get("href", ""))
        return source_of(address) if address.startswith("https://t.me/") else None
    return None


def _text_of(element: html.HtmlElement) -> str:
    return storable(" ".join(str(element.text_content())[:1000].split()))
