"""Registrable domains (public suffix list): the unit of per-host rate limits."""

import re
from functools import cache, lru_cache
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

_DEFAULT_PORTS = {"http": 80, "https": 443}
# A resolver takes "127.1" and "0x7f.1" for addresses, and no top-level domain is a number.
_NUMERIC = re.compile(r"(?:.*\.)?(?:\d+|0x[\da-f]*)", re.ASCII)
# The limit of a host name. Source: RFC 1035, section 2.3.4.
_MAX_LENGTH = 253
# Of an address; its host is at the beginning.
_MAX_READ_CHARS = 2048


@lru_cache(maxsize=4096)
def domain_of(url: str) -> str:
    """Return the registrable domain of an address, in ASCII; never raise.

    A host that is a public suffix is its own domain. An IP address or a host of one label keeps
    its port unless that is the default one. Of an invalid address the beginning is returned.
    """
    try:
        parts = urlsplit(url[:_MAX_READ_CHARS].strip())
        host = _ascii_host(parts.hostname or "")
        port = parts.port
    except ValueError:  # a port of letters, or "[" without "]"
        return _truncated(url)
    if not host:
        return _truncated(url)
    is_ip_address = ":" in host or _NUMERIC.fullmatch(host) is not None
    if "." in host and not is_ip_address:
        return registrable_domain(host)
    host = f"[{host}]" if ":" in host else host
    is_default = port is None or port == _DEFAULT_PORTS.get(parts.scheme)
    return host if is_default else f"{host}:{port}"


def registrable_domain(host: str) -> str:
    """Return the registrable domain: news.com.ua for www.news.com.ua, but not com.ua.

    A host that is a public suffix, or of one label, is its own domain.
    """
    if len(host) > _MAX_LENGTH:
        return host
    return str(_public_suffixes().privatesuffix(host) or host)


def is_public_host(host: str) -> bool:
    """Return whether a host is under a public suffix that the list knows, as no word is."""
    name = _ascii_host(host)
    if "." not in name or len(name) > _MAX_LENGTH:
        return False
    return _public_suffixes().privatesuffix(name, accept_unknown=False) is not None


def _ascii_host(host: str) -> str:
    host = host.rstrip(".")
    if len(host) > _MAX_LENGTH:
        return _truncated(host)
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:  # an empty label, or one too long
        return _truncated(host)


def _truncated(text: str) -> str:
    # Escaped, as SQLite cannot store a lone surrogate.
    return text.strip()[:_MAX_LENGTH].encode("ascii", "backslashreplace").decode()


@cache
def _public_suffixes() -> PublicSuffixList:
    # Reading the list takes some 30 ms.
    return PublicSuffixList()
