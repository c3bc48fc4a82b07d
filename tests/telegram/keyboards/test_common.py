from bot.i18n import speak
from bot.telegram.keyboards.common import (
    MAX_SKIPPED,
    OpenSettings,
    TurnPage,
    button,
    paging_row,
    rows,
    story_paging,
)


def offset(skipped: int) -> TurnPage:
    return TurnPage(kind="latest", skipped=skipped)


def test_rows_are_filled_from_the_left() -> None:
    buttons = [button(str(number), OpenSettings()) for number in range(5)]
    assert [len(row) for row in rows(buttons, width=2)] == [2, 2, 1]


def test_a_list_of_one_page_has_no_paging_row() -> None:
    assert paging_row(0, page_size=7, has_more=False, page_at=offset) == []
    page = TurnPage(kind="latest")
    assert story_paging(page, page_size=7, has_more=False, say=speak("en")) is None


def test_the_paging_row_leads_one_page_back_and_one_forward() -> None:
    ((back, forward),) = paging_row(5, page_size=7, has_more=True, page_at=offset)
    assert back.callback_data == "page:latest:0"
    assert forward.callback_data == "page:latest:12"


def test_paging_ends_at_the_greatest_offset() -> None:
    page = TurnPage(kind="top", skipped=MAX_SKIPPED)
    markup = story_paging(page, page_size=7, has_more=True, say=speak("en"))
    assert markup is not None
    assert [shown.text for shown in markup.inline_keyboard[0]] == ["◀️ Newer"]
