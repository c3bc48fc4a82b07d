import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.main import main
from bot.feeds.catalogue import read_catalogue
from bot.resources import RESOURCES
from bot.web.opml import Outline, write
from tests.feeds.conftest import Publisher
from tests.support.poller_setup import item, rss

SHIPPED = RESOURCES / "feeds.toml"
UKRAINIAN = ("Новий міст відкрили сьогодні у Львові", "Що відбувається в місті")


async def invoke(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["feeds", *arguments])


@pytest.fixture
def path(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FEEDS", "mine.toml")
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "true")
    return empty_folder / "mine.toml"


@pytest.fixture
def courier(publisher: Publisher) -> Publisher:
    publisher.says("<html><link rel=alternate type=application/rss+xml href=/rss>", path="/")
    publisher.says(rss(*map(item, UKRAINIAN), head="<title>Вечір</title>"))
    publisher.says(rss(*map(item, UKRAINIAN)), path="/untitled")
    publisher.says(rss(item("日本の首相が新しい橋を開通した")), path="/japanese")
    return publisher


async def test_a_feed_is_found_on_its_site_and_added_in_its_language(
    path: Path, courier: Publisher
) -> None:
    result = await invoke("add", courier.base, "--topic", "war")
    assert result.output == (
        f"mine.toml: added Вечір (uk, war), {courier.url()};"
        " the bot reads its list when it starts\n"
    )
    (feed,) = read_catalogue(path)
    assert (feed.url, feed.source, feed.language, feed.topic) == (
        courier.url(),
        "Вечір",
        "uk",
        "war",
    )
    again = await invoke("add", courier.base)
    assert (again.exit_code, again.output) == (
        1,
        f"Error: mine.toml: has {courier.url()} already\n",
    )


async def test_what_the_operator_says_counts(path: Path, courier: Publisher) -> None:
    url = courier.url("/untitled")
    await invoke("add", url, "--language", "ru", "--source", "Вечер")
    (feed,) = read_catalogue(path)
    assert (feed.source, feed.language, feed.topic) == ("Вечер", "ru", None)
    path.unlink()
    await invoke("add", url)
    assert read_catalogue(path)[0].source == courier.base.removeprefix("http://")


async def test_a_feed_that_cannot_be_added_is_said_in_one_sentence(
    path: Path, courier: Publisher
) -> None:
    for arguments, words in (
        ((courier.url("/none"),), "Error: there is no such page on that site"),
        ((courier.url("/japanese"),), "Error: the feed seems to be in another language"),
        (
            (courier.url(), "--topic", "chess"),
            "Error: chess: there is no such topic; there are war",
        ),
    ):
        result = await invoke("add", *arguments)
        assert result.exit_code == 1
        assert result.output.startswith(words)
        assert result.output.count("\n") == 1
    assert (await invoke("add", courier.url(), "--language", "de")).exit_code == 2
    assert not path.exists()


@pytest.mark.usefixtures("empty_folder")
async def test_the_shipped_list_is_never_changed(courier: Publisher) -> None:
    (Path.cwd() / "a.opml").write_bytes(write([], title=""))
    before = SHIPPED.read_bytes()
    for arguments in (("add", courier.url()), ("remove", "https://zn.ua"), ("import", "a.opml")):
        result = await invoke(*arguments)
        assert result.exit_code == 1
        assert result.output.startswith("Error: the list that ReadAlso ships with is not changed: ")
    assert SHIPPED.read_bytes() == before


async def test_a_feed_is_removed(path: Path, courier: Publisher) -> None:
    for url in (courier.url(), courier.url("/untitled")):
        await invoke("add", url)
    result = await invoke("remove", courier.url())
    assert result.output.startswith(f"mine.toml: removed Вечір, {courier.url()}; ")
    assert len(read_catalogue(path)) == 1
    result = await invoke("remove", courier.url())
    assert (result.exit_code, result.output.count("\n")) == (1, 1)


async def test_what_another_reader_exports_is_imported_once(path: Path) -> None:
    outlines = [
        Outline(url="https://a.example", title="A", language="uk-UA", topic="war"),
        Outline(url="https://b.example", title="B", language="de"),
        Outline(url="https://c.example", title="C", topic="my favourites"),
    ]
    (path.parent / "theirs.opml").write_bytes(write(outlines, title="Theirs"))
    result = await invoke("import", "theirs.opml")
    assert result.output == ("Error: 1 feed names no language: tell it with --language\n")
    result = await invoke("import", "theirs.opml", "--language", "ru")
    assert result.output == (
        "mine.toml: 2 feeds added, 0 there already, 1 passed over: written in de;"
        " the bot reads its list when it starts\n"
    )
    listed = [(feed.url, feed.language, feed.topic) for feed in read_catalogue(path)]
    assert listed == [("https://a.example", "uk", "war"), ("https://c.example", "ru", None)]
    again = await invoke("import", "theirs.opml", "--language", "ru")
    assert again.output.startswith("mine.toml: 0 feeds added, 2 there already, 1 passed over")


async def test_what_cannot_be_imported_is_said_in_one_sentence(path: Path) -> None:
    (path.parent / "theirs.opml").write_text("<rss/>")
    result = await invoke("import", "theirs.opml")
    assert result.output.startswith("Error: theirs.opml: not OPML: ")
    (path.parent / "theirs.opml").write_bytes(write([], title=""))
    assert (await invoke("import", "theirs.opml")).output == "Error: theirs.opml: lists no feeds\n"
    missing = await invoke("import", "none.opml")
    assert missing.output == "Error: none.opml: there is no such file\n"
    assert missing.exit_code == 1


@pytest.mark.parametrize(
    ("outline", "code"),
    [
        ('<outline xmlUrl="https://a.example/rss" language="uk"/>', 0),
        ('<outline xmlUrl="https://a.example/rss" language="de"/>', 1),
        ('<outline xmlUrl="https://a.example/rss" language="uk"/><outline xmlUrl="feed"/>', 1),
    ],
)
async def test_the_exit_code_of_an_import_tells_whether_every_feed_is_in_the_list(
    path: Path, outline: str, code: int
) -> None:
    (path.parent / "theirs.opml").write_text(f"<opml><body>{outline}</body></opml>")
    for _ in range(2):
        assert (await invoke("import", "theirs.opml")).exit_code == code


@pytest.mark.usefixtures("empty_folder")
async def test_the_list_is_exported_and_may_serve_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    result = await invoke("export", "copy.opml")
    shipped = read_catalogue(SHIPPED)
    assert result.output == f"copy.opml: {len(shipped)} feeds\n"
    assert read_catalogue(Path("copy.opml")) == shipped
    assert (await invoke("export")).stdout.encode() == Path("copy.opml").read_bytes()
    await invoke("export", "copy.toml")
    assert read_catalogue(Path("copy.toml")) == shipped
    assert Path("copy.toml").read_text().startswith("[[feeds]]")
    result = await invoke("export", "copy.txt")
    assert result.output == "Error: copy.txt: a list of feeds is called .toml or .opml\n"
    assert not Path("copy.txt").exists()
    result = await invoke("export", "copy.opml")
    assert result.output == "Error: copy.opml: there is such a file, and it is not overwritten\n"
    result = await invoke("export", "nowhere/copy.opml")
    assert (
        result.output == "Error: nowhere/copy.opml: cannot be written: there is no folder nowhere\n"
    )
    monkeypatch.setenv("FEEDS", "copy.opml")
    await invoke("remove", "https://babel.ua/rss.xml")
    assert len(read_catalogue(Path("copy.opml"))) == len(shipped) - 1
