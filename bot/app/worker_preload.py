"""What the fork server of the worker processes imports and reads once, for all of them.

A worker that the fork server has forked finds it in its memory, and shares the pages of it.
"""

import gc

import trafilatura  # noqa: F401

import bot.feeds.formats.parse
import bot.feeds.formats.robots_txt
import bot.logs
import bot.storage.subscribers.moved_chat
import bot.stories.page_extraction
import bot.web.opml  # noqa: F401
from bot.resources import RESOURCES
from bot.stories.analysis import build_analyzer, warm_up
from bot.topics import read_topics

warm_up(build_analyzer(read_topics(RESOURCES / "topics.toml")))
# The garbage collector would write to each object, and so copy its page.
gc.freeze()
