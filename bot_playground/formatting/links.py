"""Links as Telegram normalizes them: scheme, lower-case host, port and path."""

import re

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_FORBIDDEN_IN_HOST = re.compile(r"[\x00-\x20\x7f\"'<>\\^`{|}%]")
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[]*)(?::(.*))?", re.DOTALL)


class LinkError(Exception):
    """Telegram makes no link of the address; the message is Telegram's reason."""


def normalize_link(address: str) -> str:
    """Return the address as Telegram stores it: with a scheme, a lower-case host and a path.

    Raises:
        LinkError: for another scheme, or a host without a dot, such as `localhost`.

    Source: tdlib, LinkManager::check_link and parse_url.
    """
    address = address.strip()
    if re.match(r"(?i)(tg|ton|tonsite):(//)?\S", address):
        return address
    scheme, rest = "http", address
    if match := _SCHEME.match(address):
        scheme, rest = match[1].lower(), address[match.end() :]
    if scheme not in ("http", "https"):
        raise LinkError("Unsupported URL protocol")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    path = rest[len(authority) :]
    if not path.startswith("/"):
        path = f"/{path}"
    userinfo, at, host_and_port = authority.rpartition("@")
    host, port = _split_port(host_and_port)
    escaped = re.sub(r"[\x00-\x20]", lambda match: f"%{ord(match[0]):02x}", path)
    return f"{scheme}://{userinfo}{at}{host.lower()}{port}{escaped}"


def _split_port(authority: str) -> tuple[str, str]:
    """Return the checked host and the port with its colon; the port may be empty."""
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise LinkError("Wrong HTTP URL")
    host, port = match[1], match[2]
    if port is not None and not (re.fullmatch(r"[0-9]{1,5}", port) and 0 < int(port) < 65536):
        raise LinkError("Wrong port number specified in the URL")
    if not host:
        raise LinkError("URL host is empty")
    if _FORBIDDEN_IN_HOST.search(host):
        raise LinkError("Disallowed character in URL host")
    if "." not in host and not host.startswith("["):
        raise LinkError("Wrong HTTP URL")
    return host, "" if port is None else f":{port}"
