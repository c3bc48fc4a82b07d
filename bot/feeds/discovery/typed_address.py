"""Which web address does a person mean by what he typed? Pure."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from yarl import URL

MAX_LENGTH = 2048

# Programs that read feeds have put their own names before the address.
_READERS = r"(?:feed|rss|itpc|pcast|podcast)"
_WRAPPED = re.compile(rf"\b{_READERS}:(?://)?(?=https?:/)", re.IGNORECASE)
_FULL = re.compile(rf"\b(https?|{_READERS}):\s*/{{1,3}}\s*([^\s/]\S*)", re.IGNORECASE)
# Soft hyphens, zero-width characters and direction marks come along when one copies.
_UNSEEN = re.compile("[\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\0-\x08\x0e-\x1f]")
# Telephones put a space after a full stop.
_SPACED_STOP = re.compile(r" ?\. ?")
_BEFORE = "<«„“\"'`("
_AFTER = ">»”“\"'`.,;:!?…"
_NOTHING_TO_ESCAPE = re.compile("[!-~]+")
_BRACKETS = {")": "(", "]": "["}
# Neither a name with a password, nor a backslash, which to a browser is a slash.
_AUTHORITY = re.compile(r"[^/?#@\\]+(?:[/?#]|$)")
# https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4
_MAX_HOST, _MAX_LABEL = 253, 63
_LABEL = re.compile(rf"[a-z0-9_-]{{1,{_MAX_LABEL}}}", re.ASCII)
# Nothing but an IPv4 address ends in digits: "3.14" is a number.
_TOP_LEVEL = re.compile(r"[a-z][a-z0-9-]+", re.ASCII)
_IPV4 = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}", re.ASCII)


def read_address(typed: str) -> tuple[str, ...]:
    """Return the addresses to try, the likeliest first; none where it is no web address.

    Where no `http` was typed, https comes first and http second. Hosts come out in ASCII
    and lower case, paths as they were typed; a fragment is left away.
    """
    # A longer text is no address; and none is worth searching that is longer still.
    text = " ".join(_UNSEEN.sub("", typed[: 2 * MAX_LENGTH]).split())
    full = _FULL.search(_WRAPPED.sub("", text))
    if full is None:
        return tuple(_urls(("https", "http"), _SPACED_STOP.sub(".", text), bare=True))
    scheme = full[1].lower()
    schemes = (scheme,) if scheme in ("http", "https") else ("https", "http")
    return tuple(_urls(schemes, full[2], bare=False))


def _urls(schemes: tuple[str, ...], rest: str, *, bare: bool) -> Iterator[str]:
    rest = _unwrapped(rest).removeprefix("//")
    if " " in rest or not _AUTHORITY.match(rest):
        return
    for scheme in schemes:
        try:
            url = _url(f"{scheme}://{rest}")
        except ValueError:  # a port of letters, "[" and no "]", a name that IDNA refuses
            return
        if len(str(url)) <= MAX_LENGTH and _is_of_the_web(url, bare=bare):
            yield str(url)


def _url(address: str) -> URL:
    url = URL(address)
    if _NOTHING_TO_ESCAPE.fullmatch(address):
        # As typed but for the host: yarl would turn "%2F" into "/" in places.
        parts = urlsplit(address)._replace(netloc=url.raw_authority)
        url = URL(parts.geturl(), encoded=True)
    return url.with_fragment(None)


def _unwrapped(text: str) -> str:
    """Take off the quotes, brackets and stops of the sentence round the address."""
    text = text.lstrip(_BEFORE)
    while text and (text[-1] in _AFTER or _closes_nothing(text)):
        text = text[:-1]
    return text


def _closes_nothing(text: str) -> bool:
    return text[-1] in _BRACKETS and _BRACKETS[text[-1]] not in text


def _is_of_the_web(url: URL, *, bare: bool) -> bool:
    host = (url.raw_host or "").rstrip(".")
    if ":" in host:  # IPv6: yarl has read it
        return True
    labels = host.split(".")
    if len(host) > _MAX_HOST or not all(map(_LABEL.fullmatch, labels)):
        return False
    return not bare or _looks_typed(labels, has_port=url.explicit_port is not None)


def _looks_typed(labels: list[str], *, has_port: bool) -> bool:
    """Return whether a name without a scheme is meant for an address: "news" is not."""
    if _IPV4.fullmatch(".".join(labels)) or (labels == ["localhost"] and has_port):
        return True
    return len(labels) > 1 and _TOP_LEVEL.fullmatch(labels[-1]) is not None
