import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.domains import domain_of, is_public_host, registrable_domain


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://courier.example/rss", "courier.example"),
        ("https://feeds.news.courier.example:8443/rss", "courier.example"),
        ("HTTPS://WWW.Courier.Example./rss", "courier.example"),
        ("http://ann:secret@www.courier.example/", "courier.example"),
        ("//www.courier.example/rss", "courier.example"),
        ("https://www.bbc.co.uk/", "bbc.co.uk"),
        ("https://www.pravda.com.ua/", "pravda.com.ua"),
        ("https://news.city.kiev.ua/", "city.kiev.ua"),
        ("https://ann.github.io/", "ann.github.io"),
        ("https://bob.github.io/", "bob.github.io"),
        ("https://ann.blogspot.com/", "ann.blogspot.com"),
        ("https://a.b.example/", "b.example"),
        ("https://co.uk/", "co.uk"),
        ("https://новини.укр/", "xn--b1amarcd.xn--j1amh"),
        ("https://www.xn--b1amarcd.xn--j1amh/", "xn--b1amarcd.xn--j1amh"),
        ("http://my_feeds.courier.example/", "courier.example"),
        ("http://localhost:8080/rss", "localhost:8080"),
        ("http://localhost.:8080/rss", "localhost:8080"),
        ("http://127.0.0.1.:8080/rss", "127.0.0.1:8080"),
        ("http://rsshub/", "rsshub"),
        ("http://127.0.0.1:8080/rss", "127.0.0.1:8080"),
        ("http://127.0.0.1:80/rss", "127.0.0.1"),
        ("https://127.0.0.1:443/rss", "127.0.0.1"),
        ("http://①②⑦.⓪.⓪.①:81/", "127.0.0.1:81"),
        ("http://127.1:81/", "127.1:81"),
        ("http://0x7f.0.0.0x1/", "0x7f.0.0.0x1"),
        ("http://[2606:2800::1]:8080/a", "[2606:2800::1]:8080"),
        ("http://[2606:2800::1]/a", "[2606:2800::1]"),
    ],
)
def test_a_url_has_its_publishers_domain(url: str, domain: str) -> None:
    assert domain_of(url) == domain


@pytest.mark.parametrize(
    "url",
    [
        "",
        "   ",
        "courier",
        "http://",
        "http://[",
        "http://a:port/",
        "http://a..b/",
        "http://.courier.example/",
        "http://" + "a" * 80 + ".example",
        "http://" + "a." * 4000,
        "http://a b/",
        "http://\ud800.example/",
        "\ud800",
        "http://℀.example/",
        "http://\x00/",
        "mailto:ann@courier.example",
    ],
)
def test_an_invalid_url_has_a_domain_too(url: str) -> None:
    assert len(domain_of(url).encode()) <= 8100
    assert domain_of(url) == domain_of(url)


@given(st.text() | st.text(alphabet="htps:/.@[]12%#?юxn-\ud800 ").map("http://{}".format))
def test_no_text_is_an_error(url: str) -> None:
    assert domain_of(url).encode("ascii").isascii()


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
def test_a_registrable_domain_is_a_label_under_a_public_suffix(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


@pytest.mark.parametrize(
    ("host", "is_public"),
    [
        ("courier.com.ua", True),
        ("t.me", True),
        ("новини.укр", True),
        ("com.ua", False),
        ("word", False),
        ("end.Begin", False),
        ("8.30", False),
        ("a" * 300 + ".com", False),
        ("..", False),
        ("", False),
    ],
)
def test_a_host_is_public_where_its_suffix_is_known(host: str, is_public: bool) -> None:
    assert is_public_host(host) == is_public
