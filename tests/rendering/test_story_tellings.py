from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import speak
from bot.model import ArticleLanguage, Language, Telling
from bot.rendering.story import MAX_LENGTH, length
from bot.rendering.story_tellings import render_tellings
from tests.builders import story
from tests.fakes import NOON


def telling(
    title: str = "Bridge opens",
    *,
    source: str = "The Herald",
    language: ArticleLanguage | None = "en",
) -> Telling:
    return Telling(
        title=title,
        url="https://herald.example/1?a&b",
        source=source,
        language=language,
        published_at=NOON - timedelta(hours=2),
    )


def test_each_telling_is_a_line_with_its_link_its_source_and_its_age() -> None:
    told = [telling("Bridge <opens>"), telling("Bridge is open", source="R&D")]
    assert render_tellings(story(), told, speak("en"), NOON) == (
        "<b>Bridge opens in Lakeside</b>\n"
        "🗞 2 sources tell this:\n\n"
        '• <a href="https://herald.example/1?a&amp;b">Bridge &lt;opens&gt;</a>'
        " <i>— The Herald, 2 hours ago</i>\n\n"
        '• <a href="https://herald.example/1?a&amp;b">Bridge is open</a>'
        " <i>— R&amp;D, 2 hours ago</i>"
    )


@pytest.mark.parametrize(
    ("spoken", "language", "end"),
    [
        ("en", "uk", ", Ukrainian<"),
        ("uk", "ru", ", російська<"),
        ("ru", "uk", ", украинский<"),
        ("ru", "ru", " часа назад<"),
        ("uk", "other", " години тому<"),
        ("en", None, " hours ago<"),
    ],
)
def test_a_language_is_named_where_it_is_another_than_the_readers(
    spoken: Language, language: ArticleLanguage | None, end: str
) -> None:
    assert end in render_tellings(story(), [telling(language=language)], speak(spoken), NOON)


def test_two_articles_of_one_newspaper_are_one_source() -> None:
    text = render_tellings(story(), [telling(), telling("Again")], speak("en"), NOON)
    assert "🗞 1 source tells this:" in text


def test_what_does_not_fit_is_counted() -> None:
    text = render_tellings(story(), [telling("Bridge " * 30)] * 40, speak("uk"), NOON)
    assert length(text) <= MAX_LENGTH
    shown = text.count("•")
    assert text.endswith(f"… і ще {40 - shown}.")


@given(st.lists(st.text(max_size=600), max_size=30))
def test_any_tellings_make_a_message_that_telegram_accepts(titles: list[str]) -> None:
    text = render_tellings(story(), [telling(title) for title in titles], speak("ru"), NOON)
    assert length(text) <= MAX_LENGTH
