"""/follow and /mute, /unfollow and /unmute: words that bring stories in, or keep them out."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator, speak
from bot.model import Subscriber, TopicSlug, Word
from bot.storage.database import Database
from bot.storage.subscribers import words
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards.words import (
    ChangeWord,
    DropWord,
    OpenWord,
    OpenWords,
    word_list,
    word_page,
)
from bot.telegram.replies import answer, answer_callback, edit, quote
from bot.text.phrases import MAX_CHARS, MAX_WORDS, parse_phrase, split_phrases
from bot.topics import Topics

# Of each kind: followed, and muted.
MAX_WORDS_OF_KIND = 100

_TAG = re.compile(r"#(\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRequest:
    """What a reader wrote behind the command: words, what is none, and the topic they count in."""

    words: tuple[Word, ...] = ()
    senseless: tuple[str, ...] = ()
    unknown_topic: str | None = None


def parse_words(said: str, topics: Topics, *, muted: bool) -> WordRequest:
    """Return what a reader asked for: words and phrases, in one topic if one is named by a #."""
    topic = None
    for tag in _TAG.findall(said):
        found = topics.find(tag.replace("_", " ")).slugs
        if not found:
            return WordRequest(unknown_topic=tag)
        topic = found[0]
    read_parts = [(part, parse_phrase(part)) for part in split_phrases(_TAG.sub(" ", said))]
    return WordRequest(
        words=tuple(
            Word(text=part, phrase=phrase, muted=muted, topic=topic)
            for part, phrase in read_parts
            if phrase
        ),
        senseless=tuple(part for part, phrase in read_parts if not phrase),
    )


def help_text(subscriber: Subscriber, say: Translator) -> str:
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
    if subscriber.words:
        lines += ["", say("Tap a word to change what it does; 🗑 deletes it.")]
    return "\n".join(lines)


def added_lines(words: Sequence[Word], say: Translator) -> Iterator[str]:
    """Return what was done with the words, which are all of one kind."""
    if words and words[0].muted:
        yield say("🔕 Muted now: {words}", words=quote_words(words, say))
    elif words:
        yield say("🔔 You follow now: {words}", words=quote_words(words, say))


def removed_lines(
    dropped: Sequence[Word], unknown: Sequence[Word], say: Translator
) -> Iterator[str]:
    """Return what was given up, and what had never been taken."""
    if dropped:
        yield say("➖ No longer: {words}", words=quote_words(dropped, say))
    if unknown:
        yield say("Not among your words: {words}", words=quote_words(unknown, say))


def quote_words(words: Sequence[Word], say: Translator) -> str:
    """Return the words in quotation marks, as many as are easily read."""
    return quote([", ".join(say.plain("“{word}”", word=word.text) for word in words)])


def problem_lines(its: WordRequest, topics: Topics, say: Translator) -> Iterator[str]:
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


def limit_text(say: Callable[..., str], *, muted: bool) -> str:
    """Return why no more words of this kind are taken."""
    if muted:
        return say(
            "You mute {most} words, which are the most: delete one first.",
            most=str(MAX_WORDS_OF_KIND),
        )
    return say(
        "You follow {most} words, which are the most: delete one first.",
        most=str(MAX_WORDS_OF_KIND),
    )


def router() -> Router:
    """Return the router of words."""
    routes = Router(name="words")
    on_command(routes, "follow", follow)
    on_command(routes, "mute", mute)
    on_command(routes, "unfollow", unfollow)
    on_command(routes, "unmute", unmute)
    on_callback(routes, OpenWords, open_words)
    on_callback(routes, OpenWord, open_word)
    on_callback(routes, ChangeWord, change_word)
    on_callback(routes, DropWord, drop_word)
    return routes


async def follow(
    message: Message, command: CommandObject, db: Database, topics: Topics, now: Now
) -> None:
    """Follow the words that are named, and show all."""
    await _take(message, db, topics, now, parse_words(command.args or "", topics, muted=False))


async def mute(
    message: Message, command: CommandObject, db: Database, topics: Topics, now: Now
) -> None:
    """Mute the words that are named, and show all."""
    await _take(message, db, topics, now, parse_words(command.args or "", topics, muted=True))


async def unfollow(
    message: Message, command: CommandObject, db: Database, topics: Topics, now: Now
) -> None:
    """Follow the words that are named no more, and show those that are left."""
    await _give_up(message, db, topics, now, parse_words(command.args or "", topics, muted=False))


async def unmute(
    message: Message, command: CommandObject, db: Database, topics: Topics, now: Now
) -> None:
    """Mute the words that are named no more, and show those that are left."""
    await _give_up(message, db, topics, now, parse_words(command.args or "", topics, muted=True))


async def open_words(
    query: CallbackQuery, callback_data: OpenWords, db: Database, topics: Topics, now: Now
) -> None:
    """Show the words in place of what is shown."""
    subscriber = await context.ensure_subscriber(db, query, now=now())
    await answer_callback(query)
    await _show_all(query, db, subscriber, topics, skipped=callback_data.skipped)


async def open_word(
    query: CallbackQuery, callback_data: OpenWord, db: Database, topics: Topics
) -> None:
    """Show what a word does, and what else it could."""
    subscriber = await context.find_subscriber(db, query)
    word = _of_id(subscriber, callback_data.id)
    if subscriber is None or word is None:
        await answer_stale_button(query, db)
        return
    await answer_callback(query)
    await _show(query, db, word, topics, speak(subscriber.language))


async def change_word(
    query: CallbackQuery, callback_data: ChangeWord, db: Database, topics: Topics
) -> None:
    """Follow or mute the word where the button says."""
    subscriber = await context.find_subscriber(db, query)
    word = _of_id(subscriber, callback_data.id)
    topic = topics.get(TopicSlug(callback_data.topic))
    if subscriber is None or word is None or (callback_data.topic and topic is None):
        await answer_stale_button(query, db)
        return
    say = speak(subscriber.language)
    changed = replace(word, muted=callback_data.muted, topic=topic.slug if topic else None)
    if changed.muted != word.muted and _is_full(subscriber, muted=changed.muted):
        await answer_callback(query, limit_text(say.plain, muted=changed.muted), alert=True)
        return
    async with db.transaction() as tx:
        await words.put(tx, subscriber.chat_id, changed)
    await answer_callback(query)
    await _show(query, db, changed, topics, say)


async def drop_word(
    query: CallbackQuery, callback_data: DropWord, db: Database, topics: Topics
) -> None:
    """Forget the word, and show those that are left."""
    subscriber = await context.find_subscriber(db, query)
    if subscriber is None:
        await answer_stale_button(query, db)
        return
    word = _of_id(subscriber, callback_data.id)
    if word is not None:
        async with db.transaction() as tx:
            await words.drop(tx, subscriber.chat_id, word.phrase)
    await answer_callback(query, f"➖ {word.text}" if word else "")
    left = await context.find_subscriber(db, query) or subscriber
    await _show_all(query, db, left, topics, skipped=callback_data.skipped)


async def _take(message: Message, db: Database, topics: Topics, now: Now, its: WordRequest) -> None:
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    known = {(word.phrase.stems, word.muted) for word in subscriber.words}
    free = {
        muted: MAX_WORDS_OF_KIND - sum(it.muted == muted for it in subscriber.words)
        for muted in (False, True)
    }
    chosen: list[Word] = []
    for word in its.words:
        is_new = (word.phrase.stems, word.muted) not in known
        if is_new and not free[word.muted]:
            break
        free[word.muted] -= is_new
        chosen.append(word)
    async with db.transaction() as tx:
        for word in chosen:
            await words.put(tx, subscriber.chat_id, word)
    lines = [*added_lines(chosen, say), *problem_lines(its, topics, say)]
    if len(chosen) < len(its.words):
        lines.append(limit_text(say, muted=its.words[0].muted))
    await _answer(message, db, topics, subscriber, lines)


async def _give_up(
    message: Message, db: Database, topics: Topics, now: Now, its: WordRequest
) -> None:
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    known = {(word.phrase.stems, word.muted) for word in subscriber.words}
    dropped = [word for word in its.words if (word.phrase.stems, word.muted) in known]
    async with db.transaction() as tx:
        for word in dropped:
            await words.drop(tx, subscriber.chat_id, word.phrase)
    unknown = [word for word in its.words if word not in dropped]
    lines = removed_lines(dropped, unknown, say)
    await _answer(message, db, topics, subscriber, [*lines, *problem_lines(its, topics, say)])


async def _answer(
    message: Message, db: Database, topics: Topics, subscriber: Subscriber, lines: Sequence[str]
) -> None:
    """Say what was done, and show the words as they are now."""
    say = speak(subscriber.language)
    current = await context.find_subscriber(db, message) or subscriber
    text = "\n".join(lines)
    shown = help_text(current, say)
    keyboard = word_list(current.words, 0, topics, say)
    await answer(message, db, f"{text}\n\n{shown}" if text else shown, keyboard)


async def _show_all(
    query: CallbackQuery, db: Database, subscriber: Subscriber, topics: Topics, *, skipped: int
) -> None:
    say = speak(subscriber.language)
    await edit(
        query, db, help_text(subscriber, say), word_list(subscriber.words, skipped, topics, say)
    )


async def _show(
    query: CallbackQuery, db: Database, word: Word, topics: Topics, say: Translator
) -> None:
    text = (
        say("🔕 “{word}” keeps stories away.", word=word.text)
        if word.muted
        else say("🔔 “{word}” brings stories in.", word=word.text)
    )
    await edit(query, db, text, word_page(word, topics, say))


def _of_id(subscriber: Subscriber | None, phrase_id: int) -> Word | None:
    return next((it for it in subscriber.words if it.id == phrase_id), None) if subscriber else None


def _is_full(subscriber: Subscriber, *, muted: bool) -> bool:
    return sum(it.muted == muted for it in subscriber.words) >= MAX_WORDS_OF_KIND
