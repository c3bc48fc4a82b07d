import asyncio
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.explain import explain, explain_line, parse_submission, read_article
from bot.cli.json_lines import MAX_BYTES
from bot.model import EditorLink
from bot.resources import RESOURCES
from bot.storage.database import open_database
from bot.stories.analysis import build_analyzer
from bot.stories.article_processor import ArticleProcessor
from bot.stories.explain import Explain, Explanation, Submission, build_explainer
from bot.stories.topics.classifier import build_classifier
from bot.text.safe import storable
from bot.topics import read_topics
from tests.feeds.conftest import Publisher
from tests.stories.test_page_extraction import ARTICLE, LEAD, SECOND, TITLE
from tests.support.builders import TOPICS, guard_of, receive
from tests.support.fakes import NOON, FakeClock

pytestmark = pytest.mark.usefixtures("empty_folder")

BRIDGE = {
    "title": "Parliament passes the budget",
    "text": "Parliament passed the budget of the country. The minister of finance thanked all.",
}
OLD_LINK = '<link rel="canonical" href="https://courier.example/news/bridge-opens">'


async def invoke(*arguments: str, sent: bytes = b"") -> Result:
    """Run the command in a thread: it runs a loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, explain, arguments, input=sent)


def records(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(scope="module")
def explain_one() -> Explain:
    return build_explainer(TOPICS)


@pytest.mark.parametrize(
    ("content", "title", "text"),
    [
        (b"", "", ""),
        (b" \n\n ", "", " \n\n "),
        (b"Bridge", "Bridge", ""),
        (b"\xef\xbb\xbfBridge\n\nIt opened.\n", "Bridge", "\n\nIt opened.\n"),
        ("UA / RU\nМіст\nВідкрито.".encode("cp1251"), "Міст", "\nВідкрито."),
        ("Bridge\nOpen".encode("utf-16"), "Bridge", "\nOpen"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "", ""),
        (b"{Updated} Bridge\nOpen", "{Updated} Bridge", "\nOpen"),
        (b'\n{"title": "Bridge", "text": "Open"}', "Bridge", "Open"),
        (b"<p>", "", ""),
    ],
)
def test_a_file_is_a_page_or_json_or_a_title_and_lines(
    content: bytes, title: str, text: str
) -> None:
    read = read_article(content)
    assert (read.title, read.text) == (title, text)


@pytest.mark.parametrize("head", ["", OLD_LINK])
def test_a_saved_page_with_a_canonical_link_has_its_editors_links(head: str) -> None:
    read = read_article(ARTICLE.replace("<head>", f"<head>{head}").encode())
    assert read.title == TITLE
    assert LEAD in read.text
    assert SECOND in read.text
    (link,) = read.links
    assert bool(read.url) == bool(link.url) == bool(head)


SEED = Path(__file__).parents[2] / "../shared/data/article_zn_ru.txt"
SEED_LINKS = [
    'Ким Чен Ын обсудил дальнейшие пути "практической и всесторонней" реализации результатов'
    " визита в РФ",
    "МИД Южной Кореи вызвало российского посла из-за углубления связей РФ с КНДР",
]


def as_page(text: str) -> bytes:
    """Return the text as a page, where each "Read also" line is a link."""
    title, *lines = text.split("\n\n")[1:]
    marker = "Читайте также: "
    paragraphs = [
        f'{marker}<a href="/news/{number}">{line.removeprefix(marker).strip()}</a>'
        if line.startswith(marker)
        else line
        for number, line in enumerate(lines)
    ]
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    address = '<link rel="canonical" href="https://zn.example/world/sdelka.html">'
    head = f"<head><meta charset=utf-8>{address}</head>"
    return f"<html>{head}<body><h1>{title}</h1><article>{body}</article></body></html>".encode()


@pytest.mark.skipif(not SEED.exists(), reason="needs ../shared/data")
@pytest.mark.parametrize("is_page", [False, True])
def test_a_real_page_has_a_clean_summary_its_two_links_and_its_topics(
    explain_one: Explain, *, is_page: bool
) -> None:
    text = SEED.read_text("utf-8")
    read = read_article(as_page(text) if is_page else text.encode())
    found = explain_one(read)
    assert [link.title for link in read.links] == SEED_LINKS
    assert 2 <= found.summary.count(".") <= 3
    assert "Yonhap" not in found.summary
    assert "Они" not in found.summary
    topics = build_classifier(read_topics(RESOURCES / "topics.toml"))(found.article)
    assert {topic.topic for topic in topics.topics} == {"world", "war"}


def test_a_plain_text_names_links_without_addresses() -> None:
    read = read_article(f"{TITLE}\n\n{LEAD}\n\nRead also: The old bridge closes\n".encode())
    assert read.links == (EditorLink(title="The old bridge closes", url=""),)


def test_consent_and_pay_walls_are_left_out() -> None:
    walled = ARTICLE.replace(f"<p>{LEAD}</p>", f"<p>Accept all cookies</p><p>{LEAD}</p>")
    assert read_article(walled.encode()) == read_article(ARTICLE.encode())


def test_missing_fields_are_empty() -> None:
    bare = Submission(title="a", text="b")
    assert parse_submission({"title": "a", "text": "b"}) == bare
    nulls = {"url": None, "categories": None, "language": None, "id": 7}
    assert parse_submission({"title": "a", "text": "b", **nulls}) == bare
    assert parse_submission(
        {"title": "a", "text": "b", "url": "c", "categories": ["d"], "language": "uk"}
    ) == Submission(title="a", text="b", url="c", categories=("d",), language="uk")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ([], "an article is an object"),
        (None, "an article is an object"),
        ("title", "an article is an object"),
        ({}, '"title" must be a text'),
        ({"title": "a"}, '"text" must be a text'),
        ({"title": 1, "text": "b"}, '"title" must be a text'),
        ({"title": "a", "text": None}, '"text" must be a text'),
        ({"title": "a", "text": ["b"]}, '"text" must be a text'),
        ({"title": "a", "text": "b", "url": 1}, '"url" must be a text'),
        ({"title": "a", "text": "b", "language": ["uk"]}, '"language" must be a text'),
        ({"title": "a", "text": "b", "categories": "war"}, '"categories" must be a list'),
        ({"title": "a", "text": "b", "categories": {"war": 1}}, '"categories" must be a list'),
        ({"title": "a", "text": "b", "categories": ["war", 1]}, '"categories" must be a list'),
    ],
)
def test_a_field_of_a_wrong_type_is_named(fields: object, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_submission(fields)


def test_a_line_comes_back_with_the_results(explain_one: Explain) -> None:
    sent = {**BRIDGE, "language": "ru", "id": [1, {"a": None}]}
    written = json.loads(explain_line(json.dumps(sent).encode(), 1, explain_one))
    topics, summary = written.pop("topics"), written.pop("summary")
    assert written == {**sent, "language": "en", "kind": "news"}
    assert summary
    assert summary in BRIDGE["text"]
    assert topics[0].keys() == {"topic", "score", "evidence"}
    assert topics[0]["topic"] in ("politics", "economy")
    assert all(0 < topic["score"] <= 1 and topic["evidence"] for topic in topics)


def test_an_output_line_is_a_valid_input_line(explain_one: Explain) -> None:
    once = explain_line(json.dumps(BRIDGE).encode(), 1, explain_one)
    assert explain_line(once, 1, explain_one) == once
    assert explain_line(b"\xef\xbb\xbf" + once, 1, explain_one) == once


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"rubbish", "no JSON: Expecting value at character 1"),
        (b'{"title": "a", "text": "b"', "no JSON: Expecting ',' delimiter at character 27"),
        (b"\xff\xfe", "not UTF-8"),
        (b"\0\0", "no JSON: Expecting value at character 1"),
        (b"17", "an article is an object, {…}; for many of them there is --jsonl"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"title": "a", "text": "b", "n": NaN}', "NaN is too large, or no number"),
        (b'{"title": "a", "text": "b", "n": 1e999}', "1e999 is too large, or no number"),
        (b'{"title": "a", "text": "b", "n": ' + b"1" * 5000 + b"}", "a number of 5000 digits"),
        (b"x" * MAX_BYTES, "longer than 16 MiB"),
    ],
    ids=range(10),
)
def test_a_bad_line_becomes_its_number_and_the_error(
    explain_one: Explain, line: bytes, problem: str
) -> None:
    written = json.loads(explain_line(line, 7, explain_one))
    assert written.pop("line") == 7
    assert written.keys() == {"error"}
    assert written["error"].startswith(problem)


def test_an_article_on_which_the_pipeline_fails_is_a_bad_line() -> None:
    def fail(_: Submission) -> Explanation:
        raise ZeroDivisionError("by a publisher")

    written = explain_line(json.dumps(BRIDGE).encode(), 3, fail)
    assert json.loads(written) == {
        "line": 3,
        "error": "cannot be read: ZeroDivisionError: by a publisher",
    }


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("", ""),
        ("Bridge", ""),
        ("🎉", "🔥🔥"),
        ("\ud83d", "half a pair \udc00"),
        ("\0\x1b[2J", "\u202e"),
        ("ЇЁЎ mixed Україна Россия Bridge", "Слово word слово"),
        ("Міст " * 400_000, "a. " * 700_000),
    ],
    ids=range(7),
)
def test_any_text_has_an_output_that_is_json(explain_one: Explain, title: str, text: str) -> None:
    sent = {"title": title, "text": text}
    written = json.loads(explain_line(json.dumps(sent).encode(), 1, explain_one))
    assert written.keys() == {"title", "text", "language", "kind", "topics", "summary"}
    assert (written["title"], written["text"]) == (storable(title), storable(text))


async def test_lines_are_explained_in_order_and_the_bad_ones_numbered(
    empty_folder: Path,
) -> None:
    bridge = json.dumps(BRIDGE)
    lines = f"{bridge}\n\nrubbish\r\n{bridge}\n[]".encode()
    (empty_folder / "articles.jsonl").write_bytes(lines)
    for result in (
        await invoke("--jsonl", "articles.jsonl"),
        await invoke("--jsonl", "-", sent=lines),
        await invoke("--jsonl", sent=lines),
    ):
        assert [record.get("line", "ok") for record in records(result)] == ["ok", 3, "ok", 5]
        assert not result.stderr


async def test_a_line_that_is_too_long_is_skipped_to_its_end(empty_folder: Path) -> None:
    long = b'{"title": "' + b"x" * (2 * MAX_BYTES + 5) + b'", "text": ""}'
    (empty_folder / "long.jsonl").write_bytes(long + b"\n" + json.dumps(BRIDGE).encode())
    first, second = records(await invoke("--jsonl", "long.jsonl"))
    assert first == {"line": 1, "error": "longer than 16 MiB"}
    assert second["title"] == BRIDGE["title"]


async def test_no_input_has_no_output() -> None:
    assert records(await invoke("--jsonl", sent=b"")) == []


def test_a_closed_pipe_is_not_an_error(empty_folder: Path) -> None:
    (empty_folder / "many.jsonl").write_text((json.dumps(BRIDGE) + "\n") * 2000)
    code = "from bot.cli.explain import explain; explain()"
    command = [sys.executable, "-c", code, "--jsonl", "many.jsonl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["language"] == "en"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_after_a_closed_pipe_the_rest_of_the_output_is_dropped(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "one.jsonl").write_text(json.dumps(BRIDGE))
    unread, end = os.pipe()
    os.close(unread)
    with os.fdopen(end, "w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        explain.main(["--jsonl", "one.jsonl"], standalone_mode=False)


async def test_lines_may_come_through_a_pipe(empty_folder: Path) -> None:
    pipe = empty_folder / "pipe"
    os.mkfifo(pipe)
    sent = asyncio.to_thread(pipe.write_text, json.dumps(BRIDGE) + "\nrubbish\n")
    result, _ = await asyncio.gather(invoke("--jsonl", "pipe"), sent)
    assert [record.get("line") for record in records(result)] == [None, 2]


class Screen(io.StringIO):
    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal


@pytest.mark.parametrize(
    ("lines", "is_terminal", "shown"), [(3, True, ""), (150, False, ""), (150, True, "100%")]
)
def test_a_progress_bar_is_shown_on_a_terminal_for_many_lines(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch, lines: int, is_terminal: bool, shown: str
) -> None:
    (empty_folder / "some.jsonl").write_text("rubbish\n" * lines)
    screen, out = Screen(is_terminal=is_terminal), io.BytesIO()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out))
    explain.main(["--jsonl", "some.jsonl"], standalone_mode=False)
    assert out.getvalue().count(b"\n") == lines
    assert shown in screen.getvalue()
    assert bool(shown) == bool(screen.getvalue())


async def test_a_file_is_explained_without_a_database(empty_folder: Path) -> None:
    (empty_folder / "article.json").write_text(json.dumps({**BRIDGE, "categories": ["Politics"]}))
    result = await invoke("article.json")
    assert result.exit_code == 0
    shown = result.output.splitlines()
    assert shown[0] == "title      Parliament passes the budget"
    assert shown[1] == "language   en"
    assert shown[2].startswith("topics     politics ")
    assert "section “Politics”" in shown[2]
    assert any(line.startswith("summary    Parliament passed the budget") for line in shown)
    assert shown[-1] == "story      there is no database yet at data/readalso.db"
    assert not (empty_folder / "data").exists(), "and it makes none"


async def test_a_url_is_explained_with_its_links_and_its_place_among_the_stories(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "true")
    async with open_database(Path("data/readalso.db")) as db:
        await receive(db, TITLE, published_at=NOON)
        await ArticleProcessor(
            db=db, guard=guard_of(db), analyze=build_analyzer(TOPICS), now=FakeClock()
        ).step()
    publisher.says(ARTICLE, path="/news/1", headers={"Content-Type": "text/html"})
    result = await invoke(publisher.url("/news/1"))
    assert result.exit_code == 0
    assert f"title      {TITLE}\nlanguage   uk\ntopics     " in result.output
    assert f"own links  Старий міст зачинено на ремонт {publisher.url('/news/old')}\n" in (
        result.output
    )
    assert "\nstory      opens a new one\nlooks like –\nread also  own Старий міст" in result.output
    assert len(publisher.requests) == 1


async def test_a_url_that_brings_no_page_ends_in_one_sentence(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "true")
    result = await invoke(publisher.url("/none"))
    assert (result.exit_code, result.output) == (1, "Error: HTTP 404\n")
    publisher.says(b"%PDF-1.7\0\0", path="/report.pdf")
    result = await invoke(publisher.url("/report.pdf"))
    assert result.exit_code == 0
    assert "title      –\nlanguage   other\ntopics     none: nothing tells" in result.output


async def test_a_known_headline_joins_its_story(monkeypatch: pytest.MonkeyPatch) -> None:
    from bot import clock

    async with open_database(Path("data/readalso.db")) as db:
        await receive(db, BRIDGE["title"], published_at=clock.now())
        await ArticleProcessor(
            db=db, guard=guard_of(db), analyze=build_analyzer(TOPICS), now=clock.now
        ).step()
    result = await invoke(sent="\n".join(BRIDGE.values()).encode())
    assert "\nstory      joins 1, by its address or its headline\n" in result.output
    assert f" 1 {BRIDGE['title']} (The Harbour Courier)\n" in result.output


@pytest.mark.parametrize(
    ("source", "make", "problem"),
    [
        ("no.txt", lambda _: None, "No such file or directory; an address begins with https://"),
        ("courier.example/1", lambda _: None, "No such file or directory; an address begins"),
        ("a folder", Path.mkdir, "Is a directory; an address begins with https://"),
        ("a.json", lambda at: at.write_text("{}"), '"title" must be a text'),
        ("b.json", lambda at: at.write_text('["a"]'), "an article is an object, {…}; for many"),
        ("c.json", lambda at: at.write_text('{"title" 1}'), "no JSON: Expecting ':' delimiter"),
        ("d.json", lambda at: at.write_text('{"a":1}\n{"a":1}'), "no JSON: Extra data"),
        ("e.json", lambda at: at.write_text('{"a":' * 200_000), "nested too deeply"),
    ],
)
@pytest.mark.parametrize("line_by_line", [False, True])
async def test_what_cannot_be_read_ends_in_one_sentence(
    empty_folder: Path,
    source: str,
    make: Callable[[Path], object],
    problem: str,
    line_by_line: bool,
) -> None:
    make(empty_folder / source)
    if line_by_line and source.endswith(".json"):
        assert all("error" in record for record in records(await invoke("--jsonl", source)))
        return
    result = await invoke(*(["--jsonl"] if line_by_line else []), source)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {source}: {problem}")
    assert result.output.count("\n") == 1


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://127.0.0.1/", "its address is not a public one"),
        ("http://user:secret@courier.example/", "its address holds a user name or a password"),
        ("https://", "its address is not one of the web"),
        ("HTTPS://[", "its address is not one of the web"),
    ],
)
async def test_an_address_is_requested_under_the_same_guards_as_feeds(
    url: str, problem: str
) -> None:
    result = await invoke(url)
    assert (result.exit_code, result.output) == (1, f"Error: {problem}\n")


async def test_a_topic_file_that_is_missing_ends_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TOPICS", "mine.toml")
    result = await invoke("--jsonl")
    assert result.exit_code == 78
    assert result.output == "Error: TOPICS: mine.toml: there is no such file\n"


def test_aiogram_is_not_needed() -> None:
    code = (
        "import sys, bot.cli.explain, bot.stories.explain;"
        "print('aiogram' in sys.modules, 'bot.app.run' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout == "False False\n"


def test_a_line_is_answered_before_the_next_one_comes() -> None:
    code = "from bot.cli.explain import explain; explain()"
    command = [sys.executable, "-c", code, "--jsonl"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(2):
            process.stdin.write(json.dumps(BRIDGE).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["title"] == BRIDGE["title"]
        process.stdin.close()


@pytest.mark.parametrize("sent", [b"", b" \n\n"])
async def test_nothing_to_explain_is_said(sent: bytes) -> None:
    result = await invoke(sent=sent)
    assert (result.exit_code, result.output) == (1, "Error: -: it is empty\n")
