import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.render import MAX_LENGTH, length, render, render_list
from bot.model import Language, OwnLink
from bot.playground.markup import parse_html
from bot.texts import speak
from tests.builders import TOPICS, WAR, story
from tests.fakes import NOON

SAY = speak("en")
TOPIC = TOPICS.get(WAR)


def test_a_story_is_headline_summary_source_time_and_links() -> None:
    earlier = story("Bridge planned", url="https://courier.example/plan")
    assert render(story(), topic=TOPIC, related=(earlier,), say=SAY, now=NOON) == (
        '<b><a href="https://courier.example/bridge">Bridge opens in Lakeside</a></b>\n\n'
        "The new bridge was opened.\n\n"
        '🪖 <i>The Harbour Courier</i> · <tg-time unix="1772445600" format="r">'
        "02.03 10:00 UTC</tg-time>\n\n"
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
def test_a_message_speaks_the_language_of_its_reader(
    language: Language, words: tuple[str, ...]
) -> None:
    say = speak(language)
    message = render(story(), topic=None, related=(story(),), say=say, now=NOON)
    assert all(word in message for word in words)


def test_without_links_there_is_no_read_also() -> None:
    assert "Read also" not in render(story(), topic=None, related=(), say=SAY, now=NOON)


def test_without_a_summary_there_is_no_gap() -> None:
    message = render(story(summary=""), topic=None, related=(), say=SAY, now=NOON)
    assert "\n\n\n" not in message


def test_what_a_publisher_wrote_cannot_become_markup() -> None:
    message = render(
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


def test_what_does_not_fit_goes_from_the_end() -> None:
    links = tuple(story(f"{name} " + "x" * 1500) for name in ("First", "Second", "Third"))
    message = render(story(), topic=None, related=links, say=SAY, now=NOON)
    assert "First" in message
    assert "Second" in message
    assert "Third" not in message


def test_a_summary_that_is_too_long_goes_and_the_headline_stays() -> None:
    message = render(story(summary="y" * 5000), topic=None, related=(), say=SAY, now=NOON)
    assert "Bridge opens" in message
    assert "yyy" not in message


def test_a_link_that_is_too_long_goes_and_the_headline_stays() -> None:
    message = render(
        story(url="https://x.example/" + "z" * 5000), topic=None, related=(), say=SAY, now=NOON
    )
    assert message == "<b>Bridge opens in Lakeside</b>"


@pytest.mark.parametrize(("text", "units"), [("", 0), ("Київ", 4), ("🌍", 2), ("e\u0301", 2)])
def test_length_counts_utf16_code_units(text: str, units: int) -> None:
    assert length(text) == units


def test_a_list_drops_what_does_not_fit_at_its_end() -> None:
    stories = tuple(story(f"{number} " + "x" * 900) for number in range(9))
    listed = render_list(stories, "<b>The newest</b>", SAY, NOON)
    assert length(listed) <= MAX_LENGTH
    assert listed.startswith("<b>The newest</b>\n\n• ")
    assert "0 xxx" in listed
    assert "8 xxx" not in listed


ANYTHING = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1)


@given(title=st.text(min_size=1, max_size=300), summary=ANYTHING, source=ANYTHING)
def test_any_story_makes_a_message_that_telegram_accepts(
    title: str, summary: str, source: str
) -> None:
    made = story(title.replace("\ud800", ""), summary=summary, source=source)
    message = render(made, topic=TOPIC, related=(made, made), say=SAY, now=NOON)
    assert length(message) <= MAX_LENGTH
    parse_html(message)


def test_a_link_to_what_is_not_stored_bears_its_newspaper_and_no_age() -> None:
    own = OwnLink(title="How <b> ferries", url='https://x/?a="&b', source="A & B")
    message = render(story(), topic=None, related=(own, story()), say=SAY, now=NOON)
    assert message.endswith(
        "<b>Read also:</b>\n"
        '• <a href="https://x/?a=&quot;&amp;b">How &lt;b&gt; ferries</a> <i>— A &amp; B</i>\n'
        '• <a href="https://courier.example/bridge">Bridge opens in Lakeside</a>'
        " <i>— The Harbour Courier, 2 hours ago</i>"
    )
    nameless = OwnLink(title="Ferries", url="https://x/")
    message = render(story(), topic=None, related=(nameless,), say=SAY, now=NOON)
    assert message.endswith('• <a href="https://x/">Ferries</a>')
