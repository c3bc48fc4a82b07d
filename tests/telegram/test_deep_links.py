from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import StoryId, TopicSlug
from bot.telegram.deep_links import MAX_SHARE_URL, StoryLink, TopicLink, link_url, parse, share_url

STORY = StoryLink(StoryId(12))


@pytest.mark.parametrize(
    ("link", "payload"),
    [
        (STORY, "s12"),
        (StoryLink(StoryId(12), "sources"), "s12_sources"),
        (TopicLink(TopicSlug("war")), "t_war"),
    ],
)
def test_a_link_survives_a_round_trip(link: StoryLink | TopicLink, payload: str) -> None:
    assert link_url(link, bot_name="readalso_bot") == f"https://t.me/readalso_bot?start={payload}"
    assert parse(payload) == link


@given(st.integers(min_value=1, max_value=10**18 - 1))
def test_any_story_has_a_link_within_telegrams_limits(number: int) -> None:
    link = StoryLink(StoryId(number), "sources")
    payload = link_url(link, bot_name="b").partition("=")[2]
    assert len(payload) <= 64
    assert parse(payload) == link


@given(st.text(max_size=70))
def test_any_other_payload_is_no_link(payload: str) -> None:
    found = parse(payload)
    assert found is None or link_url(found, bot_name="b").endswith(f"={payload}")


@pytest.mark.parametrize("payload", ["", "s", "s0", "s01", "s1 ", "s1\n", "s١", "t_War", "t_ї"])
def test_a_payload_that_is_nearly_a_link_is_none(payload: str) -> None:
    assert parse(payload) is None


@given(st.text(max_size=1000))
def test_any_headline_can_be_shared(title: str) -> None:
    shared = share_url("https://courier.example/a", title, bot_name="readalso_bot")
    assert shared is not None
    assert shared.isascii()
    assert len(shared) <= MAX_SHARE_URL
    found = parse_qs(urlsplit(shared).query)
    assert found["url"] == ["https://courier.example/a"]
    assert found["text"][0].endswith("\n@readalso_bot")


def test_what_is_shared_is_the_headline_the_article_and_the_bots_name() -> None:
    url = "https://courier.example/a?b=1"
    assert share_url(url, "Bridge & tram: 50% more", bot_name="readalso_bot") == (
        "https://t.me/share/url?url=https%3A%2F%2Fcourier.example%2Fa%3Fb%3D1"
        "&text=Bridge%20%26%20tram%3A%2050%25%20more%0A%40readalso_bot"
    )


def test_a_headline_is_shared_without_lone_surrogates() -> None:
    shared = share_url("https://courier.example/a", "Bridge \ud83d", bot_name="b")
    assert shared is not None
    assert shared.endswith("&text=Bridge%20%3F%0A%40b")


def test_an_address_that_telegram_cannot_take_is_not_shared() -> None:
    title = "Міст відкрито для руху " * 9
    long = share_url(f"https://courier.example/{'a' * 1200}", title, bot_name="b")
    assert long is not None
    assert share_url(f"https://courier.example/{'a' * 3000}", title, bot_name="b") is None
