from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import speak
from bot.model import LANGUAGES, Language, PostLook, Story, StoryId
from bot.rendering.digest import MAX_STORIES, MAX_SUMMARIES, render_digest
from bot.rendering.story import MAX_LENGTH, to_plain_text, utf16_length
from bot_playground.formatting.content import text_content
from bot_playground.formatting.html import parse_html
from tests.support.builders import SPORT, TOPICS, WAR, story
from tests.support.fakes import NOON


def digest(*ranked: Story, related: tuple[Story, ...] = (), language: Language = "en") -> str:
    return render_digest(ranked, topics=TOPICS, related=related, say=speak(language), now=NOON)


def about(number: int, **changes: object) -> Story:
    plain = story(f"Story {number}", story_id=number, url=f"https://courier.example/{number}")
    return replace(plain, **changes)  # type: ignore[arg-type]


def listed(number: int) -> str:
    link = f'<a href="https://courier.example/{number}">Story {number}</a>'
    return f"• {link} <i>— The Harbour Courier, 2 hours ago</i>"


def test_stories_stand_under_their_topics_the_best_first() -> None:
    text = digest(
        about(1, topic=SPORT, summary=""), about(2, summary=""), about(3, topic=SPORT, summary="")
    )
    assert text.splitlines() == [
        "🗞 <b>Digest</b> · 3 stories",
        "",
        "⚽ <b>Sport</b>",
        listed(1),
        "",
        listed(3),
        "",
        "🪖 <b>War</b>",
        listed(2),
    ]


def test_the_best_come_with_their_summaries_folded() -> None:
    text = digest(*(about(number, summary="A & B.") for number in range(1, 9)))
    assert text.count("<blockquote expandable>A &amp; B.</blockquote>") == MAX_SUMMARIES


def test_it_has_read_also_links() -> None:
    text = digest(about(1), about(2), related=(about(9),))
    assert text.endswith(f"<b>Read also:</b>\n{listed(9)}")


def test_a_story_of_several_sources_has_their_number() -> None:
    text = digest(about(1, other_sources=("Herald", "Echo")), about(2))
    assert "The Harbour Courier and 2 more, 2 hours ago" in text


def test_stories_beyond_the_maximum_are_counted() -> None:
    text = digest(*(about(number) for number in range(1, MAX_STORIES + 4)))
    assert "… and 3 more stories. /latest" in text
    assert f"Story {MAX_STORIES}<" in text
    assert f"Story {MAX_STORIES + 1}<" not in text


def test_addresses_take_no_room_so_that_all_stories_are_listed() -> None:
    long = "https://courier.example/" + "x" * 200
    text = digest(*(about(number, url=f"{long}{number}") for number in range(1, MAX_STORIES + 1)))
    assert all(f"{long}{number}" in text for number in range(1, MAX_STORIES + 1))
    assert "blockquote" in text


def test_where_whole_headlines_do_not_fit_they_are_cut_and_all_are_listed() -> None:
    long = [about(number, title=f"{number} " + "word " * 58) for number in range(1, 31)]
    text = digest(*long, related=(about(99),))
    assert len(parse_html(text).text) <= MAX_LENGTH
    assert "Read also" not in text
    assert "blockquote" not in text
    assert all(f">{number} word" in text for number in range(1, 31))
    assert "word…" in text
    assert "/latest" not in text


def test_what_does_not_fit_even_so_is_counted() -> None:
    long = [about(number, source="Courier " * 20) for number in range(1, 31)]
    text = digest(*long)
    assert len(parse_html(text).text) <= MAX_LENGTH
    assert "more stories. /latest" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_in_the_readers_language(language: Language) -> None:
    expected = {"uk": "5 новин", "ru": "5 новостей", "en": "5 stories"}
    text = digest(*(about(number) for number in range(1, 6)), language=language)
    assert expected[language] in text
    assert TOPICS.get(WAR).names[language] in text  # type: ignore[union-attr]


stories = st.builds(
    story,
    st.text(min_size=1, max_size=300),
    summary=st.text(max_size=500),
    source=st.text(max_size=60),
    published_at=st.integers(0, 10_000).map(lambda hours: NOON - timedelta(hours=hours)),
)


@given(st.lists(stories, min_size=2, max_size=40), st.lists(stories, max_size=3))
def test_whatever_publishers_write_is_a_message_that_telegram_takes(
    ranked: list[Story], related: list[Story]
) -> None:
    text = digest(*ranked, related=tuple(related))
    assert utf16_length(parse_html(text).text) <= MAX_LENGTH
    assert text_content({"text": text, "parse_mode": "HTML"})
    assert text_content({"text": to_plain_text(text)})


def test_a_story_that_a_followed_word_brought_names_the_word() -> None:
    ranked = [story("Bridge opens", story_id=1), story("Goal", story_id=2)]
    followed = {StoryId(1): ("bridges", "<b>new</b>")}
    text = render_digest(
        ranked, topics=TOPICS, related=(), followed=followed, say=speak("en"), now=NOON
    )
    assert "2 hours ago, 🔔 bridges, 🔔 &lt;b&gt;new&lt;/b&gt;</i>" in text
    assert text.count("🔔") == 2


def test_a_look_leaves_summaries_out_and_adds_the_own_line_last() -> None:
    look = PostLook(summary=False, own_line="<More> news")
    text = render_digest(
        [about(1)], topics=TOPICS, related=(), say=speak("en"), now=NOON, look=look
    )
    assert "blockquote" not in text
    assert text.endswith("\n\n&lt;More&gt; news")
