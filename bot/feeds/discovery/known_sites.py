"""Feeds of large sites, which their pages do not declare, by the address of the page."""

import re
from urllib.parse import urljoin, urlsplit

from bot.web.domains import domain_of

_NAME = r"([\w.~-]+)"
# The domain of a page, its path with what stands behind it, and its feeds, the likeliest first.
_SITES = tuple(
    (domain, re.compile(pattern, re.ASCII), feeds)
    for domain, pattern, *feeds in (
        ("youtube.com", rf"/channel/{_NAME}(?:/.*)?", "/feeds/videos.xml?channel_id={0}"),
        ("youtube.com", rf"/user/{_NAME}(?:/.*)?", "/feeds/videos.xml?user={0}"),
        (
            "youtube.com",
            rf"/playlist\?(?:.*&)?list={_NAME}(?:&.*)?",
            "/feeds/videos.xml?playlist_id={0}",
        ),
        ("reddit.com", r"/?(?:\?.*)?", "/.rss"),
        ("reddit.com", rf"/(?:u|user)/{_NAME}(?:/.*)?", "/user/{0}/.rss"),
        ("reddit.com", rf"/r/{_NAME}/(hot|new|top|rising)/?(?:\?.*)?", "/r/{0}/{1}/.rss"),
        ("reddit.com", rf"/r/{_NAME}/comments/{_NAME}(?:/.*)?", "/r/{0}/comments/{1}/.rss"),
        ("reddit.com", rf"/r/{_NAME}/?(?:\?.*)?", "/r/{0}/.rss"),
        ("github.com", rf"/{_NAME}/{_NAME}/(tags|commits/{_NAME}|commits)/?", "/{0}/{1}/{2}.atom"),
        (
            "github.com",
            rf"/{_NAME}/([\w.~-]+?)(?:\.git)?(?:/.*)?",
            "/{0}/{1}/releases.atom",
            "/{0}/{1}/commits.atom",
        ),
        ("github.com", rf"/{_NAME}/?", "/{0}.atom"),
        ("medium.com", rf"/(?!feed(?:/|$))(@?{_NAME})(?:/.*)?", "/feed/{0}"),
        ("bsky.app", r"/profile/([\w.:~-]+)(?:/.*)?", "/profile/{0}/rss"),
    )
)  # fmt: skip
# A profile on Mastodon, which is at thousands of hosts.
_PROFILE = re.compile(rf"/(@{_NAME})(?:/.*)?", re.ASCII)
# The address of a channel stands in its page under one of these names.
_CHANNEL_ID = re.compile(
    r"(?:/channel/|\"(?:channelId|externalId|browseId)\"\s?:\s?\"|itemprop=\"(?:channelId|identifier)\""
    r"\s+content=\")(UC[\w-]{22})(?![\w-])",
    re.ASCII,
)
_MAX_SCANNED_CHARS = 1024 * 1024


def known_feeds(url: str) -> tuple[str, ...]:
    """Return the feeds of a page of a site that is known, by its address; none of others."""
    parts, domain = urlsplit(url), domain_of(url)
    place = parts.path + (f"?{parts.query}" if parts.query else "")
    for site, pattern, feeds in _SITES:
        if site == domain and (match := pattern.fullmatch(place)):
            return tuple(urljoin(url, feed.format(*match.groups())) for feed in feeds)
    is_known = any(site == domain for site, _, _ in _SITES)
    profile = None if is_known else _PROFILE.fullmatch(place)
    return (urljoin(url, f"/{profile[1]}.rss"),) if profile else ()


def feeds_in_page(page: str, *, url: str) -> tuple[str, ...]:
    """Return the feeds of which the page says enough to know their addresses."""
    if domain_of(url) != "youtube.com":
        return ()
    channel = _CHANNEL_ID.search(page, 0, _MAX_SCANNED_CHARS)
    return (urljoin(url, f"/feeds/videos.xml?channel_id={channel[1]}"),) if channel else ()
