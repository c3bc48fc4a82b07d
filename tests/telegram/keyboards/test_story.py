from dataclasses import replace

import pytest

from bot.i18n import speak
from bot.model import (
    LANGUAGES,
    ChatKind,
    Language,
    Phrase,
    PhraseId,
    StoryButtons,
    StoryId,
    TopicSlug,
    Word,
)
from bot.story_filter import MatchReason
from bot.telegram.deep_links import View
from bot.telegram.keyboards.common import TurnPage, pages
from bot.telegram.keyboards.story import (
    NAMES,
    dismiss,
    named_in,
    removing,
    under_story,
    with_saved,
)
from bot_playground.formatting.keyboards import MAX_DATA_BYTES, checked_keyboard
from tests.support.builders import TOPICS, WAR, story

LAST = StoryId(2**63 - 1)


WORD = Word(said="W" * 60, phrase=Phrase(stems=" w "), id=PhraseId(2**53))
BECAUSE = MatchReason(topics=(WAR, TopicSlug("gone")), words=(WORD,), own_feed=False)
LONG = replace(story("Then Ann met Bob, Cat and Dee", story_id=2**53), source="S" * 300)


def buttons(
    kind: ChatKind = "private", *, sources: int = 3, links: int = 8, is_saved: bool = False
) -> StoryButtons:
    return StoryButtons(
        story_id=LAST,
        title="Bridge opens",
        sources=sources,
        links=links,
        kind=kind,
        is_saved=is_saved,
    )


@pytest.mark.parametrize(
    ("given", "view", "signs"),
    [
        (buttons(), "brief", "🔖 ➕ 🗞·3 🔕 📤"),
        (buttons(is_saved=True), "brief", "✅ ➕ 🗞·3 🔕 📤"),
        (buttons(), "more", "🔖 ➖ 🗞·3 🔕 📤"),
        (buttons(), "sources", "🔖 ➕ ↩️ 🔕 📤"),
        (buttons(sources=1), "sources", "🔖 ➕ ↩️ 🔕 📤"),
        (buttons(sources=1, links=3), "brief", "🔖 🔕 📤"),
        (buttons("group"), "brief", "🔖 🗞·3 📤"),
        (buttons("group", sources=1), "brief", "🔖 📤"),
        (buttons("channel"), "brief", "🗞·3 📤"),
        (buttons("channel", sources=1), "brief", "📤"),
    ],
)
def test_there_is_one_row_of_what_makes_sense_there(
    given: StoryButtons, view: View, signs: str
) -> None:
    (row,) = under_story(given, bot_name="readalso_bot", view=view).inline_keyboard
    assert " ".join(it.text.replace(" ", "·") for it in row) == signs


@pytest.mark.parametrize("kind", ["private", "group", "channel"])
def test_telegram_takes_the_row_whatever_the_storys_number(kind: ChatKind) -> None:
    made = under_story(buttons(kind), bot_name="readalso_bot")
    assert checked_keyboard(made.model_dump(exclude_none=True))
    data = [it.callback_data or "" for row in made.inline_keyboard for it in row]
    assert max(len(each.encode()) for each in data) <= MAX_DATA_BYTES


def test_only_the_button_that_saves_changes_when_it_was_pressed() -> None:
    before = under_story(buttons(), bot_name="b", view="more")
    after = under_story(buttons(is_saved=True), bot_name="b", view="more")
    assert with_saved(before, is_saved=True) == after
    assert with_saved(after, is_saved=False) == before
    assert with_saved(after, is_saved=True) == after


def test_a_list_of_what_is_kept_has_a_button_for_each_above_the_ways_on() -> None:
    page = TurnPage(kind="saved", skipped=7)
    ways = pages(page, by=7, has_more=True, say=speak("en"))
    made = removing([story(story_id=LAST), story(story_id=2)], page, ways)
    first, second = made.inline_keyboard
    assert [it.text for it in first] == ["✖ 1", "✖ 2"]
    assert first[0].callback_data == f"unsave:{LAST}:7"
    assert [it.text for it in second] == ["◀️ Newer", "Older ▶️"]
    assert removing([story()], page, None).inline_keyboard[1:] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("its", [None, BECAUSE, replace(BECAUSE, own_feed=True)])
def test_each_button_says_something_and_fits_what_telegram_takes_back(
    language: Language, its: MatchReason | None
) -> None:
    for row in dismiss(LONG, its, TOPICS, speak(language)).inline_keyboard:
        for it in row:
            assert it.text.strip()
            assert len(it.text) < 64
            assert len((it.callback_data or "").encode()) <= 64


def test_a_few_names_of_the_headline_can_be_muted() -> None:
    assert named_in(LONG) == ("ann", "bob", "cat")
    assert len(named_in(LONG)) == NAMES
