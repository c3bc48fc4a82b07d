"""Thread routing: to which thread of a forum a message goes, and the note that one is closed."""

from collections.abc import Sequence
from dataclasses import replace

from bot.i18n import Translator
from bot.model import OutgoingMessage, Subscriber, ThreadBinding, TopicSlug
from bot.rendering.story import fits
from bot.topics import Topics


def find_binding(subscriber: Subscriber, topics: Sequence[TopicSlug]) -> ThreadBinding | None:
    """Return the thread of the first topic that has one; None: the message goes to General.

    Topics to which the chat is not subscribed do not count.
    """
    bindings = {
        binding.topic: binding
        for binding in subscriber.thread_bindings
        if binding.topic in subscriber.topics
    }
    return next((bindings[topic] for topic in topics if topic in bindings), None)


def route_to_thread(
    message: OutgoingMessage, binding: ThreadBinding | None, *, topics: Topics, say: Translator
) -> OutgoingMessage:
    """Return the message for its thread, or for General with a note that the thread is closed.

    A note that does not fit is left out, and comes with the next story.
    """
    match binding:
        case ThreadBinding(state="open"):
            return replace(message, thread_id=binding.thread_id)
        case ThreadBinding(state="closed"):
            topic = topics.get(binding.topic)
            name = topic.names[say.language] if topic else binding.topic
            note = say(
                "🔒 The thread of “{topic}” is closed, so its news comes here. Once it is open"
                " again, or I am an admin, it goes there.",
                topic=name,
            )
            text = f"{note}\n\n{message.text}"
            return replace(message, text=text) if fits(text) else message
        case _:
            return message
