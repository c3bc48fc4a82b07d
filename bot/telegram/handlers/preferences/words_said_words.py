"""Which words does a reader mean, and what do we say of them? Pure."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.i18n import Say
from bot.model import Subscriber, Word
from bot.telegram.replies import quote
from bot.text.phrases import MAX_CHARS, MAX_WORDS, parted, read
from bot.topics import Topics

# Of each kind: followed, and muted.
MOST = 100

_TAG = re.compile(r"#(\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a reader wrote behind the command: words, what is none, and the topic they count in."""

    words: tuple[Word, ...] = ()
    senseless: tuple[str, ...] = ()
    unknown_topic: str | None = None


def asked(said: str, topics: Topics, *, muted: bool) -> Asked:
    """Return what a reader asked for: words and phrases, in one topic if one is named by a #."""
    topic = None
    for tag in _TAG.findall(said):
        found = topics.find(tag.replace("_", " ")).slugs
        if not found:
            return Asked(unknown_topic=tag)
        topic = found[0]
    read_parts = [(part, read(part)) for part in parted(_TAG.sub(" ", said))]
    return Asked(
        words=tuple(
            Word(said=part, phrase=phrase, muted=muted, topic=topic)
            for part, phrase in read_parts
            if phrase
        ),
        senseless=tuple(part for part, phrase in read_parts if not phrase),
    )


def about(reader: Subscriber, say: Say) -> str:
    """Return what words do, and how they are written."""
    lines = [
        say("<b>Words</b>"),
        "",
        say("🔔 A word that you follow brings a story in, whatever its topic."),
        say("🔕 A muted word keeps a story away."),
        "",
        say(
            "Write <code>/follow Zelensky</code> or <code>/mute football</code>, in any form;"
            " several with commas between; in one topic: <code>/mute Usyk #sport</code>."
        ),
    ]
    if reader.words:
        lines += ["", say("Tap a word to change what it does; 🗑 deletes it.")]
    return "\n".join(lines)


def taken(words: Sequence[Word], say: Say) -> Iterator[str]:
    """Return what was done with the words, which are all of one kind."""
    if words and words[0].muted:
        yield say("🔕 Muted now: {words}", words=named(words, say))
    elif words:
        yield say("🔔 You follow now: {words}", words=named(words, say))


def given_up(dropped: Sequence[Word], unknown: Sequence[Word], say: Say) -> Iterator[str]:
    """Return what was given up, and what had never been taken."""
    if dropped:
        yield say("➖ No longer: {words}", words=named(dropped, say))
    if unknown:
        yield say("Not among your words: {words}", words=named(unknown, say))


def named(words: Sequence[Word], say: Say) -> str:
    """Return the words in quotation marks, as many as are easily read."""
    return quote([", ".join(say.plain("“{word}”", word=word.said) for word in words)])


def refused(its: Asked, topics: Topics, say: Say) -> Iterator[str]:
    """Return what is said to what could not be taken."""
    if its.senseless:
        yield say(
            "“{words}” is too little or too much: one to {most} words, at most {chars} letters.",
            words=quote(its.senseless),
            most=str(MAX_WORDS),
            chars=str(MAX_CHARS),
        )
    if its.unknown_topic is not None:
        known = ", ".join(topic.names[say.language] for topic in topics)
        yield say(
            "I know no topic called “{words}”. The topics are: {topics}.",
            words=quote([its.unknown_topic]),
            topics=known,
        )


def too_many(say: Callable[..., str], *, muted: bool) -> str:
    """Return why no more words of this kind are taken."""
    if muted:
        return say("You mute {most} words, which are the most: delete one first.", most=str(MOST))
    return say("You follow {most} words, which are the most: delete one first.", most=str(MOST))
