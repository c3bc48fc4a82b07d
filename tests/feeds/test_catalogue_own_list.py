from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import SetupError
from bot.feeds import catalogue_own_list as own_list
from bot.feeds.catalogue import read_catalogue
from bot.model import ListedFeed, TopicSlug

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


@pytest.mark.parametrize("name", ["feeds.toml", "feeds.opml", "far/feeds.XML"])
def test_feeds_are_added_one_by_one_and_taken_out_again(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for feeds in ((A,), (B, C)):
        own_list.add(path, feeds)
    assert read_catalogue(path) == (A, B, C)
    assert own_list.remove(path, "http://www.b.example/rss/?b=2&a=1") == B
    assert read_catalogue(path) == (A, C)
    assert [it.name for it in path.parent.iterdir()] == [path.name]


def test_what_the_operator_wrote_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "feeds.toml"
    path.write_text(WRITTEN)
    own_list.add(path, (replace(C, url="https://d.example/rss", domain="d.example"),))
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
    own_list.remove(path, url)
    begin = WRITTEN.index(gone[0])
    end = WRITTEN.index(gone[1]) + len(gone[1])
    assert path.read_text() == WRITTEN[:begin] + WRITTEN[end:]


def test_a_feed_that_is_there_is_not_added_twice(tmp_path: Path) -> None:
    path = tmp_path / "feeds.toml"
    own_list.add(path, (A,))
    before = path.read_text()
    with pytest.raises(SetupError, match=r"has http://a\.example/rss/ already"):
        own_list.add(path, (B, replace(A, url="http://a.example/rss/")))
    assert path.read_text() == before


def test_what_is_not_there_cannot_be_removed_and_the_last_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "feeds.toml"
    own_list.add(path, (A,))
    with pytest.raises(SetupError, match="has no feed with the address https://b"):
        own_list.remove(path, B.url)
    with pytest.raises(SetupError, match="is its last feed, and the bot needs one"):
        own_list.remove(path, A.url)
    with pytest.raises(SetupError, match="there is no such file"):
        own_list.remove(tmp_path / "none.toml", A.url)


def test_a_list_in_another_form_is_left_to_its_operator(tmp_path: Path) -> None:
    path = tmp_path / "feeds.toml"
    text = (
        'feeds = [{ url = "https://a.example/rss", source = "A", language = "en" },'
        ' { url = "https://b.example/rss", source = "B", language = "en" }]\n'
    )
    path.write_text(text)
    with pytest.raises(SetupError, match="please do it by hand"):
        own_list.remove(path, "https://b.example/rss")
    with pytest.raises(SetupError, match="not TOML"):
        own_list.add(path, (C,))
    assert path.read_text() == text
    assert [it.name for it in tmp_path.iterdir()] == ["feeds.toml"]


def test_a_list_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="cannot be written"):
        own_list.add(tmp_path / "file" / "feeds.toml", (A,))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_name_of_a_publisher_is_read_as_it_was_written(tmp_path: Path, source: str) -> None:
    source = " ".join(source.split())
    if not source:
        return
    path = tmp_path / "feeds.toml"
    path.unlink(missing_ok=True)
    own_list.add(path, (replace(A, source=source),))
    assert read_catalogue(path)[0].source == source


def test_a_feed_is_known_in_any_spelling() -> None:
    assert own_list.is_listed((A,), "http://www.a.example/rss/")
    assert not own_list.is_listed((A,), B.url)
