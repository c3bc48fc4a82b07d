"""Do two addresses name the same page, and what of an address is mere tracking? Pure."""

import re
from urllib.parse import urlsplit

_TRACKING_PREFIXES = ("utm_", "mtm_", "mc_", "pk_", "piwik_", "hsa_", "oly_", "vero_", "_hs")
_TRACKING = frozenset({
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "yclid", "ysclid", "msclkid",
    "twclid", "ttclid", "igsh", "igshid", "_openstat", "mkt_tok", "wickedid", "srsltid",
    "ga_source", "ga_medium", "ga_campaign", "at_medium", "at_campaign", "at_link_type",
    "cmp", "cmpid", "xtor", "ns_mchannel", "ns_source", "ns_campaign",
})  # fmt: skip
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_DEFAULT_PORT = re.compile(r":(?:80|443)?$")


def canonical(url: str) -> str:
    """Return a key that is the same for all the usual spellings of a web address.

    It has no scheme, `www.`, default port, fragment, tracking parameters or closing slash,
    and its parameters are sorted. It is for comparing, not for opening, and its own key.
    """
    parts = urlsplit("//" + _SCHEME.sub("", cleaned(url), count=1))
    host = _host(parts.netloc)
    path = parts.path.rstrip("/")
    query = "&".join(sorted(filter(None, parts.query.split("&"))))
    # On the front page, and after "#!", the fragment is the page.
    names_page = not path or parts.fragment.startswith("!")
    fragment = parts.fragment if names_page else ""
    return host + path + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


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
    return host
