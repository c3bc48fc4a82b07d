"""Source of a feed: whose articles it brings, by its address alone.

That is the registrable domain, and on hosts that many share the host and the channel. The title
that a feed gives itself may be anybody's name.
"""

from collections.abc import Iterator
from functools import cache
from urllib.parse import parse_qs, unquote, urlsplit

from bot.resources import RESOURCES
from bot.text.safe import printable
from bot.web.domains import domain_of

MAX_LENGTH = 100

_SUBDOMAIN = "subdomain"
_MAX_PARAMETERS = 20
_MAX_READ_CHARS = 2048


def source_of(url: str) -> str:
    """Return the source of the feed at the address: "courier.example", "t.me/harbour"."""
    domain = domain_of(url)
    channel = next(_channels(url[:_MAX_READ_CHARS], domain), "")
    return printable(f"{domain}/{channel}" if channel else domain)[:MAX_LENGTH]


def _channels(url: str, domain: str) -> Iterator[str]:
    """Yield the names that may be the channel's, the likeliest first."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        values = parse_qs(parts.query, max_num_fields=_MAX_PARAMETERS)
    except ValueError:  # "[" without "]", or more parameters than anybody needs
        return
    words = _shared_hosts().get(domain)
    # At any host "@name" is one of many.
    path = [unquote(step) for step in parts.path.split("/") if step]
    handles = (step.removesuffix(".rss") for step in path if step.startswith("@"))
    yield from handles
    if words is None:
        return
    label = host.removesuffix(domain).rstrip(".").rpartition(".")[2]
    if _SUBDOMAIN in words and label not in ("", "www", "feeds", "rss"):
        yield label
    yield from (value for word in words for value in values.get(word.removeprefix("?"), ()))
    yield from (step for step in path if step.lower() not in words)


@cache
def _shared_hosts() -> dict[str, frozenset[str]]:
    lines = (RESOURCES / "shared_hosts.txt").read_text(encoding="utf-8").splitlines()
    fields = (line.split() for line in lines if line and not line.startswith("#"))
    return {domain: frozenset(words) for domain, *words in fields}
