"""In which encoding is this document, whatever it and its server claim? Pure.

Bytes that are UTF-8 are UTF-8: declarations and headers lie more often than letters
fall into UTF-8 by chance. That is against RFC 7303, where the header wins, on purpose.
"""

import codecs
import re

# Little-endian UTF-32 before UTF-16, whose mark begins alike.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    # No mark, but "<?" with the zeros of UTF-16.
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
)
# What publishers write in; never the codecs of Python that are no character sets.
_TRUSTED = frozenset(
    ["utf-8", "koi8-r", "koi8-u", "gb18030", "gbk", "gb2312", "big5", "cp932", "shift_jis"]
    + ["euc_jp", "euc_kr", "cp949", "cp866", "mac-cyrillic", "ascii"]
    + [f"cp{number}" for number in range(1250, 1259)]
    + [f"iso8859-{number}" for number in range(1, 17)]
)
# Each is contained in the other but for control characters, or is often written for it.
_WIDER = {
    "koi8-r": "koi8-u",
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
# A larger share of unreadable letters is no slip: the document is in another encoding.
_SLIPS = 0.05
_SLIPS_IF_CLAIMED = 0.5

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE | re.ASCII)
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
# What XML 1.0 forbids, and the C1 controls, which nobody means.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")


def decode(document: bytes, *, content_type: str | None) -> str:
    """Return the document's text, without its XML declaration and control characters.

    Bytes that cannot be read in the encoding found become U+FFFD.
    """
    text = _text(document, content_type or "")
    declaration = _DECLARATION.match(text)
    return _CONTROLS.sub("", text[declaration.end() :] if declaration else text)


def _text(document: bytes, content_type: str) -> str:
    for mark, encoding in _MARKS:
        if document.startswith(mark):
            return document.decode(encoding, "replace").removeprefix("\ufeff")
    claims = _claims(document, content_type)
    text = document.decode("utf-8", "replace")
    if _slips(document, text) <= (_SLIPS_IF_CLAIMED if "utf-8" in claims else _SLIPS):
        return text
    others = (claim for claim in claims if claim != "utf-8")
    return document.decode(next(others, "") or _guess(document), "replace")


def _slips(document: bytes, text: str) -> float:
    """Return the share of what is not ASCII that cannot be read, from 0 to 1."""
    # U+FFFD may stand in the document itself, as proper UTF-8.
    bad = text.count("\ufffd") - document.count(b"\xef\xbf\xbd")
    return bad / (len(text) - len(text.encode("ascii", "ignore"))) if bad > 0 else 0.0


def _claims(document: bytes, content_type: str) -> list[str]:
    """Return the codecs that the declaration, then the header, name and that we trust."""
    declared = _DECLARED.search(document)
    charset = _CHARSET.search(content_type)
    names = [declared[1].decode()] if declared else []
    names += [charset[1]] if charset else []
    codec_names = [_codec(name) for name in names]
    return [_WIDER.get(name, name) for name in codec_names if name in _TRUSTED]


def _codec(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return ""


def _guess(document: bytes) -> str:
    """Guess from the letters alone, for documents that claim nothing we can believe.

    Cyrillic words are runs of high bytes, and mostly in small letters: those of KOI8 are
    the capitals of windows-1251, and the other way about. Lone high bytes are accents.
    """
    high = len(re.findall(rb"[\x80-\xff]", document))
    in_runs = sum(len(run) for run in re.findall(rb"[\x80-\xff]{3,}", document))
    if in_runs * 2 < high:
        return "cp1252"
    koi8_small = len(re.findall(rb"[\xc0-\xdf]", document))
    windows_small = len(re.findall(rb"[\xe0-\xff]", document))
    return "koi8-u" if koi8_small > windows_small else "cp1251"
