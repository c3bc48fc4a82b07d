import lzma
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.forms import PATHS, FormTable, encode_rule, english_forms, form_stem, read_table

LETTERS = st.text("абвгґдеєжзиіїйклмнопрстуфхцчшщьюяыэъ'", min_size=1, max_size=12)


def table_of(tmp_path: Path, stems: dict[str, str]) -> FormTable:
    path = tmp_path / "forms.txt.xz"
    lines = [f"{form} {encode_rule(form, stem)}".encode("cp1251") for form, stem in stems.items()]
    path.write_bytes(lzma.compress(b"\n".join(sorted(lines)).decode("cp1251").encode()))
    return read_table(path)


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


def test_the_tables_fit_into_the_wheel_and_memory() -> None:
    files = [path.stat().st_size for path in PATHS.values()]
    tables = [read_table(path) for path in PATHS.values()]
    assert sum(files) < 2e6
    assert sum(len(block) + 33 for table in tables for block in table.blocks) < 7e6


def test_a_form_of_another_language_has_no_stem() -> None:
    assert form_stem("ринку") is not None
    assert form_stem("election") is None


def test_irregular_english_words_are_listed_once() -> None:
    forms = english_forms()
    assert forms["men"] == "man"
    assert forms["went"] == "go"
    assert not set(forms) & set(forms.values())
