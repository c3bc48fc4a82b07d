"""Whom do we owe our manners? The registrable domain of an address. Pure."""

import re
from functools import cache, lru_cache
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from publicsuffixlist import PublicSuffixList

_DEFAULT_PORTS = {"http": 80, "https": 443}
# "127.1" and "0x7f.1" are addresses to a resolver, and no top-level domain is a number.
_NUMERIC = re.compile(r"(?:.*\.)?(?:\d+|0x[\da-f]*)", re.ASCII)
# No host name is longer. Source: RFC 1035, section 2.3.4.
_MAX_LENGTH = 253


@lru_cache(maxsize=4096)
def domain_of(url: str) -> str:
    """Return the registrable domain, in ASCII; what it never returns is an error.

    A public suffix that is a host itself stands for itself, and an IP address or a host of
    one label comes with its port, unless that is the usual one. Of what is no address at all
    the beginning is returned, as it stands.
    """
    try:
        parts = urlsplit(url.strip())
        host = _ascii(parts.hostname or "")
        port = parts.port
    except ValueError:  # a port of letters, or "[" and no "]"
        return _nonsense(url)
    if not host:
        return _nonsense(url)
    if _is_address(host) or "." not in host:
        return _with_port(host, port, parts)
    return registrable(host)


def _ascii(host: str) -> str:
    host = host.rstrip(".")
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:  # an empty label, or one too long
        return _nonsense(host)


def _nonsense(text: str) -> str:
    # Half a surrogate pair, say, could not be stored.
    return text.strip()[:_MAX_LENGTH].encode("ascii", "backslashreplace").decode()


def _is_address(host: str) -> bool:
    if _NUMERIC.fullmatch(host):
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _with_port(host: str, port: int | None, parts: SplitResult) -> str:
    host = f"[{host}]" if ":" in host else host
    usual = port is None or port == _DEFAULT_PORTS.get(parts.scheme)
    return host if usual else f"{host}:{port}"


def registrable(host: str) -> str:
    """Return the registrable domain: www.news.com.ua and news.com.ua are one, com.ua is none.

    A host that is a public suffix itself, or of one label, stands for itself.
    """
    return str(_suffixes().privatesuffix(host) or host)


@cache
def _suffixes() -> PublicSuffixList:
    # Reading the list takes some 30 ms.
    return PublicSuffixList()
