"""Recorded feeds, and later versions of them."""

import re
import tarfile
from datetime import UTC, datetime

from quality import data

RECORDED_AT = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)

_ITEM = re.compile(rb"<(item|entry)[\s>].*?</\1>\s*", re.DOTALL)
_FEEDS_DATE = re.compile(rb"(?<=<lastBuildDate>)[^<]*|(?<=<updated>)[^<]*|(?<=<pubDate>)[^<]*")
_LATER = {True: b"2026-11-23T23:59:58Z", False: b"Mon, 23 Nov 2026 23:59:58 GMT"}


def read_recording() -> tuple[bytes, ...]:
    """Return the documents in the order of the archive."""
    with tarfile.open(data.file("feeds_real.tar.xz")) as archive:
        files = [archive.extractfile(member) for member in archive if member.isfile()]
        return tuple(file.read() for file in files if file)


def without_newest(document: bytes) -> bytes | None:
    """Return the document as it was before its first item; None: it has only that one."""
    if len(_ITEM.findall(document)) < 2:
        return None
    return _ITEM.sub(b"", document, count=1)


def built_later(document: bytes) -> bytes | None:
    """Return the document as if made anew with the same items; None: it says no date of its own."""
    item = _ITEM.search(document)
    date = _FEEDS_DATE.search(document, 0, item.start() if item else len(document))
    if date is None:
        return None
    iso = b"-" in date[0][:5]
    return document[: date.start()] + _LATER[iso] + document[date.end() :]
