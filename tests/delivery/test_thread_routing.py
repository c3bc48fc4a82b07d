from dataclasses import replace

import pytest

from bot.delivery.thread_routing import find_binding, route_to_thread
from bot.i18n import speak
from bot.model import (
    ChatId,
    OutgoingMessage,
    Subscriber,
    ThreadBinding,
    ThreadId,
    ThreadState,
    TopicSlug,
)
from tests.support.builders import SCIENCE, SPORT, TOPICS, WAR

GROUP = Subscriber(
    chat_id=ChatId(-1005),
    kind="group",
    language="en",
    news_languages=frozenset({"en"}),
    topics=frozenset({WAR, SPORT}),
    paused=False,
    thread_bindings=(
        ThreadBinding(topic=WAR, thread_id=ThreadId(5)),
        ThreadBinding(topic=SPORT, thread_id=ThreadId(6)),
        ThreadBinding(topic=SCIENCE, thread_id=ThreadId(7)),
    ),
)
STORY = OutgoingMessage(text="Bridge opens", preview=None)


@pytest.mark.parametrize(
    ("topics", "thread"),
    [
        ([WAR, SPORT], 5),
        ([SPORT, WAR], 6),
        ([TopicSlug("world"), SPORT, WAR], 6),
        ([TopicSlug("world")], None),
        ([SCIENCE], None),  # which the chat has given up
        ([SCIENCE, WAR], 5),
        ([], None),
    ],
)
def test_the_main_topic_decides_and_else_the_first_of_the_others_that_is_bound(
    topics: list[TopicSlug], thread: int | None
) -> None:
    binding = find_binding(GROUP, topics)
    assert (binding and binding.thread_id) == thread


def placed(
    state: ThreadState | None, message: OutgoingMessage = STORY, topic: TopicSlug = WAR
) -> OutgoingMessage:
    binding = state and ThreadBinding(topic=topic, thread_id=ThreadId(5), state=state)
    return route_to_thread(message, binding or None, topics=TOPICS, say=speak("en"))


def test_an_open_thread_gets_the_message() -> None:
    assert placed("open") == replace(STORY, thread_id=ThreadId(5))


@pytest.mark.parametrize("state", [None, "told"])
def test_without_a_thread_or_with_one_known_to_be_closed_it_goes_to_general_as_it_is(
    state: ThreadState | None,
) -> None:
    assert placed(state) == STORY


@pytest.mark.parametrize(("topic", "name"), [(WAR, "War"), (TopicSlug("retired"), "retired")])
def test_the_first_story_in_general_says_that_its_thread_is_closed(
    topic: TopicSlug, name: str
) -> None:
    message = placed("closed", topic=topic)
    assert message.thread_id is None
    assert message.text.startswith(f"🔒 The thread of “{name}” is closed, so its news comes here.")
    assert message.text.endswith("\n\nBridge opens")


def test_where_the_note_does_not_fit_the_story_goes_without_it() -> None:
    long = replace(STORY, text="x" * 4000)
    assert placed("closed", long) == long
