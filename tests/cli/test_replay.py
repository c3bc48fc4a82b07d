import asyncio
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import replay as cli
from bot.cli.json_lines import MAX_BYTES
from bot.cli.replay import parse_row, replay
from bot.model import StoryId
from bot.stories import article_processor
from bot.stories.matching.clustering import Decision

pytestmark = pytest.mark.usefixtures("empty_folder")

FIRE = {
    "id": "a1",
    "lang": "uk",
    "source": "t.me/mayak",
    "title": "Пожежа на складі у Харкові: двоє загиблих",
    "text": "Унаслідок пожежі на складі у Харкові загинули двоє людей.",
    "url": "https://t.me/mayak/1",
    "at": "2026-07-08T00:35:37Z",
    "at_kind": "published",
}
FIELDS = {"id", "story", "relation", "continues", "told", "headline", "topics", "kind"}


async def invoke(*arguments: str, sent: bytes = b"") -> Result:
    """Run the command in a thread: it runs a loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, replay, arguments, input=sent)


def lines(*rows: object) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


async def replayed(*rows: object) -> list[dict[str, object]]:
    result = await invoke("--no-vectors", sent=lines(*rows))
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


async def test_each_row_is_answered_with_its_story_and_who_is_told(empty_folder: Path) -> None:
    later = FIRE | {"id": 7, "source": "Вісті", "url": "", "at": "2026-07-08T01:00:00+00:00"}
    first, second = await replayed(FIRE, later)
    assert first.keys() == second.keys() == FIELDS
    assert (first["id"], first["relation"], first["told"]) == ("a1", "new", ["uk"])
    assert first["headline"] == {"uk": FIRE["title"]}
    assert first["kind"] == "news"
    assert all(0 < score <= 1 for _, score in first["topics"])  # type: ignore[attr-defined]
    assert (second["id"], second["story"], second["relation"]) == ("7", first["story"], "same")
    assert (second["told"], second["headline"], second["continues"]) == ([], {}, None)
    assert list(empty_folder.iterdir()) == [], "nothing is kept"


async def test_rows_are_replayed_in_the_order_of_their_times_from_a_file(
    empty_folder: Path,
) -> None:
    late = FIRE | {"id": "late", "at": "2026-07-09T00:00:00Z"}
    early = FIRE | {"id": "early", "at": "2026-07-07T00:00:00", "at_kind": "date_only"}
    (empty_folder / "day.jsonl").write_bytes(lines(late, FIRE, early))
    result = await invoke("--no-vectors", "day.jsonl")
    ids = [json.loads(line)["id"] for line in result.stdout.splitlines()]
    assert ids == ["early", "a1", "late"]


async def test_the_hour_of_a_row_that_is_known_by_its_day_counts_for_nothing() -> None:
    title = {"title": "Повітряна тривога в області", "text": "Дрони летять з півдня на місто."}
    later = {"id": "b", "text": "Ракети над портом, усім негайно до укриття."}
    rows = [FIRE | title | {"at": "2026-07-08T06:00:00Z"}]
    rows.append(rows[0] | later | {"at": "2026-07-08T12:00:00Z"})
    assert [row["relation"] for row in await replayed(*rows)] == ["new", "chapter"]
    rows[1]["at_kind"] = "date_only"
    assert [row["relation"] for row in await replayed(*rows)] == ["new", "same"]


async def test_no_news_has_no_story_and_a_kind(empty_folder: Path) -> None:
    del empty_folder
    (row,) = await replayed(FIRE | {"title": "Гороскоп на завтра"})
    assert (row["story"], row["relation"], row["told"]) == (None, None, [])
    assert (row["kind"], row["topics"]) == ("service", [])


async def test_a_bad_row_is_named_and_the_others_go_on(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del empty_folder
    monkeypatch.setattr(cli, "MAX_ROWS", 2)
    again, third = FIRE | {"title": "Again"}, FIRE | {"id": "c"}
    rows = await replayed(17, FIRE, again, {}, FIRE | {"id": "b"}, third)
    assert [row for row in rows if "error" in row] == [
        {"line": 1, "error": "an article is an object, {…}"},
        {"line": 3, "error": '"id" is that of line 2 already'},
        {"line": 4, "error": '"lang" must be one of uk, ru, en'},
        {"line": 6, "error": "more than 2 articles"},
    ]
    assert [row["id"] for row in rows if "id" in row] == ["a1", "b"]


async def test_a_row_that_cannot_be_analysed_is_named(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del empty_folder

    def fail(_: object) -> object:
        def analyze(_: object) -> object:
            raise ValueError("no such word")

        return analyze

    monkeypatch.setattr("bot.app.replay.build_analyzer", fail)
    (row,) = await replayed(FIRE)
    assert row == {"id": "a1", "line": 1, "error": "it cannot be analysed"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"lang": "de"}, '"lang" must be one of uk, ru, en'),
        ({"lang": ["uk"]}, '"lang" must be one of uk, ru, en'),
        ({"id": None}, '"id" must be a text or a whole number'),
        ({"id": True}, '"id" must be a text or a whole number'),
        ({"id": ""}, '"id" must be a text or a whole number'),
        ({"id": "x" * 201}, '"id" is longer than 200 characters'),
        ({"title": 1}, '"title" must be a text'),
        ({"url": {}}, '"url" must be a text'),
        ({"at": "yesterday"}, '"at" must be a time such as 2026-07-08T00:35:37Z'),
        ({"at": 5}, '"at" must be a time such as'),
        ({"at": None}, '"at" must be a time such as'),
        ({"at": "9999-12-31T23:59:59Z"}, '"at" must be of the years 1990 to 2100'),
        ({"at": "0001-01-01T00:00:00+14:00"}, '"at" must be of the years 1990 to 2100'),
        ({"at_kind": "guessed"}, '"at_kind" must be one of published, first_seen, date_only'),
        ({"at_kind": []}, '"at_kind" must be one of published, first_seen, date_only'),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=f"^{problem}"):
        parse_row(json.dumps(FIRE | change).encode())


@pytest.mark.parametrize(
    ("line", "error"),
    [(b"x" * MAX_BYTES, ValueError), (b"\xff", ValueError), (b"[" * 200_000, RecursionError)],
)
def test_what_is_no_row_is_refused(line: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse_row(line)


def test_texts_are_cleaned_and_cut() -> None:
    row = parse_row(json.dumps(FIRE | {"title": "a\0\u202eb" * 9000, "text": None}).encode())
    assert row.title.startswith("abab")
    assert len(row.title) < 9000
    assert row.text == ""


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
async def test_a_file_that_cannot_be_read_is_named(empty_folder: Path, name: str) -> None:
    del empty_folder
    result = await invoke(name)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {name}: ")


async def test_rows_may_come_through_a_pipe(empty_folder: Path) -> None:
    pipe = empty_folder / "pipe"
    os.mkfifo(pipe)
    sent = asyncio.to_thread(pipe.write_bytes, lines(FIRE) + b"\n")
    result, _ = await asyncio.gather(invoke("--no-vectors", "pipe"), sent)
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["a1"]


async def test_stories_that_turn_out_to_be_one_come_last(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del empty_folder
    decisions = [
        Decision(relation="new"),
        Decision(relation="new"),
        Decision(relation="chapter", story_id=StoryId(2)),
        Decision(relation="same", story_id=StoryId(1), bridge=StoryId(2)),
    ]
    monkeypatch.setattr(article_processor, "decide", lambda *_, **__: decisions.pop(0))
    titles = ("Пожежа у Києві", "Вогонь на складі", "Винних затримано", "Пожежа на складі")
    *rows, last = await replayed(
        *(
            FIRE | {"id": number, "title": f"{title} сьогодні вранці", "url": "", "text": ""}
            for number, title in enumerate(titles)
        )
    )
    assert [(row["story"], row["relation"], row["continues"]) for row in rows] == [
        (1, "new", None),
        (2, "new", None),
        (3, "chapter", 2),
        (1, "same", None),
    ]
    assert last == {"same_as": [2, 1]}
