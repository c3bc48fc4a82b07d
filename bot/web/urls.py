"""Do two addresses name the same page, and what of an address is mere tracking? Pure."""

import re
import unicodedata
from urllib.parse import urlsplit

_TRACKING_PREFIXES = ("utm_", "mtm_", "mc_", "pk_", "piwik_", "hsa_", "oly_", "vero_", "_hs")
_TRACKING = frozenset({
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "yclid", "ysclid", "msclkid",
    "twclid", "ttclid", "igsh", "igshid", "_openstat", "mkt_tok", "wickedid", "srsltid",
    "ga_source", "ga_medium", "ga_campaign", "at_medium", "at_campaign", "at_link_type",
    "cmp", "cmpid", "xtor", "ns_mchannel", "ns_source", "ns_campaign",
})  # fmt: skip
MAX_LENGTH = 2048
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_DEFAULT_PORT = re.compile(r":(?:80|443)?$")
_LONE_PERCENT = re.compile(r"%(?![0-9a-f]{2})", re.IGNORECASE)
_ESCAPES = re.compile(r"(?:%[0-9a-f]{2})+", re.IGNORECASE)
# Letters that mean the same escaped or not. Source: RFC 3986, section 6.2.2.2.
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]|[^\x00-\x7f\ud800-\udfff]")


def canonical(url: str) -> str:
    """Return a key that is the same for all the usual spellings of a web address.

    It has no scheme, `www.`, default port, fragment, tracking parameters or closing slash,
    its parameters are sorted, and nothing is escaped that need not be. It is for comparing,
    not for opening, and its own key. What is no address is a key too.
    """
    spelled = _spelled(url)
    try:
        parts = urlsplit("//" + _SCHEME.sub("", cleaned(spelled), count=1))
    except ValueError:  # "[" and no "]"
        return spelled
    host = _host(parts.netloc)
    path = parts.path.rstrip("/")
    query = "&".join(sorted(filter(None, parts.query.split("&"))))
    # On the front page, and after "#!", the fragment is the page.
    names_page = not path or parts.fragment.startswith("!")
    fragment = parts.fragment if names_page else ""
    return host + path + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


def is_web_address(url: str) -> bool:
    """Return whether it is an address that a feed may have: of the web, and of no absurd length."""
    try:
        parts = urlsplit(url)
    except ValueError:  # "[" and no "]", say
        return False
    fits = len(url) <= MAX_LENGTH and not any(map(str.isspace, url))
    return fits and parts.scheme in ("http", "https") and bool(parts.hostname)


def cleaned(url: str) -> str:
    """Return the address without its tracking parameters, and else as its publisher wrote it."""
    before, mark, fragment = url.partition("#")
    address, question, query = before.partition("?")
    kept = "&".join(pair for pair in query.split("&") if not _tracks(pair, address))
    if not question or kept == query:
        return url
    return address + (f"?{kept}" if kept else "") + mark + fragment


def _tracks(pair: str, address: str) -> bool:
    name, _, value = pair.partition("=")
    name = name.lower()
    if name == "ref":
        # A site that names itself counts its visitors; another value may choose the page.
        return value.lower() in (_authority(address), _host(_authority(address)))
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def _authority(address: str) -> str:
    return _SCHEME.sub("", address, count=1).partition("/")[0].lower()


def _host(authority: str) -> str:
    host = _DEFAULT_PORT.sub("", authority.rpartition("@")[2].lower()).rstrip(".")
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    return ".".join(map(_label, host.split("."))) if "xn--" in host else host


def _label(label: str) -> str:
    try:
        return label.encode("ascii").decode("idna") if label.startswith("xn--") else label
    except UnicodeError:  # a label of that beginning, and no more
        return label


def _spelled(url: str) -> str:
    """Return the address with its letters as letters: "%D1%8F" is "я", "%7e" is "~"."""
    escaped = _LONE_PERCENT.sub("%25", url)
    return unicodedata.normalize("NFC", _ESCAPES.sub(_unescaped, escaped))


def _unescaped(match: re.Match[str]) -> str:
    text = bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "surrogateescape")
    return "".join(letter if _UNRESERVED.fullmatch(letter) else _escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "surrogateescape"))
