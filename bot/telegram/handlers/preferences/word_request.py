"""Parsing of the arguments of /follow, /mute, /unfollow and /unmute: words, and a topic's tag."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.i18n import Translator
from bot.model import TopicSlug, Word
from bot.ready_words.lists import typed_phrase
from bot.telegram.replies import quote
from bot.text.phrases import MAX_CHARS, MAX_WORDS, has_no_word, split_phrases
from bot.topics import Topics
from bot.typed.subjects import subject_of

_TOPIC_TAG = re.compile(r"#(\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRequest:
    """The arguments of a command: words, what cannot be one, and topic tags that are of no use."""

    words: tuple[Word, ...] = ()
    invalid: tuple[str, ...] = ()
    unknown_topic: str | None = None
    surplus_topics: tuple[TopicSlug, ...] = ()


def parse_words(text: str, topics: Topics, *, muted: bool) -> WordRequest:
    """Parse phrases between commas; "#topic" limits all of them to that topic.

    Tags that name no topic are words if there are no others. There are none if beside others a tag
    names no topic, if the tags name several, and if there is nothing else.
    """
    tagged: list[TopicSlug] = []
    verbs = ("away", "mute", "unmute") if muted else ("want", "follow", "unfollow")
    typed = list(split_phrases(subject_of(_TOPIC_TAG.sub(" ", text), verbs)))
    is_tags = not typed
    for tag in _TOPIC_TAG.findall(text):
        slugs = topics.find(tag.replace("_", " ")).slugs
        if not slugs and is_tags:
            typed.append(tag.replace("_", " ").strip(",.;"))
        elif not slugs:
            return WordRequest(unknown_topic=tag)
        tagged += [slug for slug in slugs if slug not in tagged]
    phrases = [(part, typed_phrase(part)) for part in typed]
    if len(tagged) > 1 or (tagged and not phrases):
        return WordRequest(surplus_topics=tuple(tagged))
    topic = tagged[0] if tagged else None
    return WordRequest(
        words=tuple(
            Word(text=part, phrase=phrase, muted=muted, topic=topic)
            for part, phrase in phrases
            if phrase
        ),
        invalid=tuple(part for part, phrase in phrases if not phrase),
    )


def problem_lines(request: WordRequest, topics: Topics, say: Translator) -> Iterator[str]:
    """Yield what could not be parsed, and why."""
    unreadable = [text for text in request.invalid if has_no_word(text)]
    if unreadable:
        yield say(
            "I cannot look for “{words}”: a word needs two letters; # and + do not count.",
            words=quote(unreadable),
        )
    if others := [text for text in request.invalid if text not in unreadable]:
        yield say(
            "“{words}” does not work: use one to {most} words, at most {chars} letters.",
            words=quote(others),
            most=str(MAX_WORDS),
            chars=str(MAX_CHARS),
        )
    if request.surplus_topics:
        yield say(
            "Nothing is changed: write a word, and one topic at the most. Whole topics are in"
            " /topics."
        )
    if request.unknown_topic is not None:
        known = ", ".join(topic.names[say.language] for topic in topics)
        yield say(
            "I know no topic called “{words}”. The topics are: {topics}.",
            words=quote([request.unknown_topic]),
            topics=known,
        )
