import lzma
import random
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.forms import PATHS, FormTable, encode_rule, form_stem, read_table
from bot.text.readings import READINGS
from bot.text.stemming import stem, unlisted_stem

LETTERS = st.text("абвгґдеєжзиіїйклмнопрстуфхцчшщьюяыэъ'", min_size=1, max_size=12)


def table_of(tmp_path: Path, stems: dict[str, str]) -> FormTable:
    path = tmp_path / "forms.txt.xz"
    lines = [f"{form} {encode_rule(form, stem)}".encode("cp1251") for form, stem in stems.items()]
    path.write_bytes(lzma.compress(b"\n".join(sorted(lines)).decode("cp1251").encode()))
    return read_table([path])


@given(stems=st.dictionaries(LETTERS, LETTERS, max_size=300), others=st.lists(LETTERS))
def test_a_table_returns_the_stem_of_each_form_that_was_written_and_of_no_other(
    tmp_path_factory: pytest.TempPathFactory, stems: dict[str, str], others: list[str]
) -> None:
    table = table_of(tmp_path_factory.mktemp("forms"), stems)
    assert {form: table.get(form) for form in (*stems, *others)} == {
        form: stems.get(form) for form in (*stems, *others)
    }


def test_a_form_of_letters_outside_both_alphabets_is_not_listed(tmp_path: Path) -> None:
    table = table_of(tmp_path, {"льду": "лед"})
    assert [table.get(form) for form in ("льдუ", "льд", "\ud800", "", "?")] == [None] * 5


def listed() -> dict[str, list[bytes]]:
    return {
        language: lzma.decompress(path.read_bytes()).decode().encode("cp1251").splitlines()
        for language, path in PATHS.items()
    }


def test_the_tables_fit_into_the_wheel_and_memory() -> None:
    files = [path.stat().st_size for path in (*PATHS.values(), READINGS)]
    table = read_table(PATHS.values())
    assert sum(files) < 2e6
    assert sum(map(sys.getsizeof, (*table.blocks, *table.first_forms))) < 8e6


def test_the_tables_are_sorted_and_list_each_form_once() -> None:
    tables = listed()
    forms = [line.split(b" ")[0] for lines in tables.values() for line in lines]
    assert len(set(forms)) == len(forms)
    assert all(lines == sorted(lines) for lines in tables.values())


def test_what_is_listed_is_what_the_rules_stem_otherwise() -> None:
    forms = [line.decode("cp1251").split(" ")[0] for lines in listed().values() for line in lines]
    drawn = random.Random(1).sample(forms, 2000)
    assert [form for form in drawn if form_stem(form) == unlisted_stem(form, stem)] == []
    assert [form for form in drawn if not (form_stem(form) or "").isalnum()] == []


@pytest.mark.parametrize(("form", "word"), [("men", "man"), ("went", "go"), ("ринку", "ринок")])
def test_an_irregular_form_has_the_stem_of_its_word(form: str, word: str) -> None:
    assert form_stem(form) is not None
    assert stem(form) == stem(word)


def test_a_form_of_no_table_has_no_stem() -> None:
    assert form_stem("абырвалгами") is None
    assert form_stem("xyzzyings") is None
