"""Which addresses may we dial? Public ones only: no feed's URL may reach into our own network.

The check sits where sockets are made. It sees the address that is about to be dialled,
however the URL spelt it, wherever a redirect led and whatever a name server answered.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from aiohttp import AddrInfoType

# What `ipaddress` of Python 3.11 takes for public, and is not a publisher's.
_NOT_PUBLISHERS = (
    ip_network("192.0.0.0/24"),  # protocol assignments, RFC 6890
    ip_network("192.88.99.0/24"),  # 6to4 relays, RFC 7526
    ip_network("224.0.0.0/4"),  # multicast
    ip_network("168.63.129.16/32"),  # the metadata service of machines at Azure
    ip_network("2002::/16"),  # 6to4: an IPv4 address in disguise, and long retired
    ip_network("3fff::/20"),  # documentation, RFC 9637
)
# All that IANA has given out as global IPv6 unicast; loopback, site-local and so on lie outside.
_GLOBAL_UNICAST = ip_network("2000::/3")
# How a network without IPv4 reaches IPv4, RFC 6052: the last 32 bits are the address.
_NAT64 = ip_network("64:ff9b::/96")

_WEB_PORTS = (80, 443)
_FIRST_UNPRIVILEGED_PORT = 1024


class BlockedError(OSError):
    """The address is not one that we dial."""


def allowed(address: str, port: int) -> bool:
    """Return whether a feed may live there: a public address, and no port of a system service."""
    if port not in _WEB_PORTS and port < _FIRST_UNPRIVILEGED_PORT:
        return False
    try:
        ip = _unwrapped(ip_address(address))
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip not in _GLOBAL_UNICAST:
        return False
    return ip.is_global and not any(ip in network for network in _NOT_PUBLISHERS)


def guarded_socket(address: AddrInfoType) -> socket.socket:
    """Make the socket for a connection; the `socket_factory` of aiohttp's TCPConnector.

    Raises:
        BlockedError: if the address is not one that we dial.
    """
    family, kind, protocol, _, target = address
    if not allowed(str(target[0]), int(target[1])):
        raise BlockedError("blocked destination")
    return socket.socket(family, kind, protocol)


def _unwrapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip
