"""Version of the stems: what is stored by stems of another version is computed anew."""

from functools import cache
from zlib import crc32

from bot.text.forms import PATHS

# Raise this when a change of the code changes stems, phrases or search terms.
_CODE_VERSION = 4


@cache
def stem_version() -> int:
    """Return the version: of the code, and a checksum of the tables of forms."""
    checksum = _CODE_VERSION
    for path in PATHS.values():
        checksum = crc32(path.read_bytes(), checksum)
    return checksum
