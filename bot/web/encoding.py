"""Charset detection: byte order mark, UTF-8, declared charset, letter frequencies.

Bytes that are valid UTF-8 are read as UTF-8, whatever the header says: wrong declarations are
more frequent than accidental UTF-8. This deviates from RFC 7303, where the header wins.
"""

import codecs
import re
from collections.abc import Iterable
from contextlib import suppress

from bot.web.mojibake import likely_charset, undo_double_encoding

# Byte order marks; little-endian UTF-32 before UTF-16, whose mark begins alike.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    # Without a mark: "<" with the zero of UTF-16.
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
# Character sets that publishers use; Python has codecs that are none, such as zip.
_CHARACTER_SETS = frozenset(
    ["utf-8", "koi8-r", "koi8-u", "gb18030", "gbk", "gb2312", "big5", "cp932", "shift_jis"]
    + ["euc_jp", "euc_kr", "cp949", "cp866", "mac-cyrillic", "ascii"]
    + [f"cp{number}" for number in range(1250, 1259)]
    + [f"iso8859-{number}" for number in range(1, 17)]
)
# Supersets that are often meant: each contains the other but for control characters.
_SUPERSETS = {
    "koi8-r": "koi8-u",
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
# A larger share of undecodable characters: the document is not UTF-8. Of one in another charset
# nearly all are, and in a short one a single bad byte is much.
_MAX_ERRORS = 0.25
_MAX_ERRORS_IF_DECLARED = 0.5

_XML_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})""")
_CHARSET = re.compile(rb"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
# The characters that XML 1.0 forbids.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_C1_CONTROLS = re.compile("[\x80-\x9f]")


def decode(document: bytes, *, content_type: str | None) -> str:
    """Return the document's text, without its XML declaration and control characters.

    Bytes that are invalid in the detected encoding become U+FFFD.
    """
    header = (content_type or "").encode("ascii", "ignore")
    found = (_XML_ENCODING.search(document), _CHARSET.search(header))
    text = decode_bytes(document, declared=[match[1].decode() for match in found if match])
    declaration = _XML_DECLARATION.match(text)
    return _CONTROLS.sub("", mend_controls(text[declaration.end() :] if declaration else text))


def mend_controls(text: str) -> str:
    """Return the text with the letters of windows-1252 that stand there as C1 controls.

    As browsers read them: "9\x9611" is "9–11". The five that have no letter are dropped.
    """
    return _C1_CONTROLS.sub(lambda mark: mark[0].encode("latin-1").decode("cp1252", "ignore"), text)


def decode_bytes(document: bytes, *, declared: Iterable[str]) -> str:
    """Return the text by its byte order mark, as UTF-8 if valid, else as declared or guessed.

    Of the declared charsets the first that is known counts, unless the letters speak against it.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if document.startswith(mark):
            return document.decode(encoding, "replace").removeprefix("\ufeff")
    known = []
    for name in declared:
        with suppress(LookupError):
            codec = codecs.lookup(name).name
            known += [_SUPERSETS.get(codec, codec)] if codec in _CHARACTER_SETS else []
    text = document.decode("utf-8", "replace")
    # U+FFFD may occur in the document itself, as valid UTF-8.
    n_errors = text.count("\ufffd") - document.count(b"\xef\xbf\xbd")
    max_share = _MAX_ERRORS_IF_DECLARED if "utf-8" in known else _MAX_ERRORS
    if n_errors <= 0 or n_errors / (len(text) - len(text.encode("ascii", "ignore"))) <= max_share:
        return undo_double_encoding(text)
    others = (name for name in known if name != "utf-8")
    return document.decode(likely_charset(document, next(others, "")), "replace")
