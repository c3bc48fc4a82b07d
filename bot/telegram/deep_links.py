"""Links that open the bot at a topic or a story, and what one that was opened leads to. Pure.

"A-Z, a-z, 0-9, _ and -", 64 at the most: https://core.telegram.org/bots/features#deep-linking.
"""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlencode

from bot.model import StoryId, TopicSlug

# As a story by itself comes; with more "Read also" links; who told it, and how.
View = Literal["brief", "more", "sources"]

# SQLite's numbers end before those of people who try out what happens.
_STORY = re.compile(r"s([1-9][0-9]{0,17})(_sources)?", re.ASCII)
_TOPIC = re.compile(r"t_([a-z][a-z0-9_-]{0,31})", re.ASCII)
# A message of one's own beside the link; in an address each letter may take nine characters.
_MOST_SHARED = 120


@dataclass(frozen=True, slots=True)
class StoryLink:
    """Leads to a story, in one of its views."""

    story_id: StoryId
    view: View = "brief"


@dataclass(frozen=True, slots=True)
class TopicLink:
    """Leads to a topic, which there may be or not."""

    slug: TopicSlug


def address(link: StoryLink | TopicLink, *, bot_name: str) -> str:
    """Return the link to be written or tapped."""
    return f"https://t.me/{bot_name}?start={_payload(link)}"


def sharing(link: StoryLink, words: str, *, bot_name: str) -> str:
    """Return the address that has Telegram ask with whom to share the link, and these words."""
    said = words if len(words) <= _MOST_SHARED else words[: _MOST_SHARED - 1].rstrip() + "…"
    told = {"url": address(link, bot_name=bot_name), "text": said}
    # A plus would be shown as one; half a character, which some feeds hold, is no text at all.
    return f"https://t.me/share/url?{urlencode(told, quote_via=quote, errors='replace')}"


def read(payload: str) -> StoryLink | TopicLink | None:
    """Return what the words behind /start lead to; None: they are none of ours."""
    if story := _STORY.fullmatch(payload):
        return StoryLink(StoryId(int(story[1])), "sources" if story[2] else "brief")
    if topic := _TOPIC.fullmatch(payload):
        return TopicLink(TopicSlug(topic[1]))
    return None


def _payload(link: StoryLink | TopicLink) -> str:
    if isinstance(link, TopicLink):
        return f"t_{link.slug}"
    return f"s{link.story_id}" + ("_sources" if link.view == "sources" else "")
