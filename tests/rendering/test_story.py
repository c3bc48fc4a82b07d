import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import speak
from bot.model import ArticleLanguage, Coverage, EditorLink, Language, PostLook
from bot.rendering.story import (
    MAX_LENGTH,
    render_coverage,
    render_list,
    render_missed,
    render_story,
    to_plain_text,
    utf16_length,
)
from bot_playground.formatting.content import text_content
from bot_playground.formatting.html import parse_html
from tests.support.builders import TOPICS, WAR, story
from tests.support.fakes import NOON

SAY = speak("en")
TOPIC = TOPICS.get(WAR)


def test_a_story_is_headline_summary_source_time_and_links() -> None:
    earlier = story("Bridge planned", url="https://courier.example/plan")
    assert render_story(story(), topic=TOPIC, related=(earlier,), say=SAY, now=NOON) == (
        '<b><a href="https://courier.example/bridge">Bridge opens in Lakeside</a></b>\n\n'
        "The new bridge was opened.\n\n"
        '🪖 <i>The Harbour Courier</i> · <tg-time unix="1772445600" format="r">'
        "02.03 12:00</tg-time>\n\n"
        "<b>Read also:</b>\n"
        '• <a href="https://courier.example/plan">Bridge planned</a>'
        " <i>— The Harbour Courier, 2 hours ago</i>"
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("uk", ("Читайте також:", "2 години тому")),
        ("ru", ("Читайте также:", "2 часа назад")),
        ("en", ("Read also:", "2 hours ago")),
    ],
)
def test_a_message_is_in_the_language_of_its_reader(
    language: Language, words: tuple[str, ...]
) -> None:
    say = speak(language)
    message = render_story(story(), topic=None, related=(story(),), say=say, now=NOON)
    assert all(word in message for word in words)


def test_without_links_there_is_no_read_also() -> None:
    assert "Read also" not in render_story(story(), topic=None, related=(), say=SAY, now=NOON)


def test_without_a_summary_there_is_no_gap() -> None:
    message = render_story(story(summary=""), topic=None, related=(), say=SAY, now=NOON)
    assert "\n\n\n" not in message


def test_a_publishers_text_is_escaped() -> None:
    message = render_story(
        story('</b><a href="x">&', summary="<script>", source="A & <B>", url='https://x/?a="&b=<'),
        topic=None,
        related=(),
        say=SAY,
        now=NOON,
    )
    text = parse_html(message).text
    assert '</b><a href="x">&' in text
    assert "<script>" in text
    assert "A & <B>" in text


def test_links_that_do_not_fit_are_dropped_from_the_end() -> None:
    links = tuple(story(f"{name} " + "x" * 1500) for name in ("First", "Second", "Third"))
    message = render_story(story(), topic=None, related=links, say=SAY, now=NOON)
    assert "First" in message
    assert "Second" in message
    assert "Third" not in message


def test_a_summary_that_is_too_long_loses_sentences_off_its_end() -> None:
    summary = " ".join(f"«Sentence {number} <{'y' * 700}>.»" for number in range(6))
    message = render_story(story(summary=summary), topic=None, related=(), say=SAY, now=NOON)
    assert "Sentence 0" in message
    assert "Sentence 5" not in message
    assert "y&gt;.\n\n" in message
    assert shown_length(message) > MAX_LENGTH / 2


def test_a_single_sentence_that_is_too_long_is_dropped_and_the_headline_stays() -> None:
    message = render_story(story(summary="y" * 5000), topic=None, related=(), say=SAY, now=NOON)
    assert "Bridge opens" in message
    assert "yyy" not in message


def test_a_link_that_is_too_long_is_dropped_and_the_headline_stays() -> None:
    message = render_story(
        story(url="https://x.example/" + "z" * 40_000), topic=None, related=(), say=SAY, now=NOON
    )
    assert message == "<b>Bridge opens in Lakeside</b>"


@pytest.mark.parametrize(("text", "units"), [("", 0), ("Київ", 4), ("🌍", 2), ("e\u0301", 2)])
def test_length_counts_utf16_code_units(text: str, units: int) -> None:
    assert utf16_length(text) == units


def test_a_list_drops_what_does_not_fit_at_its_end() -> None:
    stories = tuple(story(f"{number} " + "x" * 900) for number in range(9))
    listed = render_list(stories, "<b>The newest</b>", SAY, NOON)
    assert shown_length(listed) <= MAX_LENGTH
    assert listed.startswith("<b>The newest</b>\n\n• ")
    assert "0 xxx" in listed
    assert "8 xxx" not in listed


def test_a_list_can_be_numbered() -> None:
    text = render_list((story(), story()), "Saved", speak("en"), NOON, numbered=True)
    assert [part[:2] for part in text.split("\n\n")] == ["Sa", "1.", "2."]


def test_missed_stories_are_counted_and_the_best_are_listed() -> None:
    stories = tuple(story(f"Story {number}") for number in range(27))
    message = render_missed(stories, count=40, say=SAY, now=NOON)
    assert message.startswith("<b>While you were away, 40 stories came.</b>\n")
    assert "/latest" in message
    assert message.count("Story") == 20


def test_where_all_missed_stories_are_listed_the_rest_is_not_mentioned() -> None:
    message = render_missed((story(),), count=1, say=SAY, now=NOON)
    assert message.startswith("<b>While you were away, 1 story came.</b>\n\n• ")
    assert "/latest" not in message


def test_plain_text_has_the_addresses_and_no_markup() -> None:
    message = render_story(
        story("A < B & C", url="https://x.example/?a=1&b=2"),
        topic=TOPIC,
        related=(story(),),
        say=SAY,
        now=NOON,
    )
    assert to_plain_text(message) == (
        "A < B & C https://x.example/?a=1&b=2\n\n"
        "The new bridge was opened.\n\n"
        "🪖 The Harbour Courier · 02.03 12:00\n\n"
        "Read also:\n"
        "• Bridge opens in Lakeside https://courier.example/bridge"
        " — The Harbour Courier, 2 hours ago"
    )


ANYTHING = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1)


# So that what looks like markup is tried often.
WRITTEN = st.one_of(ANYTHING, st.text("<>&;\"'/=abi # \n", min_size=1))


def shown_length(html: str) -> int:
    """Return the length of what Telegram shows, in UTF-16 code units."""
    return utf16_length(parse_html(html).text)


def marks(text: str) -> str:
    """Return of a text what markup is any_story of."""
    return "".join(re.findall("[<>&;\"'/=abi#]", text))


@given(title=WRITTEN, summary=WRITTEN, source=WRITTEN, url=WRITTEN, repeat=st.integers(1, 900))
def test_any_story_makes_messages_that_telegram_accepts(
    title: str, summary: str, source: str, url: str, repeat: int
) -> None:
    any_story = story(title * repeat, summary=summary * repeat, source=source, url=url)
    message = render_story(
        any_story, topic=TOPIC, related=(any_story, any_story), say=SAY, now=NOON
    )
    missed = render_missed((any_story, any_story), count=9, say=SAY, now=NOON)
    listed = render_list((any_story, any_story), "<b>The newest</b>", SAY, NOON)
    for text in (message, missed, listed):
        # Counted as Telegram counts, independently of the code.
        shown = text_content({"text": text, "parse_mode": "HTML"})["text"]
        assert len(str(shown).encode("utf-16-le")) // 2 <= 4096
        # A publisher's text is shown as it was written, and has become no markup.
        if utf16_length(title * repeat) < 400:
            assert marks(title) in marks(str(shown))
        bare = to_plain_text(text)
        assert len(bare.encode("utf-16-le")) // 2 <= 4096
        assert text_content({"text": bare})


@pytest.mark.parametrize("letter", ["y", "ї", "🌍", "&"])
def test_a_message_that_just_fits_stays_whole_and_one_that_just_does_not_loses_its_end(
    letter: str,
) -> None:
    lengths = set()
    most = MAX_LENGTH // utf16_length(letter)
    for count in range(most - 150, most + 10):
        any_story = story(summary=f"First. {letter * count}")
        message = render_story(any_story, topic=None, related=(), say=SAY, now=NOON)
        size = shown_length(message)
        lengths.add(size)
        assert size <= 4096
    assert max(lengths) > 4096 - len("🌍🌍")


def test_an_editors_link_has_its_source_and_no_age() -> None:
    link = EditorLink(title="How <b> ferries", url='https://x/?a="&b', source="A & B")
    message = render_story(story(), topic=None, related=(link, story()), say=SAY, now=NOON)
    assert message.endswith(
        "<b>Read also:</b>\n"
        '• <a href="https://x/?a=&quot;&amp;b">How &lt;b&gt; ferries</a> <i>— A &amp; B</i>\n'
        '• <a href="https://courier.example/bridge">Bridge opens in Lakeside</a>'
        " <i>— The Harbour Courier, 2 hours ago</i>"
    )
    nameless = EditorLink(title="Ferries", url="https://x/")
    message = render_story(story(), topic=None, related=(nameless,), say=SAY, now=NOON)
    assert message.endswith('• <a href="https://x/">Ferries</a>')


def article(
    title: str = "Bridge opens",
    *,
    source: str = "The Herald",
    language: ArticleLanguage | None = "en",
) -> Coverage:
    return Coverage(
        title=title,
        url="https://herald.example/1?a&b",
        source=source,
        language=language,
        published_at=NOON - timedelta(hours=2),
    )


def test_each_article_is_a_line_with_its_link_its_source_and_its_age() -> None:
    coverage = [article("Bridge <opens>"), article("Bridge is open", source="R&D")]
    assert render_coverage(story(), coverage, speak("en"), NOON) == (
        "<b>Bridge opens in Lakeside</b>\n"
        "🗞 2 sources on this story:\n\n"
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
    assert end in render_coverage(story(), [article(language=language)], speak(spoken), NOON)


def test_two_articles_of_one_source_are_one_source() -> None:
    text = render_coverage(story(), [article(), article("Again")], speak("en"), NOON)
    assert "🗞 1 source on this story:" in text


def test_articles_that_do_not_fit_are_counted() -> None:
    text = render_coverage(story(), [article("Bridge " * 30)] * 40, speak("uk"), NOON)
    assert shown_length(text) <= MAX_LENGTH
    shown = text.count("•")
    assert text.endswith(f"… і ще {40 - shown}.")


@given(st.lists(st.text(max_size=600), max_size=30))
def test_any_coverage_makes_a_message_that_telegram_accepts(titles: list[str]) -> None:
    text = render_coverage(story(), [article(title) for title in titles], speak("ru"), NOON)
    assert shown_length(text) <= MAX_LENGTH


HEADLINE = '<b><a href="https://courier.example/bridge">Bridge opens in Lakeside</a></b>'


@pytest.mark.parametrize(
    ("look", "parts"),
    [
        (PostLook(summary=False), ("🪖", "Read also")),
        (PostLook(source=False), ("The new bridge", "Read also")),
        (PostLook(read_also=False), ("The new bridge", "🪖")),
        (PostLook(summary=False, source=False, read_also=False), ()),
        (PostLook(own_line="<b>&"), ("The new bridge", "🪖", "Read also", "&lt;b&gt;&amp;")),
    ],
)
def test_a_look_leaves_parts_out_and_adds_the_own_line_last(
    look: PostLook, parts: tuple[str, ...]
) -> None:
    earlier = story("Bridge planned", url="https://courier.example/plan")
    message = render_story(story(), topic=TOPIC, related=(earlier,), say=SAY, now=NOON, look=look)
    headline, *others = message.split("\n\n")
    assert headline == HEADLINE
    assert len(others) == len(parts)
    assert all(part in shown for part, shown in zip(parts, others, strict=True))


@given(
    title=st.text(min_size=1, max_size=5000),
    summary=st.text(max_size=5000),
    line=st.text(max_size=200),
)
def test_a_message_with_an_own_line_fits_whatever_it_holds(
    title: str, summary: str, line: str
) -> None:
    look = PostLook(own_line=line)
    told = story(title, summary=summary)
    text = render_story(told, topic=TOPIC, related=(told,), say=SAY, now=NOON, look=look)
    assert shown_length(text) <= MAX_LENGTH
