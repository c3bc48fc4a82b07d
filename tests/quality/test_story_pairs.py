import json
import lzma
from collections.abc import Mapping
from pathlib import Path

import pytest

from quality import data
from quality import story_pairs as story_pairs_module
from quality.story_pairs import (
    close_headlines,
    headline_pairs,
    judged_posts,
    own_pairs,
    story_pairs,
)

Rows = list[Mapping[str, object]]


def write(folder: Path, name: str, rows: Rows) -> None:
    with lzma.open(folder / f"{name}.jsonl.xz", "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)


def headlines(label: int, split: str = "test") -> Mapping[str, object]:
    return {"split": split, "label": label, "title1": "Мост открыт", "title2": "Открыли мост"}


def articles(one: str, other: str, label: str = "OK") -> Mapping[str, object]:
    return {"lang": "ru", "label": label, "url1": one, "url2": other}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(data, "DATA", tmp_path)
    return tmp_path


def test_headlines_are_the_same_or_different_and_those_between_are_apart(folder: Path) -> None:
    write(folder, "headline_pairs", [headlines(1), headlines(0), headlines(-1)])
    assert [pair.same for pair in headline_pairs("test")] == [True, False]
    (close,) = close_headlines("test")
    assert (close.label, close.same) == ("close", False)


def test_headlines_of_another_split_are_left_out(folder: Path) -> None:
    write(folder, "headline_pairs", [headlines(1, "train"), headlines(0, "train")])
    assert headline_pairs("test") == close_headlines("test") == []


def test_pairs_that_share_an_article_by_others_are_in_one_group(folder: Path) -> None:
    rows = [articles("//a/1", "//b/1"), articles("//c/1", "//d/1"), articles("//e/1", "//f/1")]
    write(folder, "same_story_pairs", [*rows, articles("//d/1", "//a/1", "BAD")])
    first, second, alone, last = (pair.group for pair in story_pairs())
    assert first == second == last != alone


def test_two_articles_of_one_host_are_of_one_source(folder: Path) -> None:
    rows = [articles("//a/1", "//a/2"), articles("//a/1", "//b/1"), articles("", "")]
    write(folder, "same_story_pairs", rows)
    assert [pair.one_source for pair in story_pairs()] == [True, False, False]


def test_posts_are_found_by_their_numbers_and_begin_with_their_headline(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "judged.txt").write_text("# why\nuk 0 1 same\nru 0 1 follow-up\n", "utf-8")
    monkeypatch.setattr(story_pairs_module, "JUDGED", folder / "judged.txt")
    write(folder, "stream_telegram_uk", [{"text": " ".join("абвгґдеєжзиі")}, {"text": "Тиша"}])
    write(folder, "stream_telegram_ru", [{"text": "Мост\nОткрыт"}, {"text": "Снова закрыт"}])
    (pair,) = judged_posts("uk")
    assert (pair.one, pair.other) == (("uk", "а б в г ґ д е є ж з", "и і"), ("uk", "Тиша", ""))
    assert pair.same
    (pair,) = judged_posts("ru")
    assert pair.one == ("ru", "Мост", "Открыт")
    assert (pair.same, pair.label) == (False, "follow-up")


def test_there_are_sixty_pairs_of_our_own_in_every_relation() -> None:
    pairs = own_pairs()
    assert len(pairs) == 60
    assert {pair.label for pair in pairs} == {"same", "follow-up", "different"}
    assert all(pair.one[0] != pair.other[0] for pair in pairs)
