"""What is the matter with a feed, in words for its reader? Pure."""

from bot.i18n import Say
from bot.model import Trouble


def trouble(its: Trouble, say: Say) -> str:
    """Return what is the matter, as HTML, to be read after the feed's name."""
    said: dict[Trouble, str] = {
        "gone": say("its publisher has closed it"),
        "not found": say("it is no longer at this address"),
        "refused": say("its site does not let me read it"),
        "not a feed": say("what is there now is no feed"),
        "too heavy": say("it is too large for me to read"),
        "broken": say("its server has a fault"),
        "silent": say("its server does not answer"),
    }
    return said[its]
