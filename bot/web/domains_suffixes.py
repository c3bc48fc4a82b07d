"""Which part of a host's name does one register? Pure: by the list that comes with a package."""

from functools import cache

from publicsuffixlist import PublicSuffixList


def registrable(host: str) -> str:
    """Return the registrable domain: www.news.com.ua and news.com.ua are one, com.ua is none.

    A host that is a public suffix itself, or of one label, stands for itself.
    """
    return str(_suffixes().privatesuffix(host) or host)


@cache
def _suffixes() -> PublicSuffixList:
    # Reading the list takes some 30 ms.
    return PublicSuffixList()
