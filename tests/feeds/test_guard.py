import socket

import pytest

from bot.feeds.guard import BlockedError, allowed, guarded_socket


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.8",
        "192.88.99.1",
        "198.18.0.1",
        "203.0.113.7",
        "168.63.129.16",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "3fff::1",
        "fc00::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "localhost",
        "",
    ],
)
def test_what_is_not_a_public_address_is_not_dialled(address: str) -> None:
    assert not allowed(address, 443)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f::1", "::ffff:93.184.215.14", "64:ff9b::808:808"]
)
def test_a_public_address_is_dialled(address: str) -> None:
    assert allowed(address, 80)


@pytest.mark.parametrize(
    ("port", "expected"), [(80, True), (443, True), (8080, True), (22, False), (25, False)]
)
def test_a_port_of_a_system_service_is_not_dialled(port: int, expected: bool) -> None:
    assert allowed("93.184.215.14", port) is expected


def test_a_socket_is_made_for_a_public_address_only() -> None:
    kind = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
    with guarded_socket((*kind, ("93.184.215.14", 443))) as made:
        assert made.family == socket.AF_INET
    with pytest.raises(BlockedError):
        guarded_socket((*kind, ("127.0.0.1", 443)))
