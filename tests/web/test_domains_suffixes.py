import pytest

from bot.web.domains_suffixes import registrable


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("news.com.ua", "news.com.ua"),
        ("www.news.com.ua", "news.com.ua"),
        ("com.ua", "com.ua"),
        ("localhost", "localhost"),
        ("", ""),
    ],
)
def test_a_domain_is_what_one_registers(host: str, domain: str) -> None:
    assert registrable(host) == domain
