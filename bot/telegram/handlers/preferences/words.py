"""/follow, /unfollow, /mute and /unmute: words and phrases that a chat follows or mutes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from html import escape

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message

from bot.i18n import Translator, speak
from bot.model import Subscriber, TopicSlug, Word
from bot.ready_words.lists import typed_phrase
from bot.storage.database import Database
from bot.storage.subscribers import subscribers, words
from bot.telegram import context
from bot.telegram.context import Now
from bot.telegram.handlers.preferences.word_check import (
    WordCheck,
    check_words,
    choices,
    headline_lines,
    question_lines,
)
from bot.telegram.handlers.preferences.word_request import (
    WordRequest,
    parse_words,
    problem_lines,
)
from bot.telegram.handlers.reading.storylines import list_followed
from bot.telegram.handlers.routing import on_callback, on_command
from bot.telegram.handlers.start import answer_stale_button
from bot.telegram.keyboards.words import (
    AddWord,
    ChangeWord,
    DropWord,
    OpenWord,
    OpenWords,
    word_list,
    word_page,
)
from bot.telegram.replies import answer, answer_callback, edit, quote
from bot.topics import Topics

# Of followed words, and as many of muted ones.
MAX_WORDS_OF_KIND = 100


def router() -> Router:
    """Return the router of /follow, /unfollow, /mute and /unmute."""
    routes = Router(name="words")
    on_command(routes, "follow", follow)
    on_command(routes, "mute", mute)
    on_command(routes, "unfollow", unfollow)
    on_command(routes, "unmute", unmute)
    on_callback(routes, AddWord, add_word)
    on_callback(routes, OpenWords, open_words)
    on_callback(routes, OpenWord, open_word)
    on_callback(routes, ChangeWord, change_word)
    on_callback(routes, DropWord, drop_word)
    return routes


async def follow(
    message: Message, command: CommandObject, db: Database, topics: Topics, now: Now
) -> None:
    """Follow the words and list all; without words, list the followed storylines too."""
    request = parse_words(command.args or "", topics, muted=False)
    await _add_words(message, db, topics, now, request)
    subscriber = await context.find_subscriber(db, message)
    if subscriber is not None and not command.args:
        await list_followed(message, db, subscriber)


async def mute(
    message: Message, command: CommandObject, db: Database, topics: Topics, now: Now
) -> None:
    """Mute the words and list all."""
    request = parse_words(command.args or "", topics, muted=True)
    await _add_words(message, db, topics, now, request)


async def unfollow(
    message: Message, command: CommandObject, db: Database, topics: Topics, now: Now
) -> None:
    """Unfollow the words and list the rest."""
    request = parse_words(command.args or "", topics, muted=False)
    await _remove_words(message, db, topics, now, request)


async def unmute(
    message: Message, command: CommandObject, db: Database, topics: Topics, now: Now
) -> None:
    """Unmute the words and list the rest."""
    request = parse_words(command.args or "", topics, muted=True)
    await _remove_words(message, db, topics, now, request)


async def open_words(
    query: CallbackQuery, callback_data: OpenWords, db: Database, topics: Topics, now: Now
) -> None:
    """Show a page of the words in place of another page."""
    subscriber = await context.ensure_subscriber(db, query, now=now())
    await answer_callback(query)
    await _show_all(query, db, subscriber, topics, skipped=callback_data.skipped)


async def open_word(
    query: CallbackQuery, callback_data: OpenWord, db: Database, topics: Topics
) -> None:
    """Show the page of a word."""
    subscriber = await context.find_subscriber(db, query)
    word = _find_word(subscriber, callback_data.id)
    if subscriber is None or word is None:
        await answer_stale_button(query, db)
        return
    await answer_callback(query)
    await _show(query, db, word, topics, speak(subscriber.language))


async def change_word(
    query: CallbackQuery, callback_data: ChangeWord, db: Database, topics: Topics
) -> None:
    """Change whether a word is followed or muted, and in which topic."""
    subscriber = await context.find_subscriber(db, query)
    word = _find_word(subscriber, callback_data.id)
    topic = topics.get(TopicSlug(callback_data.topic))
    if subscriber is None or word is None or (callback_data.topic and topic is None):
        await answer_stale_button(query, db)
        return
    say = speak(subscriber.language)
    changed = replace(word, muted=callback_data.muted, topic=topic.slug if topic else None)
    of_kind = sum(other.muted == changed.muted for other in subscriber.words)
    if changed.muted != word.muted and of_kind >= MAX_WORDS_OF_KIND:
        await answer_callback(query, limit_text(say.plain, muted=changed.muted), alert=True)
        return
    async with db.transaction() as tx:
        await words.put(tx, subscriber.chat_id, changed)
    await answer_callback(query)
    await _show(query, db, changed, topics, say)


async def drop_word(
    query: CallbackQuery, callback_data: DropWord, db: Database, topics: Topics
) -> None:
    """Remove the word and show the rest."""
    subscriber = await context.find_subscriber(db, query)
    if subscriber is None:
        await answer_stale_button(query, db)
        return
    word = _find_word(subscriber, callback_data.id)
    if word is not None:
        async with db.transaction() as tx:
            await words.drop(tx, subscriber.chat_id, word.phrase)
    await answer_callback(query, f"➖ {word.text}" if word else "")
    subscriber = await context.find_subscriber(db, query) or subscriber
    await _show_all(query, db, subscriber, topics, skipped=callback_data.skipped)


async def _add_words(
    message: Message, db: Database, topics: Topics, now: Now, request: WordRequest
) -> None:
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    checks = await check_words(db, topics, subscriber, request.words, now=now())
    # What fits into no button is not asked: the word is added as it is.
    asked = [check for check in checks if check.is_doubtful and _fits(check, say)]
    clear = [check for check in checks if check not in asked]
    words_to_add = [check.word for check in clear]
    added = await put_words(db, subscriber, words_to_add)
    lines = [
        *added_lines(added, topics, say),
        *headline_lines([check for check in clear if check.word in added], say),
        *topic_lines(added, topics, subscriber, say),
        *question_lines(asked, say),
        *problem_lines(request, topics, say),
    ]
    if len(added) < len(words_to_add):
        lines.append(limit_text(say, muted=request.words[0].muted))
    await _answer(message, db, topics, subscriber, lines, choices(asked, say))


async def add_word(
    query: CallbackQuery, callback_data: AddWord, db: Database, topics: Topics, now: Now
) -> None:
    """Follow or mute the word that was chosen after a question, and show all."""
    subscriber = await context.ensure_subscriber(db, query, now=now())
    phrase = typed_phrase(callback_data.text)
    topic = topics.get(TopicSlug(callback_data.topic))
    if phrase is None or (callback_data.topic and topic is None):
        await answer_stale_button(query, db)
        return
    say = speak(subscriber.language)
    word = Word(
        text=callback_data.text,
        phrase=phrase,
        muted=callback_data.muted,
        topic=topic.slug if topic else None,
    )
    if not await put_words(db, subscriber, [word]):
        await answer_callback(query, limit_text(say.plain, muted=word.muted), alert=True)
        return
    await answer_callback(query, f"➕ {word.text}")
    subscriber = await context.find_subscriber(db, query) or subscriber
    await _show_all(query, db, subscriber, topics, skipped=0)


def _fits(check: WordCheck, say: Translator) -> bool:
    """Tell whether Telegram takes the buttons of a word's choices: 64 bytes, and no colon."""
    try:
        return all(data.pack() for _, data in choices([check], say))
    except ValueError:
        return False


async def put_words(db: Database, subscriber: Subscriber, wanted: Sequence[Word]) -> list[Word]:
    """Store the words, up to the first one that is over the limit, and return them."""
    known = {(word.phrase.stems, word.muted) for word in subscriber.words}
    free = {
        muted: MAX_WORDS_OF_KIND - sum(word.muted == muted for word in subscriber.words)
        for muted in (False, True)
    }
    added: list[Word] = []
    for word in wanted:
        is_new = (word.phrase.stems, word.muted) not in known
        if is_new and not free[word.muted]:
            break
        free[word.muted] -= is_new
        added.append(word)
    async with db.transaction() as tx:
        for word in added:
            await words.put(tx, subscriber.chat_id, word)
        await subscribers.end_choice(tx, subscriber.chat_id)
    return added


async def _remove_words(
    message: Message, db: Database, topics: Topics, now: Now, request: WordRequest
) -> None:
    subscriber = await context.ensure_subscriber(db, message, now=now())
    say = speak(subscriber.language)
    known = {(word.phrase.stems, word.muted) for word in subscriber.words}
    removed = [word for word in request.words if (word.phrase.stems, word.muted) in known]
    async with db.transaction() as tx:
        for word in removed:
            await words.drop(tx, subscriber.chat_id, word.phrase)
    unknown = [word for word in request.words if word not in removed]
    lines = [*removed_lines(removed, unknown, say), *problem_lines(request, topics, say)]
    await _answer(message, db, topics, subscriber, lines)


async def _answer(
    message: Message,
    db: Database,
    topics: Topics,
    subscriber: Subscriber,
    lines: Sequence[str],
    asked: Iterable[tuple[str, AddWord]] = (),
) -> None:
    """Answer with the lines, the choices that were `asked`, and the list of words as it is now."""
    say = speak(subscriber.language)
    is_new = not subscriber.words
    subscriber = await context.find_subscriber(db, message) or subscriber
    # Who has words already knows how they are written.
    page = ["", help_text(subscriber, say)] if is_new else []
    text = "\n".join([*lines, *page]) if lines else help_text(subscriber, say)
    await answer(message, db, text, word_list(subscriber.words, 0, topics, say, asked))


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
        say("🔕 Stories with “{word}” are hidden.", word=word.text)
        if word.muted
        else say("🔔 You follow “{word}”.", word=word.text)
    )
    await edit(query, db, text, word_page(word, topics, say))


def _find_word(subscriber: Subscriber | None, phrase_id: int) -> Word | None:
    if subscriber is None:
        return None
    return next((word for word in subscriber.words if word.id == phrase_id), None)


def help_text(subscriber: Subscriber, say: Translator) -> str:
    """Return what followed and muted words do, and how they are written."""
    lines = [
        say("<b>Words</b>"),
        "",
        say("🔔 Stories with a word you follow come whatever their topic."),
        say("🔕 Stories with a muted word do not come."),
        "",
        say(
            "Write <code>/follow Zelensky</code> or <code>/mute football</code>, in any "
            "form; separate several with commas; for one topic: <code>/mute Usyk "
            "#sport</code>."
        ),
    ]
    if subscriber.words:
        lines += ["", say("Tap a word to change what it does; 🗑 deletes it.")]
    return "\n".join(lines)


def added_lines(words: Sequence[Word], topics: Topics, say: Translator) -> Iterator[str]:
    """Yield the confirmation of added words, which are all of one kind and one topic."""
    if not words:
        return
    topic = topics.get(words[0].topic)
    scope = f" · {escape(topic.names[say.language])}" if topic else ""
    quoted = quote_words(words, say)
    confirmed = (
        say("🔕 Muted: {words}", words=quoted)
        if words[0].muted
        else say("🔔 Following: {words}", words=quoted)
    )
    yield f"{confirmed}{scope}"


def topic_lines(
    words: Sequence[Word], topics: Topics, subscriber: Subscriber, say: Translator
) -> Iterator[str]:
    """Yield how to remove each chosen topic that a muted word names."""
    for word in words:
        match = topics.find(word.text)
        topic = topics.get(match.slugs[0]) if match.slugs and not match.unknown else None
        if word.muted and topic and topic.slug in subscriber.topics:
            name = topic.names[say.language]
            yield say(
                "You get the whole topic “{topic}”. To remove it: <code>/topics -{slug}</code>",
                topic=name,
                slug=name.casefold() if " " not in name else topic.slug,
            )


def removed_lines(
    removed: Sequence[Word], unknown: Sequence[Word], say: Translator
) -> Iterator[str]:
    """Yield the confirmation of removed words, and which ones were not in the list."""
    if removed:
        yield say("➖ Removed: {words}", words=quote_words(removed, say))
    if unknown:
        yield say("Not on your list: {words}", words=quote_words(unknown, say))


def quote_words(words: Sequence[Word], say: Translator) -> str:
    """Return the words in quotation marks, cut to the length of a quotation."""
    return quote([", ".join(say.plain("“{word}”", word=word.text) for word in words)])


def limit_text(say: Callable[..., str], *, muted: bool) -> str:
    """Return why no more words of this kind can be added."""
    if muted:
        return say(
            "You've reached the limit of {most} muted words. Delete one first.",
            most=str(MAX_WORDS_OF_KIND),
        )
    return say(
        "You've reached the limit of {most} followed words. Delete one first.",
        most=str(MAX_WORDS_OF_KIND),
    )
