"""Would Telegram make a link of this address? Pure."""

import re

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_FORBIDDEN_IN_HOST = re.compile(r"[\x00-\x20\x7f\"'<>\\^`{|}%]")


class LinkError(Exception):
    """The address is none that Telegram links to; the message is its reason."""


def checked_link(address: str) -> str:
    """Return the address as Telegram stores it: with a scheme, a lower-case host and a path.

    Raises:
        LinkError: for another scheme, or a host without a dot, such as `localhost`.

    Source: tdlib, LinkManager::check_link and parse_url.
    """
    address = address.strip()
    if re.match(r"(?i)(tg|ton|tonsite):(//)?\S", address):
        return address
    scheme, rest = _split_scheme(address)
    authority, path = _split_path(rest)
    host, port = _split_port(authority.rpartition("@")[2])
    _check_host(host)
    userinfo = authority[: authority.rfind("@") + 1]
    escaped = re.sub(r"[\x00-\x20]", lambda found: f"%{ord(found[0]):02x}", path)
    return f"{scheme}://{userinfo}{host.lower()}{port}{escaped}"


def _split_scheme(address: str) -> tuple[str, str]:
    found = _SCHEME.match(address)
    if found is None:
        return "http", address
    scheme = found[1].lower()
    if scheme not in ("http", "https"):
        raise LinkError("Unsupported URL protocol")
    return scheme, address[found.end() :]


def _split_path(rest: str) -> tuple[str, str]:
    end = next((at for at, letter in enumerate(rest) if letter in "/?#"), len(rest))
    path = rest[end:]
    return rest[:end], path if path.startswith("/") else f"/{path}"


def _split_port(authority: str) -> tuple[str, str]:
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^:\[]*)(?::(.*))?", authority, re.DOTALL)
    if found is None:
        raise LinkError("Wrong HTTP URL")
    host, port = found[1], found[2]
    if port is None:
        return host, ""
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        raise LinkError("Wrong port number specified in the URL")
    return host, f":{port}"


def _check_host(host: str) -> None:
    if not host:
        raise LinkError("URL host is empty")
    if _FORBIDDEN_IN_HOST.search(host):
        raise LinkError("Disallowed character in URL host")
    if "." not in host and not host.startswith("["):
        raise LinkError("Wrong HTTP URL")
