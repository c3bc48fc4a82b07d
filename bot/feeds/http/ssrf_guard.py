"""Which addresses may we dial? Public ones only: no feed's URL may reach into our own network.

The check that counts sits where sockets are made. It sees the address that is about to be
dialled, however the URL spelt it, wherever a redirect led and whatever a name server answered.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from aiohttp import AddrInfoType

# What `ipaddress` takes for public, in one version of Python or another, and is not a publisher's.
_NOT_PUBLISHERS = (
    ip_network("192.0.0.0/24"),  # protocol assignments, RFC 6890; Oracle's metadata service
    ip_network("192.88.99.0/24"),  # 6to4 relays, RFC 7526
    ip_network("224.0.0.0/4"),  # multicast
    ip_network("168.63.129.16/32"),  # the metadata service of machines at Azure
    ip_network("2001::/23"),  # protocol assignments: Teredo, ORCHID and their like, RFC 2928
    ip_network("2002::/16"),  # 6to4: an IPv4 address in disguise, and long retired
    ip_network("3fff::/20"),  # documentation, RFC 9637
)
# All that IANA has given out as global IPv6 unicast; loopback, site-local and so on lie outside.
_GLOBAL_UNICAST = ip_network("2000::/3")
# How a network without IPv4 reaches IPv4, RFC 6052: the last 32 bits are the address.
_NAT64 = ip_network("64:ff9b::/96")
# ISATAP, RFC 5214: IPv4 in the disguise of any prefix, and retired too. The third quarter of
# the address gives it away, but for the bit that tells a public IPv4 address from a private.
_ISATAP = 0x0000_5EFE
_ISATAP_MASK = 0xFDFF_FFFF

MAX_URL_LENGTH = 2048

_WEB_PORTS = (80, 443)
_FIRST_UNPRIVILEGED_PORT = 1024


class BlockedError(OSError):
    """The address is not one that we dial; the message is the reason in plain words."""


def url_problem(url: str) -> str | None:
    """Return what is wrong with a feed's URL, in plain words; None: nothing.

    The words do not repeat the URL: it may hold a password.
    """
    if len(url) > MAX_URL_LENGTH:
        return f"is longer than {MAX_URL_LENGTH} characters"
    try:
        parts = urlsplit(url)
    except ValueError:
        return "is not one of the web"
    if parts.username is not None:
        return "holds a user name or a password"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "is not one of the web"
    return None


def address_problem(address: str, port: int) -> str | None:
    """Return why no feed may live there, in plain words; None: it may.

    It may at a public address, and at no port of a system service.
    """
    if port not in _WEB_PORTS and port < _FIRST_UNPRIVILEGED_PORT:
        return "its port is not one of the web"
    if not _is_public(address):
        return "its address is not a public one"
    return None


def public_only_socket(address: AddrInfoType) -> socket.socket:
    """Make the socket for a connection; the `socket_factory` of aiohttp's TCPConnector.

    Raises:
        BlockedError: if the address is not one that we dial.
    """
    family, kind, protocol, _, target = address
    reason = address_problem(str(target[0]), int(target[1]))
    if reason is not None:
        raise BlockedError(reason)
    return socket.socket(family, kind, protocol)


def _is_public(address: str) -> bool:
    try:
        ip = _unwrapped(ip_address(address))
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and (ip not in _GLOBAL_UNICAST or _is_isatap(ip)):
        return False
    return ip.is_global and not any(ip in network for network in _NOT_PUBLISHERS)


def _unwrapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip


def _is_isatap(ip: IPv6Address) -> bool:
    return int(ip) >> 32 & _ISATAP_MASK == _ISATAP
