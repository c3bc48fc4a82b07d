"""URLs: a comparison key (canonical form), removal of tracking parameters, validation."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from bot.text.normalization import normalize

MAX_LENGTH = 2048

_TRACKING_PREFIXES = ("utm_", "mtm_", "mc_", "pk_", "piwik_", "hsa_", "oly_", "vero_", "_hs")
_TRACKING = frozenset({
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "yclid", "ysclid", "msclkid",
    "twclid", "ttclid", "igsh", "igshid", "_openstat", "mkt_tok", "wickedid", "srsltid",
    "ga_source", "ga_medium", "ga_campaign", "at_medium", "at_campaign", "at_link_type",
    "cmp", "cmpid", "xtor", "ns_mchannel", "ns_source", "ns_campaign", "ocid", "smid", "smtyp",
    "partner", "emc", "ito", "traffic_source", "phpsessid", "jsessionid", "sessionid", "_ga", "_gl",
})  # fmt: skip
# These may mean something else too, unless their value names a feed or a network.
_MAY_BE_TRACKING = frozenset({
    "from", "source", "src", "ref", "referrer", "referer", "via", "origin", "medium", "campaign",
    "channel", "cid", "rss", "share",
})  # fmt: skip
_ORIGIN = re.compile(
    r"(?:[a-z]{1,12}[-_.])?(?:rss|feeds?|atom|feedburner|feedly|inoreader|newsletter|google[-_]?news"
    r"|yandex[-_]?news|telegram|facebook|twitter|social)(?:[-_.\d]\w{0,20})?",
    re.IGNORECASE | re.ASCII,
)
_IS_SET = frozenset({"", "1", "true", "yes"})
_AMP_QUERY = frozenset({"amp", "amp=1", "amp=true", "outputtype=amp"})
_AMP_FILE = re.compile(r"(?:\.amp)+(\.html?)$", re.IGNORECASE)
_AMP_END = re.compile(r"(?:/+amp|\.amp)*/*$", re.IGNORECASE)
_AMP_START = re.compile(r"^(?:/+amp)+(?=/)", re.IGNORECASE)
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
# Not the last one before a name without a dot: "www.com".
_WWW = re.compile(r"(?:(?:www|amp)\.)+(?=[^.]*\.)")
# Source: RFC 1035, section 2.3.4.
_MAX_LABEL_LENGTH = 63
# A backslash is a slash to browsers.
_BEFORE_AUTHORITY = re.compile(r"^(?:https?:)?[/\\]*", re.IGNORECASE)
_AFTER_AUTHORITY = re.compile("[/?#]")
_DEFAULT_PORT = re.compile(r":(?:80|443)?$")
_LONE_PERCENT = re.compile(r"%(?![0-9a-f]{2})", re.IGNORECASE)
_ESCAPES = re.compile(r"(?:%[0-9a-f]{2})+", re.IGNORECASE)
# Characters that mean the same escaped or not. Source: RFC 3986, section 6.2.2.2.
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]|[^\x00-\x7f\ud800-\udfff]")


def canonical(url: str) -> str:
    """Return a key that is equal for the usual spellings of a web address, and is its own key.

    It lacks scheme, `www.`, default port, fragment, tracking parameters, trailing slash and what
    asks for the AMP edition of a page; its parameters are sorted and needless escapes removed. It
    cannot be opened. An invalid address has a key too.
    """
    unescaped = normalize("NFC", _ESCAPES.sub(_unescape, _LONE_PERCENT.sub("%25", url)))
    try:
        parts = urlsplit("//" + _SCHEME.sub("", without_tracking(unescaped), count=1))
    except ValueError:  # "[" without "]"
        return unescaped
    host = _host(parts.netloc)
    path = _AMP_START.sub("", _AMP_END.sub("", _AMP_FILE.sub(r"\1", parts.path)))
    pairs = (pair for pair in parts.query.split("&") if pair.lower() not in _AMP_QUERY)
    query = "&".join(sorted(filter(None, pairs)))
    # On the front page, and after "#!", the fragment selects the page.
    selects_page = not path or parts.fragment.startswith("!")
    fragment = parts.fragment if selects_page else ""
    return host + path + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


def is_web_address(url: str) -> bool:
    """Tell whether a feed may have the address: http(s), a host, no password, `MAX_LENGTH`."""
    if len(url) > MAX_LENGTH or any(map(str.isspace, url)):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:  # "[" without "]", for example
        return False
    is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    return is_web and not has_credentials(url)


def has_credentials(url: str) -> bool:
    """Tell whether the address holds a user name or a password, or what may be read as such.

    The one rule for addresses of feeds, pages and pictures: they are shown and logged.
    """
    rest = _BEFORE_AUTHORITY.sub("", url.strip(), count=1)
    authority = _AFTER_AUTHORITY.split(rest, maxsplit=1)[0]
    return "@" in authority


def without_tracking(url: str) -> str:
    """Return the address without its marks of origin, otherwise unchanged."""
    before, mark, fragment = url.partition("#")
    address, question, query = before.partition("?")
    # A site that names itself counts its visitors; another value may select the page.
    authority = _SCHEME.sub("", address, count=1).partition("/")[0].lower()
    own_names = {authority, _host(authority)}
    if fragment and all(_is_tracking(pair, own_names) for pair in fragment.split("&")):
        mark = fragment = ""
    kept = "&".join(pair for pair in query.split("&") if not _is_tracking(pair, own_names))
    question = question if kept or not query else ""
    return address + question + kept + mark + fragment


def _is_tracking(pair: str, own_names: Collection[str]) -> bool:
    name, _, value = pair.partition("=")
    name = name.lower()
    if name in _TRACKING or name.startswith(_TRACKING_PREFIXES):
        return True
    if name == "rss" and value.lower() in _IS_SET:
        return True
    is_own = name == "ref" and value.lower() in own_names
    return is_own or (name in _MAY_BE_TRACKING and _ORIGIN.fullmatch(value) is not None)


def _host(authority: str) -> str:
    host = _DEFAULT_PORT.sub("", authority.rpartition("@")[2].lower()).rstrip(".")
    if prefix := _WWW.match(host):
        host = host[prefix.end() :]
    return ".".join(map(_decode_label, host.split("."))) if "xn--" in host else host


def _decode_label(label: str) -> str:
    try:
        is_encoded = label.startswith("xn--") and len(label) <= _MAX_LABEL_LENGTH
        return label.encode("ascii").decode("idna") if is_encoded else label
    except UnicodeError:  # "xn--" without valid Punycode
        return label


def _unescape(match: re.Match[str]) -> str:
    """Decode percent escapes: "%D1%8F" to "я", "%7e" to "~"; reserved characters stay escaped."""
    text = bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "surrogateescape")
    return "".join(
        character
        if _UNRESERVED.fullmatch(character)
        else "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogateescape"))
        for character in text
    )
