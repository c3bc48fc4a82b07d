from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from xml.etree import ElementTree

import pytest

from bot_playground.news.pages import (
    MAX_FEED_ITEMS,
    PublishedArticle,
    feed,
    feed_path,
    front_page,
    page,
    related,
)
from bot_playground.news.script import NewsScript, Report, Source, read_news_script

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
URL = "http://127.0.0.1:1"
ATOM = "{http://www.w3.org/2005/Atom}"
FULL_TEXT = "{http://purl.org/rss/1.0/modules/content/}encoded"

NEWSROOM = read_news_script()
PAPER = Source(
    slug="paper",
    name="Q & A",
    about="News <daily>",
    language="en",
    format="rss",
    encoding="utf-8",
    body="full",
)


def report(source: Source = PAPER, event: str = "storm", **fields: object) -> Report:
    standard = Report(
        source=source,
        event=event,
        topic="incidents",
        follows=None,
        title="Wind & rain <tonight>",
        paragraphs=("The wind rises. It may reach 28 m/s.", "Stay at home & rest."),
    )
    return replace(standard, **fields)  # type: ignore[arg-type]


def article(minute: int = 0, **fields: object) -> PublishedArticle:
    return PublishedArticle(report=report(**fields), published_at=NOON + timedelta(minutes=minute))  # type: ignore[arg-type]


def items(document: bytes) -> list[ElementTree.Element]:
    return ElementTree.fromstring(document).findall("channel/item")


def news_script() -> NewsScript:
    return replace(NEWSROOM, sources=(PAPER,))


def test_an_rss_item_has_the_usual_elements() -> None:
    (item,) = items(feed(PAPER, [article()], news_script=news_script(), url=URL))
    assert item.findtext("title") == "Wind & rain <tonight>"
    assert item.findtext("link") == f"{URL}/paper/storm.html"
    assert item.findtext("guid") == "paper-storm"
    assert item.findtext("pubDate") == "Mon, 02 Mar 2026 12:00:00 +0000"
    assert item.findtext("category") == "Incidents"
    assert item.findtext("description") == "The wind rises."
    assert item.findtext(FULL_TEXT) == (
        "<p>The wind rises. It may reach 28 m/s.</p><p>Stay at home &amp; rest.</p>"
    )


def test_a_teaser_feed_gives_one_sentence_and_no_text() -> None:
    source = replace(PAPER, body="teaser")
    (item,) = items(feed(source, [article(source=source)], news_script=news_script(), url=URL))
    assert item.findtext("description") == "The wind rises."
    assert item.find(FULL_TEXT) is None


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_a_full_text_ends_with_its_read_also_links(form: str) -> None:
    source = replace(PAPER, format=form)
    articles = [article(minute, source=source, event=f"event-{minute}") for minute in range(2)]
    document = feed(source, articles, news_script=news_script(), url=URL).decode()
    link = escape('<li><a href="/paper/event-0.html">')
    assert document.count(link.replace("&quot;", '"')) == 1
    assert document.count("event-1.html") == 1


def test_a_windows_1251_feed_declares_its_encoding_and_escapes_other_letters() -> None:
    source = replace(PAPER, encoding="windows-1251", language="ru")
    document = feed(
        source, [article(source=source, title="Ёж ≠ уж")], news_script=news_script(), url=URL
    )
    assert b'encoding="windows-1251"' in document
    assert "Ёж &#8800; уж".encode("windows-1251") in document


def test_an_atom_entry_has_the_usual_elements() -> None:
    source = replace(PAPER, format="atom")
    document = feed(source, [article(source=source)], news_script=news_script(), url=URL)
    root = ElementTree.fromstring(document)
    (entry,) = root.findall(f"{ATOM}entry")
    assert root.findtext(f"{ATOM}updated") == "2026-03-02T12:00:00+00:00"
    assert entry.findtext(f"{ATOM}title") == "Wind & rain <tonight>"
    assert entry.findtext(f"{ATOM}id") == "urn:newsstand:paper-storm"
    assert entry.findtext(f"{ATOM}summary") == "The wind rises."
    assert "28 m/s" in (entry.findtext(f"{ATOM}content") or "")


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_a_newspaper_without_news_still_has_a_feed(form: str) -> None:
    source = replace(PAPER, format=form)
    root = ElementTree.fromstring(feed(source, [], news_script=news_script(), url=URL))
    assert root.tag in {"rss", f"{ATOM}feed"}


def test_a_feed_holds_the_newest_articles_newest_first() -> None:
    articles = [article(minute, event=f"event-{minute}") for minute in range(MAX_FEED_ITEMS + 5)]
    links = [
        item.findtext("link")
        for item in items(feed(PAPER, articles, news_script=news_script(), url=URL))
    ]
    assert len(links) == MAX_FEED_ITEMS
    assert links[0] == f"{URL}/paper/event-34.html"
    assert links[-1] == f"{URL}/paper/event-5.html"


@pytest.mark.parametrize(("form", "path"), [("rss", "/paper/rss.xml"), ("atom", "/paper/atom.xml")])
def test_the_path_of_a_feed_names_its_format(form: str, path: str) -> None:
    assert feed_path(replace(PAPER, format=form)) == path


def test_related_are_the_followed_event_and_then_the_newest_of_the_topic() -> None:
    earlier = [
        article(0, event="forecast"),
        article(1, event="fire"),
        article(2, event="match", topic="sports"),
        article(3, event="flood"),
        article(4, event="fog"),
    ]
    found = related(article(5, event="damage", follows="forecast"), earlier)
    assert [it.report.event for it in found] == ["forecast", "fog", "flood"]


def test_a_page_has_the_text_the_menu_and_the_read_also_links() -> None:
    earlier = [article(event="forecast", title="Before")]
    text = page(article(), earlier, news_script=news_script(), url=URL)
    assert "<h1>Wind &amp; rain &lt;tonight&gt;</h1>" in text
    assert "<p>Stay at home &amp; rest.</p>" in text
    assert '<a href="/paper/">Q &amp; A</a>' in text
    assert '<h2>Read also</h2><ul><li><a href="/paper/forecast.html">Before</a>' in text


def test_a_page_without_links_has_no_block_for_them() -> None:
    assert "<aside>" not in page(article(), [], news_script=news_script(), url=URL)


def test_a_page_tells_elsewhere_who_writes_what_with_its_picture() -> None:
    text = page(article(), [], news_script=news_script(), url=URL)
    assert '<meta property="og:site_name" content="Q &amp; A">' in text
    assert '<meta property="og:title" content="Wind &amp; rain &lt;tonight&gt;">' in text
    assert '<meta property="og:description" content="The wind rises.">' in text
    assert f'<meta property="og:image" content="{URL}/paper/storm.jpg">' in text
    assert '<meta property="og:image:width" content="640">' in text
    assert '<img src="/paper/storm.jpg"' in text


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_a_feed_declares_the_picture_of_each_article(form: str) -> None:
    source = replace(PAPER, format=form)
    document = feed(source, [article(source=source)], news_script=news_script(), url=URL)
    (picture,) = ElementTree.fromstring(document).iter("{http://search.yahoo.com/mrss/}content")
    assert (picture.get("url"), picture.get("width")) == (f"{URL}/paper/storm.jpg", "640")


def test_a_newspaper_without_pictures_shows_and_declares_none() -> None:
    source = replace(PAPER, pictures=False)
    unseen = article(source=source)
    text = page(unseen, [], news_script=news_script(), url=URL)
    assert "og:title" in text
    for document in (text, feed(source, [unseen], news_script=news_script(), url=URL).decode()):
        assert ".jpg" not in document


def test_the_front_page_begins_with_the_newest() -> None:
    articles = [article(0, event="old", title="Old"), article(1, event="new", title="New")]
    text = front_page(PAPER, articles, news_script=news_script())
    assert text.index(">New<") < text.index(">Old<")
