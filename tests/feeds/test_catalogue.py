import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import SetupError
from bot.feeds import catalogue
from bot.feeds.catalogue import read_catalogue
from bot.model import LANGUAGES, ListedFeed, TopicSlug
from bot.resources import RESOURCES
from bot.text.safe import storable

SHIPPED = RESOURCES / "feeds.toml"

COURIER = """
[[feeds]]
url = "https://courier.example/rss"
source = " The Harbour  Courier"
language = "en"
topic = "world"
site = "https://courier.example"
"""


A = ListedFeed(
    url="https://a.example/rss",
    domain="a.example",
    source='The "Harbour" Courier \\ Вечір',
    language="uk",
    topic=TopicSlug("war"),
)
B = ListedFeed(
    url="https://b.example/rss?a=1&b=2",
    domain="b.example",
    source="B",
    language="en",
    topic=None,
    pages=False,
)
C = replace(B, url="https://c.example/rss", domain="c.example", pages=True)

WRITTEN = """# My feeds

# the best
[[feeds]]
url = "https://a.example/rss"
source = "A"
language = "uk"

# of the coast
# and the sea
[[feeds]]
url = "https://b.example/rss"  # the old address
source = "B"
language = "en"

# English

[[feeds]]
url = "https://c.example/rss"
source = "C"
language = "en"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feeds.toml"


def test_toml_is_read_in_its_order(path: Path) -> None:
    gazette = '[[feeds]]\nurl = "http://gazette.example"\nsource = "Газета"\nlanguage = "uk"'
    path.write_text(COURIER + gazette, encoding="utf-8")
    assert read_catalogue(path) == (
        ListedFeed(
            url="https://courier.example/rss",
            domain="courier.example",
            source="The Harbour Courier",
            language="en",
            topic=TopicSlug("world"),
        ),
        ListedFeed(
            url="http://gazette.example",
            domain="gazette.example",
            source="Газета",
            language="uk",
            topic=None,
        ),
    )


def test_an_empty_topic_is_that_of_a_mixed_feed(path: Path) -> None:
    path.write_text(COURIER.replace('"world"', '""'))
    assert read_catalogue(path)[0].topic is None


def test_opml_is_read_with_the_languages_of_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "feeds.OPML"
    path.write_text(
        """<?xml version="1.0"?><opml version="2.0"><body>
        <outline text="Україна" language="uk-UA">
          <outline type="rss" text="Вечір" xmlUrl="https://a.example/rss" topic="war"/>
          <outline text="Курьер" title="Новый курьер" xmlUrl="https://b.example" language="ru"/>
        </outline>
        <outline text="Courier" xmlUrl="https://c.example"/>
        </body></opml>""",
        encoding="utf-8",
    )
    assert [(it.url, it.source, it.language, it.topic) for it in read_catalogue(path)] == [
        ("https://a.example/rss", "Вечір", "uk", "war"),
        ("https://b.example", "Новый курьер", "ru", None),
        ("https://c.example", "Courier", "en", None),
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", r"it lists no feeds: it should have a table \[\[feeds\]\] for each"),
        ("feeds = 5", "it lists no feeds"),
        ("feeds = [5]", "feed 1 should be a table"),
        ("[[feeds", "not TOML"),
        (COURIER.replace("url =", "link ="), "feed 1, link: there is no such field"),
        (COURIER.replace('"en"', '"de"'), "feed 1, language: should be one of uk, ru, en"),
        (COURIER.replace('"en"', "5"), "feed 1, language: should be a text"),
        (COURIER.replace('"world"', "5"), "feed 1, topic: should be a text"),
        (COURIER.replace('" The Harbour  Courier"', '" "'), "feed 1, source: .* not empty"),
        (COURIER.replace('source = " The Harbour  Courier"', ""), "feed 1, source: .* text"),
        (
            COURIER.replace("https://courier.example/rss", "file:///etc"),
            "feed 1, url: should begin",
        ),
        (COURIER.replace("courier.example/rss", "courier .example"), "feed 1, url: should begin"),
        (COURIER.replace("courier.example/rss", ""), "feed 1, url: should begin"),
        (COURIER.replace("courier.example/rss", "[::1"), "feed 1, url: "),
        (COURIER.replace("/rss", "/" + "r" * 2048), "feed 1, url: should begin"),
        (
            COURIER + COURIER.replace("https://courier", "http://www.courier"),
            "the same feed twice: feed 1, https://courier.example/rss,"
            " and feed 2, http://www.courier.example/rss",
        ),
    ],
)
def test_a_malformed_catalogue_is_refused_with_the_place(
    path: Path, text: str, complaint: str
) -> None:
    path.write_text(text)
    with pytest.raises(SetupError, match=f"{path}: {complaint}"):
        read_catalogue(path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("<opml>", "not OPML"),
        ("<opml><body><outline text='a folder'/></body></opml>", "no outline has an xmlUrl"),
        ("<opml><outline xmlUrl='file:///etc'/></opml>", "no outline has an xmlUrl of the web"),
        ("<rss/>", "its first element should be <opml>"),
        (
            "<opml><outline xmlUrl='https://a.example' text='a' language='de'/></opml>",
            "feed 1, language",
        ),
    ],
)
def test_malformed_opml_is_refused_with_the_place(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "feeds.opml"
    path.write_text(text)
    with pytest.raises(SetupError, match=complaint):
        read_catalogue(path)


def test_a_file_that_is_missing_or_cannot_be_read_is_named(tmp_path: Path, path: Path) -> None:
    with pytest.raises(SetupError, match=f"{path}: there is no such file"):
        read_catalogue(path)
    with pytest.raises(SetupError, match="directory"):
        read_catalogue(tmp_path)
    path.write_bytes("Газета".encode("cp1251"))
    with pytest.raises(SetupError, match="UTF-8"):
        read_catalogue(path)


def test_the_shipped_catalogue_is_balanced_over_languages_and_topics() -> None:
    listed = read_catalogue(SHIPPED)
    topics = tomllib.loads((RESOURCES / "topics.toml").read_text(encoding="utf-8"))
    per_language = Counter(feed.language for feed in listed)
    per_topic = Counter(feed.topic for feed in listed)
    assert len(listed) >= 60
    assert per_language.keys() == set(LANGUAGES)
    assert max(per_language.values()) - min(per_language.values()) <= 3
    assert per_topic.keys() == {None, *topics}
    assert min(per_topic.values()) >= 3
    covered = {(feed.language, feed.topic) for feed in listed}
    missing = {(language, topic) for language in LANGUAGES for topic in topics} - covered
    # Nobody is known to us who publishes a feed of science alone in Ukrainian.
    assert missing == {("uk", "science")}
    assert {feed.language for feed in listed if feed.source == "ZN.ua"} == {"uk", "ru"}


def test_each_feed_of_the_shipped_catalogue_is_secure_and_names_its_site() -> None:
    tables = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["feeds"]
    order = ("url", "source", "site", "language", "topic", "pages")
    for table in tables:
        assert table["url"].startswith("https://")
        assert table["site"].startswith("https://")
        assert list(table) == [name for name in order if name in table]
        assert len(table["source"]) <= 40


@pytest.mark.parametrize(
    ("field", "wanted"), [("", True), ("pages = true", True), ("pages = false", False)]
)
def test_the_pages_of_articles_are_wanted_unless_it_says_otherwise(
    path: Path, field: str, wanted: bool
) -> None:
    path.write_text(COURIER + field, encoding="utf-8")
    (feed,) = read_catalogue(path)
    assert feed.pages == wanted


@pytest.mark.parametrize(("attribute", "wanted"), [("", True), ('pages="False"', False)])
def test_in_opml_too(tmp_path: Path, attribute: str, wanted: bool) -> None:
    path = tmp_path / "feeds.opml"
    path.write_text(
        f'<opml><body><outline xmlUrl="https://a.example/rss" title="A" {attribute}/></body></opml>'
    )
    (feed,) = read_catalogue(path)
    assert feed.pages == wanted


def test_pages_are_wanted_or_not_and_nothing_between(path: Path) -> None:
    path.write_text(COURIER + 'pages = "no"', encoding="utf-8")
    with pytest.raises(SetupError, match="feed 1, pages: should be true or false"):
        read_catalogue(path)


@pytest.mark.parametrize("name", ["feeds.toml", "feeds.opml", "far/feeds.XML"])
def test_feeds_are_added_one_by_one_and_taken_out_again(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for feeds in ((A,), (B, C)):
        catalogue.add(path, feeds)
    assert read_catalogue(path) == (A, B, C)
    assert catalogue.remove(path, "http://www.b.example/rss/?b=2&a=1") == B
    assert read_catalogue(path) == (A, C)
    assert [it.name for it in path.parent.iterdir()] == [path.name]


def test_what_the_operator_wrote_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "feeds.toml"
    path.write_text(WRITTEN)
    catalogue.add(path, (replace(C, url="https://d.example/rss", domain="d.example"),))
    assert path.read_text().startswith(WRITTEN)


@pytest.mark.parametrize(
    ("url", "gone"),
    [
        ("https://a.example/rss", ("# the best\n", '"A"\nlanguage = "uk"\n\n')),
        ("https://b.example/rss", ("# of the coast", '"B"\nlanguage = "en"\n\n# English\n\n')),
        (
            "https://c.example/rss",
            ('[[feeds]]\nurl = "https://c', 'source = "C"\nlanguage = "en"\n'),
        ),
    ],
)
def test_a_feed_goes_with_its_own_comment_and_no_other(
    tmp_path: Path, url: str, gone: tuple[str, str]
) -> None:
    path = tmp_path / "feeds.toml"
    path.write_text(WRITTEN)
    catalogue.remove(path, url)
    begin = WRITTEN.index(gone[0])
    end = WRITTEN.index(gone[1]) + len(gone[1])
    assert path.read_text() == WRITTEN[:begin] + WRITTEN[end:]


def test_a_feed_that_is_there_is_not_added_twice(tmp_path: Path) -> None:
    path = tmp_path / "feeds.toml"
    catalogue.add(path, (A,))
    before = path.read_text()
    with pytest.raises(SetupError, match=r"has http://a\.example/rss/ already"):
        catalogue.add(path, (B, replace(A, url="http://a.example/rss/")))
    assert path.read_text() == before


def test_what_is_not_there_cannot_be_removed_and_the_last_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "feeds.toml"
    catalogue.add(path, (A,))
    with pytest.raises(SetupError, match="has no feed with the address https://b"):
        catalogue.remove(path, B.url)
    with pytest.raises(SetupError, match="is its last feed, and the bot needs one"):
        catalogue.remove(path, A.url)
    with pytest.raises(SetupError, match="there is no such file"):
        catalogue.remove(tmp_path / "none.toml", A.url)


def test_a_list_in_another_form_is_left_to_its_operator(tmp_path: Path) -> None:
    path = tmp_path / "feeds.toml"
    text = (
        'feeds = [{ url = "https://a.example/rss", source = "A", language = "en" },'
        ' { url = "https://b.example/rss", source = "B", language = "en" }]\n'
    )
    path.write_text(text)
    with pytest.raises(SetupError, match="please do it by hand"):
        catalogue.remove(path, "https://b.example/rss")
    with pytest.raises(SetupError, match="not TOML"):
        catalogue.add(path, (C,))
    assert path.read_text() == text
    assert [it.name for it in tmp_path.iterdir()] == ["feeds.toml"]


def test_a_list_that_cannot_be_written_is_a_setup_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="cannot be written"):
        catalogue.add(tmp_path / "file" / "feeds.toml", (A,))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_name_of_a_publisher_is_read_as_it_was_written(tmp_path: Path, source: str) -> None:
    source = " ".join(storable(source).split())
    if not source:
        return
    path = tmp_path / "feeds.toml"
    path.unlink(missing_ok=True)
    catalogue.add(path, (replace(A, source=source),))
    assert read_catalogue(path)[0].source == source


def test_a_feed_is_known_in_any_spelling() -> None:
    assert catalogue.is_listed((A,), "http://www.a.example/rss/")
    assert not catalogue.is_listed((A,), B.url)
