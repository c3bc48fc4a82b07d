from dataclasses import replace
from typing import get_args
from urllib.parse import parse_qs, urlsplit

import pytest
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

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
from bot.telegram.keyboards.common import TurnPage, story_paging
from bot.telegram.keyboards.story import (
    MAX_NAMES,
    dismiss,
    mutable_names,
    saved_list,
    story_menu,
    under_story,
    with_followed,
    with_saved,
)
from bot_playground.formatting.keyboards import MAX_DATA_BYTES, normalize_keyboard
from tests.support.builders import TOPICS, WAR, story

SAY = speak("en")
LAST = StoryId(2**63 - 1)


WORD = Word(text="W" * 60, phrase=Phrase(stems=" w "), id=PhraseId(2**53))
BECAUSE = MatchReason(topics=(WAR, TopicSlug("gone")), words=(WORD,), own_feed=False)
LONG = replace(story("Then Ann met Bob, Cat and Dee", story_id=2**53), source="S" * 300)


def buttons(
    kind: ChatKind = "private", *, sources: int = 3, links: int = 8, is_saved: bool = False
) -> StoryButtons:
    return StoryButtons(
        story_id=LAST,
        title="Bridge opens",
        url="https://courier.example/bridge",
        source_count=sources,
        link_count=links,
        kind=kind,
        is_saved=is_saved,
    )


@pytest.mark.parametrize(
    ("given", "view", "row"),
    [
        (buttons(), "brief", ["🔖 Save", "🗞 3 sources", "⋯"]),
        (buttons(is_saved=True), "brief", ["✅ Saved", "🗞 3 sources", "⋯"]),
        (buttons(), "more", ["🔖 Save", "↩️ Back", "⋯"]),
        (buttons(), "sources", ["🔖 Save", "↩️ Back", "⋯"]),
        (buttons(sources=1), "brief", ["🔖 Save", "⋯"]),
        (buttons("group"), "brief", ["🔖 Save", "🗞 3 sources", "📤 Share"]),
        (buttons("group", sources=1), "brief", ["🔖 Save", "📤 Share"]),
        (buttons("channel"), "brief", ["🗞 3 sources", "📤 Share"]),
        (buttons("channel", sources=1), "brief", ["📤 Share"]),
    ],
)
def test_the_row_has_the_actions_that_make_sense_in_that_chat(
    given: StoryButtons, view: View, row: list[str]
) -> None:
    (shown,) = under_story(given, bot_name="readalso_bot", view=view).inline_keyboard
    assert [each.text for each in shown] == row


def test_a_story_that_nobody_else_can_open_is_not_shared() -> None:
    for kind in get_args(ChatKind):
        private = replace(buttons(kind), is_private=True)
        row = under_story(private, bot_name="readalso_bot").inline_keyboard
        menu = story_menu(private, bot_name="readalso_bot").inline_keyboard
        assert not [each for line in [*row, *menu] for each in line if each.url]


def test_the_menu_has_what_does_something_and_shares_the_article_and_the_bots_name() -> None:
    full = replace(buttons(), is_chapter=True)
    shown = [each for row in story_menu(full, bot_name="b_bot").inline_keyboard for each in row]
    assert [each.text for each in shown] == [
        "❔ Why it came",
        "🔕 Less of this",
        "🗂 Wrong topic",
        "🧩 Not the same story",
        "➕ More links",
        "🔔 Follow this story",
        "📤 Share",
        "↩️ Back",
    ]
    (url,) = (each.url for each in shown if each.url)
    assert parse_qs(urlsplit(url).query) == {
        "url": ["https://courier.example/bridge"],
        "text": ["Bridge opens\n@b_bot"],
    }
    plain = story_menu(buttons(sources=1, links=3), bot_name="b_bot").inline_keyboard
    assert [each.text for row in plain for each in row] == [
        "❔ Why it came",
        "🔕 Less of this",
        "🗂 Wrong topic",
        "📤 Share",
        "↩️ Back",
    ]


@pytest.mark.parametrize("kind", ["private", "group", "channel"])
def test_telegram_accepts_the_row_whatever_the_story_id(kind: ChatKind) -> None:
    markup = under_story(buttons(kind), bot_name="readalso_bot")
    assert normalize_keyboard(markup.model_dump(exclude_none=True))
    data = [shown.callback_data or "" for row in markup.inline_keyboard for shown in row]
    assert max(len(each.encode()) for each in data) <= MAX_DATA_BYTES


def test_only_the_save_button_changes_when_it_is_pressed() -> None:
    before = under_story(buttons(), bot_name="b", view="more")
    after = under_story(buttons(is_saved=True), bot_name="b", view="more")
    assert with_saved(before, SAY, is_saved=True) == after
    assert with_saved(after, SAY, is_saved=False) == before
    assert with_saved(after, SAY, is_saved=True) == after


def test_the_saved_list_has_a_button_for_each_story_above_the_paging() -> None:
    page = TurnPage(kind="saved", skipped=7)
    paging = story_paging(page, page_size=7, has_more=True, say=speak("en"))
    markup = saved_list([story(story_id=LAST), story(story_id=2)], page, paging)
    first, second = markup.inline_keyboard
    assert [shown.text for shown in first] == ["✖ 1", "✖ 2"]
    assert first[0].callback_data == f"unsave:{LAST}:7"
    assert [shown.text for shown in second] == ["◀️ Newer", "Older ▶️"]
    assert saved_list([story()], page, None).inline_keyboard[1:] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", [None, BECAUSE, replace(BECAUSE, own_feed=True)])
def test_each_button_has_a_label_and_callback_data_within_64_bytes(
    language: Language, reason: MatchReason | None
) -> None:
    for row in dismiss(LONG, reason, TOPICS, speak(language)).inline_keyboard:
        for shown in row:
            assert shown.text.strip()
            assert len(shown.text) < 64
            assert len((shown.callback_data or "").encode()) <= 64


def test_a_few_names_of_the_headline_can_be_muted() -> None:
    assert mutable_names(LONG) == ("Ann", "Bob", "Cat")
    assert len(mutable_names(LONG)) == MAX_NAMES


def test_the_follow_button_of_a_chapter_shows_its_state_and_others_stay() -> None:
    chapter = StoryButtons(
        story_id=StoryId(7),
        title="Bridge opens",
        url="https://courier.example/bridge",
        source_count=1,
        link_count=0,
        kind="private",
        is_chapter=True,
    )
    before = story_menu(chapter, bot_name="readalso_bot")
    after = story_menu(replace(chapter, is_followed=True), bot_name="readalso_bot")
    assert with_followed(before, SAY, is_followed=True) == after
    assert with_followed(after, SAY, is_followed=False) == before
    strange = InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text="🔔", callback_data=data)]
            for data in ("save:1:1", "line", "line:0:1")
        ]
    )
    assert with_followed(strange, SAY, is_followed=True) == strange


def test_a_chapter_offers_to_follow_its_story_or_to_end_it() -> None:
    say = speak("en")
    chapter = replace(story(), continues=StoryId(1))
    following = MatchReason(topics=(), words=(), own_feed=False, storyline=True)
    for reason, label in (
        (None, "🔔 Follow this story"),
        (following, "➖ Unfollow this story"),
    ):
        (first, *_) = dismiss(chapter, reason, TOPICS, say).inline_keyboard
        assert first[0].text == label


def test_whole_names_are_offered_as_they_are_written() -> None:
    headline = "Вчора Володимир Зеленський відвідав Івано-Франківськ і місто Нью-Йорк"
    assert mutable_names(story(headline)) == (
        "Володимир Зеленський",
        "Івано-Франківськ",
        "Нью-Йорк",
    )
    assert mutable_names(story("Ferry Leaves Lakeside For Northern Harbour")) == ()
