"""Which addresses may we dial? Public ones only: a feed's URL must not reach into our network.

The check sits where sockets are made: it sees the address that is about to be dialled,
whatever the URL looked like, wherever a redirect led and whatever a name server said.
"""

import ipaddress
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network

from aiohttp.typedefs import AddrInfoType if False else None
