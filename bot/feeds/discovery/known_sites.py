"""Feeds of large sites, which their pages do not declare, by the address of the page."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, quote, urljoin, urlsplit

from bot.web.domains import domain_of

# The address of a channel stands in its page under one of these names.
_CHANNEL_ID = re.compile(
    r"(?:/channel/|\"(?:channelId|externalId|browseId)\"\s?:\s?\"|itemprop=\"(?:channelId|identifier)\""
    r"\s+content=\")(UC[\w-]{22})(?![\w-])",
    re.ASCII,
)
_MAX_SCANNED_CHARS = 1024 * 1024

Path = list[str]


def known_feeds(url: str) -> tuple[str, ...]:
    """Return the feeds of a page of a site that is known, by its address; none of others."""
    parts = urlsplit(url)
    path = [step for step in parts.path.split("/") if step]
    of_site = _SITES.get(domain_of(url), _mastodon)
    return tuple(urljoin(url, feed) for feed in of_site(path, parts.query))


def feeds_in_page(page: str, *, url: str) -> tuple[str, ...]:
    """Return the feeds of which the page says enough to know their addresses."""
    if domain_of(url) != "youtube.com":
        return ()
    channel = _CHANNEL_ID.search(page, 0, _MAX_SCANNED_CHARS)
    return tuple(urljoin(url, feed) for feed in _channel(channel[1])) if channel else ()


def _channel(name: str) -> list[str]:
    return [f"/feeds/videos.xml?channel_id={quote(name)}"]


def _youtube(path: Path, query: str) -> list[str]:
    match path:
        case ["channel", name, *_]:
            return _channel(name)
        case ["user", name, *_]:
            return [f"/feeds/videos.xml?user={name}"]
        case ["playlist"]:
            lists = parse_qs(query, max_num_fields=20).get("list", [])
            return [f"/feeds/videos.xml?playlist_id={quote(name)}" for name in lists[:1]]
        case _:
            return []


def _reddit(path: Path, _: str) -> list[str]:
    match path:
        case [] | ["r" | "u" | "user", _]:
            return ["/".join(["", *path, ".rss"]).replace("/u/", "/user/")]
        case ["r", name, "hot" | "new" | "top" | "rising" as order]:
            return [f"/r/{name}/{order}/.rss"]
        case ["r", _, "comments", *_]:
            return ["/".join(["", *path, ".rss"])]
        case _:
            return []


def _github(path: Path, _: str) -> list[str]:
    match path:
        case [owner, name, "tags" | "commits" as kind, *rest]:
            return [f"/{owner}/{name}/{'/'.join([kind, *rest])}.atom"]
        case [owner, name, *_]:
            repository = f"/{owner}/{name.removesuffix('.git')}"
            return [f"{repository}/releases.atom", f"{repository}/commits.atom"]
        case [name]:
            return [f"/{name}.atom"]
        case _:
            return []


def _medium(path: Path, _: str) -> list[str]:
    return [f"/feed/{path[0]}"] if path and path[0] != "feed" else []


def _bluesky(path: Path, _: str) -> list[str]:
    return [f"/profile/{path[1]}/rss"] if path[:1] == ["profile"] and len(path) > 1 else []


def _mastodon(path: Path, _: str) -> list[str]:
    """Return the feed of a profile, which is `/@name` at thousands of hosts."""
    return [f"/{path[0]}.rss"] if path and re.fullmatch(r"@[\w.-]+", path[0]) else []


_SITES: dict[str, Callable[[Path, str], list[str]]] = {
    "youtube.com": _youtube,
    "reddit.com": _reddit,
    "github.com": _github,
    "medium.com": _medium,
    "bsky.app": _bluesky,
}
