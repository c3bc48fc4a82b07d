"""What is said of a feed that a reader has added, or tried to add. Pure."""

from collections.abc import Sequence
from html import escape

from bot.i18n import Say
from bot.model import FoundFeed, NoFeed, OwnFeed
from bot.rendering.feed_status_troubles import trouble

# Of a title, which a publisher may make as long as he likes.
_TITLE_CHARS = 60
_HEADLINE_CHARS = 200


def listed(found: Sequence[OwnFeed], say: Say) -> str:
    """Return the feeds that a chat has added, with what is the matter with them."""
    lines = [say("<b>Feeds of your own</b>"), ""]
    for it in found:
        lines.append(f'• <a href="{escape(it.url)}">{escape(it.title[:_TITLE_CHARS])}</a>')
        if it.trouble:
            lines.append(f"   ⚠️ {trouble(it.trouble, say)}")
    if not found:
        lines.append(say("You have none yet."))
    lines += [
        "",
        say(
            "Only this chat sees them, and gets all that they bring. Add one by its address or its"
            " site's: <code>/add example.com</code>; many at once with /import."
        ),
    ]
    return "\n".join(lines)


def added(found: FoundFeed, say: Say) -> str:
    """Return what has been added, and what it told last."""
    name = escape((found.title or found.domain)[:_TITLE_CHARS])
    title = f'<b><a href="{escape(found.url)}">{name}</a></b>'
    lines = [say("✅ Added:") + f" {title}"]
    lines += [f"• {escape(headline[:_HEADLINE_CHARS])}" for headline in found.newest]
    return "\n".join([*lines, "", say("What it publishes from now on comes here.")])


def refused(reason: NoFeed, say: Say) -> str:
    """Return why nothing was added, and what to do."""
    blocked = say("The site does not let bots read that page.")
    said: dict[NoFeed, str] = {
        "not an address": say(
            "This is no web address. Write it so: <code>/add example.com/news</code>"
        ),
        "private": say("This address is not a public one, and I only read public ones."),
        "unknown": say("There is no such site. Please look at its name again."),
        "not found": say("The site has no such page. Try its first page instead."),
        "gone": say("Its publisher says that this feed is gone for good."),
        "needs login": say("That page needs a login, and I have none."),
        "refused": blocked,
        "challenge": blocked,
        "no feed": say(
            "I found no feed there. Many sites have a page called RSS: send me its address."
        ),
        "too heavy": say("What is there is too large for me to read."),
        "unreadable": say("The site cannot be read at the moment. Please try again later."),
    }
    return said[reason]
