import re
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.http.ssrf_guard import (
    MAX_URL_LENGTH,
    AddressProblem,
    BlockedError,
    UrlProblem,
    address_problem,
    is_own_address,
    public_only_socket,
    url_problem,
)

NOT_PUBLIC, PORT = AddressProblem.NOT_PUBLIC, AddressProblem.PORT
NOT_WEB, CREDENTIALS = UrlProblem.NOT_WEB, UrlProblem.CREDENTIALS

PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "127.255.255.255",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    # The metadata services of the clouds: most of them, Alibaba's, Azure's, Oracle's, ECS's.
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "169.254.170.2",
    "fd00:ec2::254",
    "fd20:ce::254",
    # Carriers' NAT, protocols, tests, documentation, relays.
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.7",
    # Multicast, reserved, broadcast.
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::1",
    "64:ff9b:1::808:808",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "2606:4700::5efe:127.0.0.1",
    "2606:4700::200:5efe:8.8.8.8",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fdff:ffff::1",
    "fe80::1",
    "fe80::1%eth0",
    "fe80::5efe:10.0.0.1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    # What is no address at all, in the way that it is written.
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "8.8.8.08",
    "①②⑦.⓪.⓪.①",
    "8.8.8.8.",
    "[2606:4700::1]",
    "localhost",
    "",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_a_public_address_is_not_dialled(address: str) -> None:
    assert address_problem(address, 443) == NOT_PUBLIC


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "93.184.215.14",
        "100.128.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "198.20.0.1",
        "223.255.255.254",
        "2001:4860:4860::8888",
        "2606:2800:21f::1",
        "2606:4700::5efd:7f00:1",
        "2a00:1450:4001::1",
        "::ffff:93.184.215.14",
        "64:ff9b::808:808",
    ],
)
def test_a_public_address_is_dialled(address: str) -> None:
    assert address_problem(address, 80) is None


# A machine on which publishers' sites live beside what is for its owner.
OWN = {IPv4Address("93.184.215.14"), IPv6Address("2a00:1450:4001::1")}


@pytest.mark.parametrize(
    "address",
    [
        "93.184.215.14",
        "2a00:1450:4001::1",
        "2a00:1450:4001:0:0:0:0:1",
        "::ffff:93.184.215.14",
        "64:ff9b::93.184.215.14",
        "64:ff9b::5db8:d70e",
    ],
)
def test_a_public_address_of_this_machine_is_not_dialled_in_any_disguise(address: str) -> None:
    assert address_problem(address, 443, is_own=OWN.__contains__) == NOT_PUBLIC


def test_the_addresses_beside_those_of_this_machine_are_dialled() -> None:
    for address in ("93.184.215.13", "2a00:1450:4001::2", "::ffff:93.184.215.15"):
        assert address_problem(address, 443, is_own=OWN.__contains__) is None


def interface_addresses() -> set[IPv4Address | IPv6Address]:
    """Return the addresses that the kernel lists for the interfaces of this machine."""
    listed: set[IPv4Address | IPv6Address] = set()
    trie, inet6 = Path("/proc/net/fib_trie"), Path("/proc/net/if_inet6")
    if trie.exists():
        hosts = re.findall(r"-- ([0-9.]+)\s+/32 host LOCAL", trie.read_text(encoding="ascii"))
        listed |= set(map(IPv4Address, hosts))
    if inet6.exists():
        lines = inet6.read_text(encoding="ascii").splitlines()
        listed |= {IPv6Address(int(line.split()[0], 16)) for line in lines}
    # One of a link needs the name of its interface to be spoken to.
    return {ip for ip in listed if not ip.is_link_local}


def test_the_addresses_of_the_interfaces_are_known_for_own_and_no_others() -> None:
    own = interface_addresses() | {IPv4Address("127.0.0.1")}
    assert {ip for ip in own if not is_own_address(ip)} == set()
    others = ("93.184.215.14", "192.0.2.1", "2606:4700::1", "2001:db8::1", "0.0.0.1")
    assert not any(is_own_address(ip_address(other)) for other in others)


@pytest.mark.parametrize(
    ("port", "web"),
    [
        (80, True),
        (443, True),
        (1024, True),
        (8080, True),
        (65_535, True),
        *((port, False) for port in (0, 1, 22, 23, 25, 53, 110, 139, 445, 587, 993, 1023)),
    ],
)
def test_a_port_of_a_system_service_is_not_dialled(port: int, web: bool) -> None:
    assert address_problem("93.184.215.14", port) == (None if web else PORT)


PRIVATE_NETWORKS = ["0.0.0.0", "10.0.0.0", "127.0.0.0", "169.254.0.0", "192.168.0.0"]


@given(st.sampled_from(PRIVATE_NETWORKS), st.integers(min_value=0, max_value=2**16 - 1))
def test_no_disguise_in_ipv6_opens_a_private_address(network: str, offset: int) -> None:
    hidden = int(IPv4Address(network)) + offset
    for disguise in (
        0xFFFF << 32 | hidden,
        hidden,
        0xFFFF << 48 | hidden,
        0x64FF9B << 96 | hidden,
        0x64FF9B0001 << 80 | hidden,
        0x2002 << 112 | hidden << 80 | 1,
        0x20010000 << 96 | hidden ^ 0xFFFF_FFFF,
        0x26064700 << 96 | 0x5EFE << 32 | hidden,
        0x26064700 << 96 | 0x2005EFE << 32 | hidden,
    ):
        assert address_problem(str(IPv6Address(disguise)), 443) == NOT_PUBLIC


def test_a_socket_is_made_for_a_public_address_only() -> None:
    kind = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
    with public_only_socket((*kind, ("93.184.215.14", 443))) as made:
        assert made.family == socket.AF_INET
    with pytest.raises(BlockedError, match="its address is not a public one"):
        public_only_socket((*kind, ("127.0.0.1", 443)))
    with pytest.raises(BlockedError, match="its port is not one of the web"):
        public_only_socket((*kind, ("93.184.215.14", 25)))


def test_a_socket_for_ipv6_is_guarded_too() -> None:
    kind = (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
    with pytest.raises(BlockedError):
        public_only_socket((*kind, ("::1", 443, 0, 0)))


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://courier.example/rss", None),
        ("HTTPS://courier.example:8443/rss?a=%2F#top", None),
        ("https://кур'єр.укр/стрічка", None),
        ("http://[2606:4700::1]/", None),
        ("ftp://courier.example/", NOT_WEB),
        ("file:///etc/passwd", NOT_WEB),
        ("ws://courier.example/", NOT_WEB),
        ("//courier.example/rss", NOT_WEB),
        ("courier.example/rss", NOT_WEB),
        ("http://", NOT_WEB),
        ("http:///rss", NOT_WEB),
        ("http://[broken", NOT_WEB),
        ("javascript:alert(1)", NOT_WEB),
        ("", NOT_WEB),
        ("http://me@courier.example/", CREDENTIALS),
        ("http://me:secret@courier.example/", CREDENTIALS),
        ("http://@courier.example/", CREDENTIALS),
        ("http://courier.example@127.0.0.1/", CREDENTIALS),
        ("http://courier.example\\@127.0.0.1/", CREDENTIALS),
        ("http://a.example/" + "a" * MAX_URL_LENGTH, UrlProblem.TOO_LONG),
    ],
)
def test_a_url_that_no_feed_may_have_is_rejected(url: str, problem: UrlProblem | None) -> None:
    assert url_problem(url) == problem
