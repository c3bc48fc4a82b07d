"""Where in a forum does a story go, and what does it say where it cannot go there? Pure."""

from collections.abc import Sequence
from dataclasses import replace

from bot.i18n import Translator
from bot.model import OutgoingMessage, Subscriber, ThreadBinding, TopicSlug
from bot.rendering.story import MAX_LENGTH, utf16_length
from bot.topics import Topics


def binding_of(reader: Subscriber, topics: Sequence[TopicSlug]) -> ThreadBinding | None:
    """Return the thread of the first topic that has one; None: it goes to General.

    Of topics that the chat has given up none counts.
    """
    bound = {it.topic: it for it in reader.thread_bindings if it.topic in reader.topics}
    return next((bound[topic] for topic in topics if topic in bound), None)


def route_to_thread(
    message: OutgoingMessage, binding: ThreadBinding | None, *, topics: Topics, say: Translator
) -> OutgoingMessage:
    """Return the message as it goes to its thread, or to General with a word of the closed one.

    A word that would not fit waits for the next story.
    """
    match binding:
        case ThreadBinding(state="open"):
            return replace(message, thread_id=binding.thread_id)
        case ThreadBinding(state="closed"):
            topic = topics.get(binding.topic)
            name = topic.names[say.language] if topic else binding.topic
            word = say(
                "🔒 The thread of “{topic}” is closed, so its news comes here. Once it is open"
                " again, or I am an admin, it goes there.",
                topic=name,
            )
            told = f"{word}\n\n{message.text}"
            return replace(message, text=told) if utf16_length(told) <= MAX_LENGTH else message
        case _:
            return message
