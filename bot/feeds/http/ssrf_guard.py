"""SSRF guard: feeds' URLs reach public addresses only, and not this machine by its own.

The check that counts is where sockets are made. It sees the address that is about to be
dialled, however the URL spelt it, wherever a redirect led and whatever a name server answered.
"""

import socket
from collections.abc import Callable
from enum import Enum, auto
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from aiohttp import AddrInfoType

from bot.web.urls import has_credentials

# Special-purpose networks (RFC 6890) that some version of Python's `ipaddress` calls global.
_SPECIAL_PURPOSE = (
    ip_network("192.0.0.0/24"),  # protocol assignments, RFC 6890; Oracle's metadata service
    ip_network("192.88.99.0/24"),  # 6to4 relays, RFC 7526
    ip_network("224.0.0.0/4"),  # multicast
    ip_network("168.63.129.16/32"),  # the metadata service of machines at Azure
    ip_network("2001::/23"),  # protocol assignments: Teredo, ORCHID and their like, RFC 2928
    ip_network("2002::/16"),  # 6to4: an IPv4 address in disguise, and long retired
    ip_network("3fff::/20"),  # documentation, RFC 9637
)
# All that IANA has assigned as global IPv6 unicast; loopback, site-local and so on lie outside.
_GLOBAL_UNICAST = ip_network("2000::/3")
# How a network without IPv4 reaches IPv4, RFC 6052: the last 32 bits are the address.
_NAT64 = ip_network("64:ff9b::/96")
# ISATAP, RFC 5214, retired: any prefix, then this mark, then an IPv4 address. One bit of the
# mark says whether that one is public.
_ISATAP = 0x0000_5EFE
_ISATAP_MASK = 0xFDFF_FFFF

MAX_URL_LENGTH = 2048

_WEB_PORTS = (80, 443)
_FIRST_UNPRIVILEGED_PORT = 1024
_IPV4 = 4
# "discard", RFC 863; nothing is sent there.
_ANY_PORT = 9


class UrlProblem(Enum):
    """Why a URL is not requested."""

    TOO_LONG = auto()
    NOT_WEB = auto()
    CREDENTIALS = auto()


class AddressProblem(Enum):
    """Why an address is not dialled."""

    PORT = auto()
    NOT_PUBLIC = auto()


_MESSAGES = {
    AddressProblem.PORT: "its port is not one of the web",
    AddressProblem.NOT_PUBLIC: "its address is not a public one",
}


class BlockedError(OSError):
    """The address must not be dialled; the message is the reason in plain words."""

    def __init__(self, problem: AddressProblem) -> None:
        """Take the reason."""
        super().__init__(_MESSAGES[problem])


def url_problem(url: str) -> UrlProblem | None:
    """Return what is wrong with a feed's URL; None: nothing."""
    if len(url) > MAX_URL_LENGTH:
        return UrlProblem.TOO_LONG
    try:
        parts = urlsplit(url)
    except ValueError:
        return UrlProblem.NOT_WEB
    if has_credentials(url):
        return UrlProblem.CREDENTIALS
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return UrlProblem.NOT_WEB
    return None


def is_own_address(ip: IPv4Address | IPv6Address) -> bool:
    """Return whether the address is one of this machine's network interfaces, as they are now.

    To an address of its own the kernel speaks from that very address. A datagram socket is
    connected without sending anything: only its route is chosen.
    """
    family = socket.AF_INET if ip.version == _IPV4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(ip), _ANY_PORT))
            return ip_address(probe.getsockname()[0]) == ip
    except OSError:  # no route leads there
        return False


def address_problem(
    address: str,
    port: int,
    *,
    is_own: Callable[[IPv4Address | IPv6Address], bool] = is_own_address,
) -> AddressProblem | None:
    """Return why the address must not be dialled: not public, or a port of a system service.

    A public address of this machine is no publisher's: what listens there may be for its owner.
    """
    if port not in _WEB_PORTS and port < _FIRST_UNPRIVILEGED_PORT:
        return AddressProblem.PORT
    try:
        ip = ip_address(address)
    except ValueError:
        return AddressProblem.NOT_PUBLIC
    if isinstance(ip, IPv6Address):
        # What counts is the IPv4 address that it may stand for.
        ip = IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in _NAT64 else ip.ipv4_mapped or ip
    is_isatap = ip.version == 6 and int(ip) >> 32 & _ISATAP_MASK == _ISATAP
    is_public = (
        ip.is_global
        and (ip.version == 4 or ip in _GLOBAL_UNICAST)
        and not is_isatap
        and not any(ip in network for network in _SPECIAL_PURPOSE)
    )
    return None if is_public and not is_own(ip) else AddressProblem.NOT_PUBLIC


def public_only_socket(address: AddrInfoType) -> socket.socket:
    """Make the socket for a connection; the `socket_factory` of aiohttp's TCPConnector.

    Raises:
        BlockedError: if the address must not be dialled.
    """
    family, kind, protocol, _, target = address
    problem = address_problem(str(target[0]), int(target[1]))
    if problem is not None:
        raise BlockedError(problem)
    return socket.socket(family, kind, protocol)
