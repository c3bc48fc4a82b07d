import json
import lzma
from pathlib import Path

import pytest

from quality import data

pytest.importorskip("sumy", reason="is of the group quality")

from quality.summaries import FEWEST_CHARS, METHODS, Told, _held_out

LONG = "The bridge over the river was opened today. Hundreds came. " * 9
LINKS = [f"https://courier.example/{number}" for number in range(40)]
HELD = [link for link in LINKS if data.is_held_out(link)]
TUNED = [link for link in LINKS if not data.is_held_out(link)]
TOLD = Told(language="en", link="", title="Bridge opens", text=LONG, reference="")


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(data, "DATA", tmp_path)
    return tmp_path / "articles.jsonl.xz"


def write(path: Path, *found: tuple[str, str, str]) -> None:
    with lzma.open(path, "wt", encoding="utf-8") as lines:
        for link, lang, text in found:
            lines.write(json.dumps({"url": link, "lang": lang, "text": text}) + "\n")


def test_only_long_articles_of_the_language_and_the_half_are_shown(rows: Path) -> None:
    short = LONG[: FEWEST_CHARS - 1]
    write(
        rows,
        (HELD[0], "en", LONG),
        (HELD[1], "uk", LONG),
        (HELD[2], "en", short),
        (TUNED[0], "en", f"{LONG} It is blue."),
    )
    assert [told.link for told in _held_out("articles", "en")] == [HELD[0]]


def test_an_article_that_was_tuned_on_under_another_address_is_left_out(rows: Path) -> None:
    write(rows, (HELD[0], "en", LONG), (TUNED[0], "en", LONG))
    assert _held_out("articles", "en") == []


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_held_to_the_same_length(method: str) -> None:
    made = METHODS[method](TOLD)
    assert 0 < len(made) <= 500
