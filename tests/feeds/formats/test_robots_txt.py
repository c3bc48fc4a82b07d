import pytest

from bot.feeds.formats.robots_txt import is_allowed


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /news/", False),
        ("User-agent: *\nDisallow: /search", True),
        ("User-agent: *\nDisallow: /*?print=", True),
        ("User-agent: *\nDisallow: /news/*-bridge$", False),
        ("User-agent: *\nDisallow: /\nAllow: /news/", True),
        ("User-agent: ReadAlso\nDisallow: /\n\nUser-agent: *\nAllow: /", False),
        ("user-agent: readalso\ndisallow: /news", False),
        ("User-agent: OtherBot\nDisallow: /", True),
        ("\ufeffUser-agent: *\nDisallow: /", False),
        ("<!doctype html><p>Not found", True),
        ("Disallow: /", True),
    ],
)
def test_the_rules_for_us_are_obeyed(robots: str, allowed: bool) -> None:
    url = "https://courier.example/news/old-bridge"
    assert is_allowed(robots.encode(), url=url) is allowed


def test_rules_in_any_bytes_are_read() -> None:
    assert is_allowed(b"\xff\xfe\0User-agent: *\nDisallow: /\n", url="https://courier.example/a")
