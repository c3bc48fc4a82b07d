"""Typed addresses: the candidate URLs for what a person has typed."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from yarl import URL

MAX_LENGTH = 2048

# Schemes by which feed readers register themselves for an address.
_READER_SCHEMES = r"(?:feed|rss|itpc|pcast|podcast)"
_WRAPPED = re.compile(rf"\b{_READER_SCHEMES}:(?://)?(?=https?:/)", re.IGNORECASE)
_FULL = re.compile(rf"\b(https?|{_READER_SCHEMES}):\s*/{{1,3}}\s*([^\s/]\S*)", re.IGNORECASE)
# Soft hyphens, zero-width characters and direction marks are copied along.
_UNSEEN = re.compile("[\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\0-\x08\x0e-\x1f]")
# Phone keyboards put a space after a full stop.
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
    """Return the URLs to try, the likeliest first; none where it is no web address.

    Without a scheme, https comes first and http second. Hosts become ASCII and lower case,
    paths stay as they were typed, and a fragment is dropped.
    """
    # A longer text is no address, and a much longer one is not even searched.
    text = " ".join(_UNSEEN.sub("", typed[: 2 * MAX_LENGTH]).split())
    full = _FULL.search(_WRAPPED.sub("", text))
    if full is None:
        return tuple(_urls(("https", "http"), _SPACED_STOP.sub(".", text), bare=True))
    scheme = full[1].lower()
    schemes = (scheme,) if scheme in ("http", "https") else ("https", "http")
    return tuple(_urls(schemes, full[2], bare=False))


def _urls(schemes: tuple[str, ...], rest: str, *, bare: bool) -> Iterator[str]:
    # Without the quotes, brackets and stops of the sentence round the address.
    rest = rest.lstrip(_BEFORE)
    while rest and (rest[-1] in _AFTER or _BRACKETS.get(rest[-1], rest[-1]) not in rest):
        rest = rest[:-1]
    rest = rest.removeprefix("//")
    if " " in rest or not _AUTHORITY.match(rest):
        return
    for scheme in schemes:
        address = f"{scheme}://{rest}"
        try:
            url = URL(address)
            if _NOTHING_TO_ESCAPE.fullmatch(address):
                # As typed but for the host: yarl would turn "%2F" into "/" in places.
                parts = urlsplit(address)._replace(netloc=url.raw_authority)
                url = URL(parts.geturl(), encoded=True)
        except ValueError:  # a port of letters, "[" and no "]", a name that IDNA refuses
            return
        url = url.with_fragment(None)
        if len(str(url)) <= MAX_LENGTH and _is_web_host(url, bare=bare):
            yield str(url)


def _is_web_host(url: URL, *, bare: bool) -> bool:
    host = (url.raw_host or "").rstrip(".")
    if ":" in host:  # IPv6, which yarl has checked
        return True
    labels = host.split(".")
    if len(host) > _MAX_HOST or not all(map(_LABEL.fullmatch, labels)):
        return False
    if not bare:
        return True
    # Without a scheme a name must look like an address: "news" does not.
    if _IPV4.fullmatch(host) or (labels == ["localhost"] and url.explicit_port is not None):
        return True
    return len(labels) > 1 and _TOP_LEVEL.fullmatch(labels[-1]) is not None
