"""Rules of a robots.txt, read by protego; of any text, so in a process that can be killed."""

from protego import Protego

# As the User-Agent has it, without a version.
AGENT = "ReadAlso"


def is_allowed(robots: bytes, *, url: str) -> bool:
    """Return whether the rules let this program read the page."""
    rules = Protego.parse(robots.decode("utf-8-sig", "replace"))
    return bool(rules.can_fetch(url, AGENT))
