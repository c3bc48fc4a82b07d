import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.urls import canonical, has_credentials, without_tracking


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/news/a?id=1&page=2",
        "http://example.com/news/a?id=1&page=2",
        "HTTPS://WWW.Example.COM/news/a?id=1&page=2",
        "https://example.com:443/news/a/?page=2&id=1",
        "http://example.com:80/news/a?page=2&&id=1#comments",
        "https://user@example.com./news/a?id=1&page=2&utm_source=rss&utm_medium=feed",
        "https://example.com/news/a?fbclid=x&id=1&UTM_Campaign=y&page=2&ref=example.com",
        "https://example.com/news/a?id=1&page=2&ref=www.example.com&at_medium=RSS",
    ],
)
def test_spellings_of_one_address_share_a_key(url: str) -> None:
    assert canonical(url.replace("ref=www.example.com", "ref=example.com")) == (
        "example.com/news/a?id=1&page=2"
    )


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://example.com/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8", "https://example.com/новини"),
        ("https://example.com/%d0%bd%D0%BE%d0%b2", "https://example.com/%D0%BD%d0%be%D0%B2"),
        ("https://example.com/%7Eann/%61%2d%41", "https://example.com/~ann/a-A"),
        ("https://example.com/a?q=%D1%8F&b=1", "https://example.com/a?b=1&q=я"),
        ("https://example.com/%e9%2F", "https://example.com/%E9%2f"),
        ("https://example.com/100%", "https://example.com/100%25"),
        ("https://example.com/и%CC%86", "https://example.com/й"),
        ("https://xn--e1aah1afb4czb.xn--p1ai/a", "https://приречье.рф/a"),
        ("https://XN--E1AAH1AFB4CZB.рф/a", "https://www.Приречье.РФ/a"),
    ],
)
def test_i06_needless_escapes_do_not_change_the_key(url: str, other: str) -> None:
    assert canonical(url) == canonical(other)


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://example.com/a%2Fb", "https://example.com/a/b"),
        ("https://example.com/a%3Fb=1", "https://example.com/a?b=1"),
        ("https://example.com/a?b=1%26c=2", "https://example.com/a?b=1&c=2"),
        ("https://example.com/%2541", "https://example.com/A"),
        ("https://example.com/%E9", "https://example.com/é"),
        ("https://example.com/%E9", "https://example.com/%E8"),
        ("https://example.com/a%20b", "https://example.com/a+b"),
    ],
)
def test_i06_a_reserved_character_stays_escaped(url: str, other: str) -> None:
    assert canonical(url) != canonical(other)


@pytest.mark.parametrize(
    "url",
    ["", "https://", "https://[", "http://a]b[/", "tag:e.com,2005:7", "%", "%zz", "\ud800", "xn--"],
)
def test_an_invalid_address_has_a_key_too(url: str) -> None:
    assert canonical(canonical(url)) == canonical(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/news/b?id=1",
        "https://example.com/news/a?id=2",
        "https://example.com/news/a",
        "https://example.com/News/a?id=1",
        "https://uk.example.com/news/a?id=1",
        "https://example.com:8080/news/a?id=1",
        "https://example.com/news/a?id=1&ref=front",
    ],
)
def test_other_pages_have_other_keys(url: str) -> None:
    assert canonical(url) != canonical("https://example.com/news/a?id=1")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com/", "example.com"),
        ("https://example.com/#story-7", "example.com#story-7"),
        ("https://example.com/app#!/story/7", "example.com/app#!/story/7"),
        ("https://www.com/a", "www.com/a"),
        ("https://www.www.example.com", "example.com"),
        ("https://[2606:2800::1]:443/a", "[2606:2800::1]/a"),
        ("https://приречье.рф/новости/", "приречье.рф/новости"),
    ],
)
def test_edge_cases(url: str, expected: str) -> None:
    assert canonical(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://e.com/a/b/amp",
        "https://e.com/a/b/amp/",
        "https://e.com/a/b/AMP/?from=rss",
        "https://e.com/amp/a/b/",
        "https://amp.e.com/a/b",
        "https://www.amp.e.com/a/b",
        "https://e.com/a/b.amp",
        "https://e.com/a/b?amp",
        "https://e.com/a/b?amp=1",
        "https://e.com/a/b?outputType=amp",
    ],
)
def test_k1_the_amp_edition_is_no_other_page(url: str) -> None:
    assert canonical(url) == "e.com/a/b"


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://amp.dev/a", "amp.dev/a"),
        ("https://e.com/amplifier", "e.com/amplifier"),
        ("https://e.com/guitars/amp-test", "e.com/guitars/amp-test"),
        ("https://e.com/a.amp.html", "e.com/a.html"),
        ("https://e.com/a?amp=2", "e.com/a?amp=2"),
    ],
)
def test_other_names_with_amp_in_them_stay(url: str, key: str) -> None:
    assert canonical(url) == key


_PART = st.text(alphabet="aZ0.-_~%/=&?#!: :Йümp", max_size=20)


@given(st.text(), st.sampled_from(["", "http://", "http://xn--", "https://a.example/"]))
def test_no_text_is_an_error(text: str, before: str) -> None:
    assert canonical(canonical(before + text)) == canonical(before + text)


@given(
    st.sampled_from(["http", "HTTPS"]),
    st.from_regex(r"(www\.){0,2}[a-zA-Z]{1,5}(\.com)?\.?(:80|:443|:81)?", fullmatch=True),
    _PART,
)
def test_a_key_is_its_own_key(scheme: str, host: str, rest: str) -> None:
    key = canonical(f"{scheme}://{host}/{rest}")
    assert canonical(key) == key


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://e.com/a?utm_source=rss", "https://e.com/a"),
        ("https://e.com/a?utm_source=rss#top", "https://e.com/a#top"),
        ("https://e.com/a?b=2&gclid=x&a=%D1%8F", "https://e.com/a?b=2&a=%D1%8F"),
        ("https://E.com/A/?b=2&&a=1#x?utm_source=1", "https://E.com/A/?b=2&&a=1#x?utm_source=1"),
        ("https://e.com/a?", "https://e.com/a?"),
        ("https://e.com/a?ref=e.com", "https://e.com/a"),
        ("https://e.com/a?ref=front", "https://e.com/a?ref=front"),
        ("https://e.com/t/1#utm_source=rss", "https://e.com/t/1"),
        ("https://e.com/t/1#utm_source=rss&utm_medium=feed", "https://e.com/t/1"),
        ("https://e.com/t/1#rss", "https://e.com/t/1"),
        ("https://e.com/t/1#xtor=RSS-3", "https://e.com/t/1"),
        ("https://e.com/t/1#comments", "https://e.com/t/1#comments"),
        ("https://e.com/t/2?from=rss", "https://e.com/t/2"),
        ("https://e.com/t/2?from=kyiv&to=lviv", "https://e.com/t/2?from=kyiv&to=lviv"),
        ("https://e.com/t/2?source=rss_main&id=7", "https://e.com/t/2?id=7"),
        ("https://e.com/t/2?source=7", "https://e.com/t/2?source=7"),
        ("https://e.com/t/2?src=telegram-bot", "https://e.com/t/2"),
        ("https://e.com/t/2?ocid=socialflow_rss", "https://e.com/t/2"),
        ("https://e.com/t/2?partner=rss&emc=rss", "https://e.com/t/2"),
        ("https://e.com/t/2?PHPSESSID=a1&id=7", "https://e.com/t/2?id=7"),
        ("https://e.com/t/2?rss&id=7", "https://e.com/t/2?id=7"),
        ("https://e.com/t/2?rss=1#rss", "https://e.com/t/2"),
        ("https://e.com/?feed=rss2", "https://e.com/?feed=rss2"),
        ("https://e.com/a/amp/?utm_source=rss", "https://e.com/a/amp/"),
    ],
)
def test_only_tracking_parameters_are_removed(url: str, expected: str) -> None:
    assert without_tracking(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://user:secret@courier.example/a", True),
        ("https://user@courier.example/", True),
        ("https://@courier.example/", True),
        ("//u:p@courier.example", True),
        ("https:\\\\u:p@courier.example", True),
        (" HTTPS://u:p@courier.example", True),
        ("https://courier.example/@handle", False),
        ("https://courier.example?mail=a@b.example", False),
        ("https://courier.example#@x", False),
    ],
)
def test_credentials_in_an_address_are_seen(url: str, expected: bool) -> None:
    assert has_credentials(url) == expected
