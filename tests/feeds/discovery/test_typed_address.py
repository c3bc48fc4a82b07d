import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.discovery.typed_address import MAX_LENGTH, read_address

UKR = "xn--b1amarcd.xn--j1amh"


def both(rest: str) -> tuple[str, str]:
    return f"https://{rest}", f"http://{rest}"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("pravda.com.ua", both("pravda.com.ua")),
        ("  Pravda.COM.ua/RSS\n", both("pravda.com.ua/RSS")),
        ("www.site.example.", both("www.site.example")),
        ("//site.example/x", both("site.example/x")),
        ("site.example:8080/x", both("site.example:8080/x")),
        ("site.example/?q=1#top", both("site.example/?q=1")),
        ("93.184.216.34/rss", both("93.184.216.34/rss")),
        ("localhost:1200/feed", both("localhost:1200/feed")),
        # A telephone has put the space there.
        ("pravda. com. ua", both("pravda.com.ua")),
        ("новини.укр", both(UKR)),
        ("НОВИНИ.УКР/стрічка", both(f"{UKR}/%D1%81%D1%82%D1%80%D1%96%D1%87%D0%BA%D0%B0")),
        ("feed://site.example/x", both("site.example/x")),
        ("RSS://site.example/x", both("site.example/x")),
    ],
)
def test_without_http_both_schemes_are_tried_the_secure_one_first(
    typed: str, meant: tuple[str, ...]
) -> None:
    assert read_address(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("https://site.example/section/", "https://site.example/section/"),
        ("HTTP://Site.Example/Section", "http://site.example/Section"),
        ("feed:https://site.example/x", "https://site.example/x"),
        ("feed://http://site.example/x", "http://site.example/x"),
        ("https:// site.example/x", "https://site.example/x"),
        ("http:/site.example/x", "http://site.example/x"),
        ("https:///site.example/x", "https://site.example/x"),
        ("Look: https://site.example/x, please", "https://site.example/x"),
        ("(https://site.example/x)", "https://site.example/x"),
        ("<https://site.example/x>", "https://site.example/x"),
        ("«https://site.example/x».", "https://site.example/x"),
        ("https://site.example/a_(b)", "https://site.example/a_(b)"),
        ("https://\u200bsite.example/\u202ex", "https://site.example/x"),
        ("http://[2606:2800::1]/x", "http://[2606:2800::1]/x"),
        ("http://rsshub/telegram/x", "http://rsshub/telegram/x"),
        # As typed to the byte: another spelling would be another address to some.
        ("https://site.example/%2f?x=%2F&y", "https://site.example/%2f?x=%2F&y"),
        (
            "https://site.example/стаття",
            "https://site.example/%D1%81%D1%82%D0%B0%D1%82%D1%82%D1%8F",
        ),
    ],
)
def test_with_http_the_address_is_taken_at_its_word(typed: str, meant: str) -> None:
    assert read_address(typed) == (meant,)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "news",
        "the news of today",
        "Good morning. How are you",
        "3.14",
        "2130706433",
        "v1.2.3",
        "me@site.example",
        "mailto:me@site.example",
        "https://me:secret@site.example/",
        "https://site.example\\@other.example/",
        "javascript:alert(1)",
        "data:text/html,a.b",
        "ftp://site.example/x",
        "file:///etc/passwd",
        "https://",
        "https://./",
        "https://a..b/",
        "http://[",
        "[]@",
        "http://[]@/",
        "http://[::1",
        "http://site.example:port/",
        "site.example:99999",
        f"https://{'a' * 64}.example/",
        f"https://{'a.' * 127}example/",
        f"https://site.example/{'a' * MAX_LENGTH}",
        "\0",
        "…",
    ],
)
def test_what_is_no_web_address_is_none(typed: str) -> None:
    assert read_address(typed) == ()


@given(st.text())
def test_no_text_is_too_odd_to_read(text: str) -> None:
    assert len(read_address(text)) <= 2


@given(st.text(alphabet="htps:/.аb@[]\\ 19%?#", max_size=40))
def test_what_was_understood_is_understood_again(text: str) -> None:
    assert all(read_address(url) == (url,) for url in read_address(text))
