"""Deep links: payloads of /start that open the bot at a topic or a story.

A payload has at most 64 characters of "A-Z, a-z, 0-9, _ and -":
https://core.telegram.org/bots/features#deep-linking.
"""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlencode

from bot.model import StoryId, TopicSlug
from bot.topics import SLUG_PATTERN

# A story as it was sent, with more "Read also" links, or its coverage by source.
View = Literal["brief", "more", "sources"]

# 18 digits at the most: the payload may be anyone's, and SQLite's integers are of 64 bits.
_STORY = re.compile(r"s([1-9][0-9]{0,17})(_sources)?", re.ASCII)
_TOPIC = re.compile(f"t_({SLUG_PATTERN})")
# A character may take nine in a URL, and Telegram limits its length.
MAX_SHARED_CHARS = 120
MAX_SHARE_URL = 2048


@dataclass(frozen=True, slots=True)
class StoryLink:
    """A link to a story, in one of its views."""

    story_id: StoryId
    view: View = "brief"


@dataclass(frozen=True, slots=True)
class TopicLink:
    """A link to a topic, which may not exist."""

    slug: TopicSlug


def link_url(link: StoryLink | TopicLink, *, bot_name: str) -> str:
    """Return the URL that opens the bot at the link."""
    if isinstance(link, TopicLink):
        payload = f"t_{link.slug}"
    else:
        payload = f"s{link.story_id}" + ("_sources" if link.view == "sources" else "")
    return f"https://t.me/{bot_name}?start={payload}"


def share_url(url: str, title: str, *, bot_name: str) -> str | None:
    """Return the URL that makes Telegram offer chats to share an article in, and the bot's name.

    None: its address is too long for Telegram.
    """
    for most in (MAX_SHARED_CHARS, MAX_SHARED_CHARS // 4):
        text = title if len(title) <= most else title[: most - 1].rstrip() + "…"
        parameters = {"url": url, "text": f"{text}\n@{bot_name}"}
        # `quote`, since Telegram shows a plus as one; "replace", since feeds hold lone surrogates.
        query = urlencode(parameters, quote_via=quote, errors="replace")
        shared = f"https://t.me/share/url?{query}"
        if len(shared) <= MAX_SHARE_URL:
            return shared
    return None


def parse(payload: str) -> StoryLink | TopicLink | None:
    """Return the link of a payload; None if it is not one of ours."""
    if story := _STORY.fullmatch(payload):
        return StoryLink(StoryId(int(story[1])), "sources" if story[2] else "brief")
    if topic := _TOPIC.fullmatch(payload):
        return TopicLink(TopicSlug(topic[1]))
    return None
