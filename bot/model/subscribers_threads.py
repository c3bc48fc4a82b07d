"""Which thread of a forum a topic's stories go to. Pure."""

from dataclasses import dataclass
from typing import Literal

from bot.model.ids import ThreadId, TopicSlug

# It takes messages; it does not for now; and its chat has been told so.
ThreadState = Literal["open", "closed", "told"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """Stories of the topic go to the thread, or to General while that is closed."""

    topic: TopicSlug
    thread_id: ThreadId
    state: ThreadState = "open"
