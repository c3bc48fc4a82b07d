import pytest

from bot_playground.formatting.links import LinkError, normalize_link


@pytest.mark.parametrize(
    ("address", "stored"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("A.Example", "http://a.example/"),
        ("https://a.example", "https://a.example/"),
        ("https://a.example?q=1", "https://a.example/?q=1"),
        ("https://a.example#top", "https://a.example/#top"),
        ("http://127.0.0.1:8080/x y", "http://127.0.0.1:8080/x%20y"),
        ("https://me@a.example/", "https://me@a.example/"),
        ("http://[::1]:80/", "http://[::1]:80/"),
        ("tg://user?id=1", "tg://user?id=1"),
    ],
)
def test_an_address_is_stored_in_full(address: str, stored: str) -> None:
    assert normalize_link(address) == stored
    assert normalize_link(stored) == stored


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://localhost/", "Wrong HTTP URL"),
        ("", "URL host is empty"),
        ("https:///x", "URL host is empty"),
        ("ftp://a.example/", "Unsupported URL protocol"),
        ("http://a b.example/", "Disallowed character in URL host"),
        ("http://a.example:99999/", "Wrong port number specified in the URL"),
        ("http://[:::x]/", "Wrong HTTP URL"),
        ("http://[::1]x/", "Wrong HTTP URL"),
    ],
)
def test_other_addresses_are_no_links(address: str, reason: str) -> None:
    with pytest.raises(LinkError, match=reason):
        normalize_link(address)
