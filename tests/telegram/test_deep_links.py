from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import StoryId, TopicSlug
from bot.telegram.deep_links import StoryLink, TopicLink, link_url, parse, share_url

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
    shared = share_url(STORY, title, bot_name="readalso_bot")
    assert shared.isascii()
    assert len(shared) <= 2048
    found = parse_qs(urlsplit(shared).query)
    assert found["url"] == ["https://t.me/readalso_bot?start=s12"]


def test_what_is_shared_is_the_headline_and_the_link() -> None:
    shared = share_url(STORY, "Bridge & tram: 50% more", bot_name="readalso_bot")
    assert shared == (
        "https://t.me/share/url?url=https%3A%2F%2Ft.me%2Freadalso_bot%3Fstart%3Ds12"
        "&text=Bridge%20%26%20tram%3A%2050%25%20more"
    )


def test_a_headline_is_shared_without_lone_surrogates() -> None:
    assert share_url(STORY, "Bridge \ud83d", bot_name="b").endswith("&text=Bridge%20%3F")
