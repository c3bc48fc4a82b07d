import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.normalization import MAX_MARKS, normalize

FORMS: tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...] = ("NFC", "NFD", "NFKC", "NFKD")


@given(st.text(), st.sampled_from(FORMS))
def test_text_is_normalized_as_unicode_defines(
    text: str, form: Literal["NFC", "NFD", "NFKC", "NFKD"]
) -> None:
    assert normalize(form, text) == unicodedata.normalize(form, text)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("before", ["a", "", "й", "한", "👩‍👩‍👧", "—" * 40])
def test_a_run_of_combining_marks_is_cut(
    form: Literal["NFC", "NFD", "NFKC", "NFKD"], before: str
) -> None:
    kept, cut = (before + "\u0316\u0301" * count + "b" for count in (MAX_MARKS // 2, 10_000))
    assert normalize(form, cut) == unicodedata.normalize(form, kept)


def test_what_is_no_mark_is_never_cut() -> None:
    text = "—" * 100 + "👍🏽" * 50 + "…" * 100
    assert normalize("NFC", text) == text
