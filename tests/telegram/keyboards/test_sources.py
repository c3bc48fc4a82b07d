import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, FeedId, Language, OwnFeed, SourceChoice
from bot.telegram.keyboards.sources import OpenSources, own_feeds, source_list, source_topics
from tests.support.builders import TOPICS

SOURCES = [
    SourceChoice(
        source=f"Paper {number}",
        language="en",
        feeds=(FeedId(2**53 + number),),
        topics=frozenset(),
        refused=bool(number % 2),
    )
    for number in range(40)
]
OWN = [
    OwnFeed(id=FeedId(2**53 + number), url="https://own.example", title="W" * 300)
    for number in range(40)
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("skipped", [0, 14, 39, 9999])
def test_each_button_has_a_label_and_callback_data_within_64_bytes(
    language: Language, skipped: int
) -> None:
    say = speak(language)
    longest = max((topic.slug for topic in TOPICS), key=len)
    shown = OpenSources(language="en", topic=longest, skipped=skipped)
    for keyboard in (
        source_list(SOURCES, shown, TOPICS, say),
        source_topics("en", TOPICS, say),
        own_feeds(OWN, skipped, say),
    ):
        for row in keyboard.inline_keyboard:
            for button in row:
                assert button.text.strip()
                assert len((button.callback_data or "").encode()) <= 64


def test_a_source_that_is_on_has_a_check_mark_and_a_button_that_switches_it_off() -> None:
    shown = OpenSources(language="en", topic="war")
    rows = source_list(SOURCES[:2], shown, TOPICS, speak("en")).inline_keyboard
    on, off = rows[2]
    assert (on.text, off.text) == ("✅ Paper 0", "▫️ Paper 1")
    assert on.callback_data == f"source:{2**53}:1:en:war:0"
    assert off.callback_data == f"source:{2**53 + 1}:0:en:war:0"
