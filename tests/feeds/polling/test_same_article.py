from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.feeds.polling.item_keys import KeyName
from bot.feeds.polling.same_article import is_same_article
from bot.model import Entry
from tests.support.fakes import NOON

ALERT = "Air raid alert is announced in Kyiv and several regions"
FIRST = "The alert began at noon because of missiles over the sea."
SECOND = "In the evening drones were seen near the southern ports."
BRIDGE = "Mayor of Rivne opens a bridge after two years of repair works"
RENAMED = "Rivne: bridge over the Ustia opened after repair"
STORM = "Storm leaves three villages without electricity"
LONG = "The bridge joins two districts. It was closed for repairs since the flood of last spring."


def entry(
    title: str,
    text: str = "",
    *,
    guid: str = "",
    page: str = "a",
    hours: float = 0,
    dated: bool = True,
) -> Entry:
    return Entry(
        guid=guid,
        url=f"https://courier.example/{page}",
        title=title,
        text=text,
        categories=(),
        published_at=NOON + timedelta(hours=hours),
        dated=dated,
    )


def weigh(
    known: Entry,
    new: Entry,
    *agreeing: KeyName,
    weak: Collection[str] = (),
    is_listed: bool = False,
) -> bool:
    return is_same_article(new, known, agreeing, weak=weak, is_listed=is_listed)


@pytest.mark.parametrize(
    "new",
    [
        entry(ALERT, SECOND, guid="st-2", page="b", hours=11),
        entry(ALERT, FIRST, guid="st-2", page="b", hours=11),
        entry(ALERT, SECOND, guid="st-2", page="b"),
        entry(ALERT, "", guid="st-2", page="b", hours=11),
        entry(ALERT, FIRST.replace("noon", "18:20"), guid="st-2", page="b", hours=6),
        entry(ALERT, SECOND, page="b", hours=2),
    ],
)
def test_k1_a_headline_alone_outvotes_no_other_guid_and_no_other_text_or_date(new: Entry) -> None:
    assert not weigh(entry(ALERT, FIRST, guid="st-1"), new, "title")


@pytest.mark.parametrize(
    "new",
    [
        entry(ALERT, FIRST, guid="st-2", page="b"),
        entry(ALERT, FIRST, guid="st-2", page="b", hours=0.5),
        entry(ALERT, FIRST + " It lasted an hour and a half.", guid="st-2", page="b"),
        entry(ALERT, "", guid="st-2", page="b"),
    ],
)
def test_k1_an_article_that_is_issued_anew_with_its_headline_text_and_date_is_the_same(
    new: Entry,
) -> None:
    known = entry(ALERT, FIRST, guid="st-1")
    assert weigh(known, new, "title")
    assert weigh(known, new, "title", is_listed=True) is bool(new.text)


def test_k1_two_different_numbers_are_two_articles_unless_all_else_is_the_same() -> None:
    known = entry(ALERT, FIRST, guid="a", page="news/728100-alert")
    for other in (
        entry(ALERT, FIRST, guid="b", page="news/728200-alert", hours=0.2),
        entry(ALERT, SECOND, guid="b", page="news/728200-alert"),
    ):
        assert not weigh(known, other, "title")
    assert weigh(known, entry(ALERT, FIRST, guid="b", page="news/728200-alert"), "title")
    moved = entry(STORM, SECOND, guid="a", page="news/728200-alert")
    assert not weigh(known, moved, "guid")
    assert weigh(known, replace(moved, title=ALERT), "guid")


def test_k1_where_neither_guid_nor_link_identifies_a_headline_of_the_day_does() -> None:
    known, later = entry(ALERT, FIRST), entry(ALERT, FIRST, hours=5)
    assert weigh(known, later, "title", weak={"guid", "link"})
    assert not weigh(known, replace(later, text=SECOND), "title", weak={"guid", "link"})


@pytest.mark.parametrize(
    "new",
    [
        entry(STORM, SECOND, guid="st-2", hours=5),
        entry(STORM, SECOND, guid="st-2"),
        entry(STORM, "", guid="st-2", hours=5),
        entry("Power cuts in the region on Wednesday", SECOND, guid="st-2", hours=24),
        entry("Power cuts in the region on Tuesday", SECOND, guid="st-2", hours=24),
    ],
)
def test_k1_a_page_alone_outvotes_no_other_guid_title_and_text(new: Entry) -> None:
    known = entry("Power cuts in the region on Tuesday", FIRST, guid="st-1")
    assert not weigh(known, new, "link")


@pytest.mark.parametrize(
    "new",
    [
        entry(BRIDGE, LONG, guid="st-2"),
        entry(BRIDGE, LONG, guid="st-2", hours=5),
        entry(BRIDGE, "", guid="st-2", hours=5),
        entry(RENAMED, LONG, guid="st-2"),
        entry(BRIDGE + ", with a parade", LONG + " A parade is planned.", guid="st-2", hours=3),
        entry(STORM, LONG, guid="st-2"),
    ],
)
def test_k1_a_guid_that_changes_by_itself_makes_no_article(new: Entry) -> None:
    assert weigh(entry(BRIDGE, LONG, guid="st-1"), new, "link")


def test_k1_a_guid_that_only_repeats_the_link_disagrees_with_nothing() -> None:
    link = "https://courier.example/a"
    known = entry(BRIDGE, LONG, guid=f"{link}#0")
    assert weigh(known, entry(BRIDGE, SECOND, guid=f"{link}#1", hours=5), "link")
    assert weigh(known, entry(BRIDGE, SECOND, guid="", hours=5), "link")


@pytest.mark.parametrize("key", ["guid", "bare_guid", "number", "link"])
def test_k2_a_renamed_and_edited_article_is_the_same(key: KeyName) -> None:
    known = entry(BRIDGE, LONG, page="728743-mayor-of-rivne-opens-bridge")
    for new in (
        entry(RENAMED, LONG, page="728743-rivne-bridge-opened"),
        entry(RENAMED, LONG, page="728743-rivne-bridge-opened", hours=6),
        entry(STORM, LONG, page="728743-storm", hours=6),
        entry(BRIDGE, SECOND, page="728743-storm", hours=6),
        entry(STORM, "", page="728743-storm", hours=6),
        entry(STORM, SECOND, page="728743-storm"),
        entry(STORM, SECOND, page="728743-storm", dated=False),
    ):
        assert weigh(known, new, key)


@pytest.mark.parametrize("key", ["guid", "bare_guid", "number", "link"])
def test_an_item_whose_title_and_text_have_become_something_else_is_a_new_article(
    key: KeyName,
) -> None:
    assert not weigh(entry(BRIDGE, LONG), entry(STORM, SECOND, hours=6), key)


def test_an_item_of_which_all_is_known_is_known() -> None:
    assert weigh(entry(BRIDGE, LONG), entry(STORM, SECOND, hours=6), "full")


BOILERPLATE = "Read more on our site."
SHORT, OTHER_SHORT = "It burned all night long.", "Vote at last, says the speaker."


@pytest.mark.parametrize("key", ["guid", "bare_guid"])
@pytest.mark.parametrize(
    ("text", "other"), [("", ""), (BOILERPLATE, BOILERPLATE), (SHORT, OTHER_SHORT), (LONG, "")]
)
@pytest.mark.parametrize("dated", [True, False])
def test_a_guid_that_comes_with_another_headline_and_another_address_is_used_again(
    key: KeyName, text: str, other: str, dated: bool
) -> None:
    known = entry(BRIDGE, text, guid="top", page="p1")
    assert not weigh(known, entry(STORM, other, guid="top", page="p2", hours=7, dated=dated), key)
    assert weigh(known, entry(RENAMED, other, guid="top", page="p2", hours=7, dated=dated), key)


@pytest.mark.parametrize("key", ["guid", "link"])
@pytest.mark.parametrize(
    ("text", "other"), [("", ""), (BOILERPLATE, BOILERPLATE), (SHORT, OTHER_SHORT), (LONG, SECOND)]
)
@pytest.mark.parametrize("dated", [True, False])
def test_the_first_page_of_a_site_is_the_address_of_no_article(
    key: KeyName, text: str, other: str, dated: bool
) -> None:
    known = entry(BRIDGE, text, page="")
    assert not weigh(known, entry(STORM, other, page="", hours=7, dated=dated), key)
    assert weigh(known, entry(RENAMED, text, page="", hours=7, dated=dated), key)
