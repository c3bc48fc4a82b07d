"""Checks of a word before it is followed or muted: its readings, its frequency, its stories."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import escape

from bot.i18n import Translator
from bot.model import Subscriber, Word
from bot.ready_words.marks import marked_text
from bot.storage.database import Database
from bot.storage.stories import queries
from bot.story_filter import matching_words
from bot.telegram.keyboards.words import AddWord
from bot.telegram.story_lists import readings_question
from bot.text.phrases import contains
from bot.text.readings import Reading, readings
from bot.text.spelling import suggestion
from bot.text.vocabulary import query_terms
from bot.topics import Topics

PERIOD = timedelta(days=7)
# Of the newest headlines, by which the frequency of a word is estimated.
MAX_HEADLINES = 600
# Fewer headlines tell nothing about a frequency.
MIN_HEADLINES = 40
# A word of a larger share of the headlines is asked about.
MAX_SHARE = 0.05
# Of the stories that a search finds for a word so many are matched, newest first.
_MAX_FOUND = 100
# Headlines that are shown of a word, and words of a command that are shown with headlines.
_SHOWN, _MAX_WORDS_SHOWN = 3, 3
_MAX_TITLE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class WordCheck:
    """What is known of a typed word: why to ask before it is added, and what it would match.

    `readings` are the words that it may be a form of; `share` is that of the recent headlines with
    it; `latest` are the last week's stories with it; `correction` is the word that may be meant.
    """

    word: Word
    readings: tuple[Reading, ...]
    share: float
    latest: tuple[str, ...]
    correction: str | None

    @property
    def is_doubtful(self) -> bool:
        """Tell whether to ask before the word is added."""
        return bool(self.readings) or self.share > MAX_SHARE or self.correction is not None


async def check_words(
    db: Database, topics: Topics, reader: Subscriber, typed: Sequence[Word], *, now: datetime
) -> tuple[WordCheck, ...]:
    """Check the words against the headlines that the reader may see."""
    if not typed:
        return ()
    recent = await queries.newest(
        db.reader,
        topics=[topic.slug for topic in topics],
        languages=reader.news_languages,
        visibility=reader.visibility,
        limit=MAX_HEADLINES,
    )
    titles = [story.title for story in recent if story.published_at >= now - PERIOD]
    return tuple([await _check(db, reader, word, titles, now=now) for word in typed])


async def _check(
    db: Database, reader: Subscriber, word: Word, titles: Sequence[str], *, now: datetime
) -> WordCheck:
    found = await queries.search(
        db.reader,
        query_terms(word.text),
        languages=reader.news_languages,
        visibility=reader.visibility,
        limit=_MAX_FOUND,
    )
    recent = [story for story in found if story.published_at >= now - PERIOD]
    # A muted word hides by what is shown; here it is asked whether any article has it.
    alone = replace(reader, words=(replace(word, muted=False),))
    latest = [story.title for story in recent if matching_words(alone, story)]
    matching = sum(contains(marked_text(title, ""), word.phrase) for title in titles)
    return WordCheck(
        word=word,
        readings=readings(word.text),
        share=matching / len(titles) if len(titles) >= MIN_HEADLINES else 0.0,
        latest=tuple(latest[:_SHOWN]),
        correction=None if found else suggestion(word.text, titles),
    )


def headline_lines(checks: Sequence[WordCheck], say: Translator) -> Iterator[str]:
    """Yield the headlines of the last stories with each word, or that there is none."""
    for check in checks[:_MAX_WORDS_SHOWN]:
        if check.latest:
            yield say("Last week's stories with “{word}”:", word=check.word.text)
            yield from (f"• {escape(title[:_MAX_TITLE])}" for title in check.latest)
        else:
            yield say("No story of the last week has “{word}”.", word=check.word.text)


def question_lines(checks: Sequence[WordCheck], say: Translator) -> Iterator[str]:
    """Yield what to decide about each doubtful word."""
    for check in checks:
        if check.readings:
            yield readings_question(check.word.text, say)
        elif check.correction:
            yield say("No story of the last week has “{word}”.", word=check.word.text)
            yield say("Did you mean “{word}”?", word=check.correction)
        else:
            yield say(
                "“{word}” is in {percent} % of recent headlines. Add it anyway?",
                word=check.word.text,
                percent=str(round(100 * check.share)),
            )


def choices(checks: Sequence[WordCheck], say: Translator) -> Iterator[tuple[str, AddWord]]:
    """Yield the captions of the buttons that add a doubtful word, and their data."""
    for check in checks:
        if check.readings:
            for reading in check.readings:
                yield f"{check.word.text}: {', '.join(reading)}", AddWord.of(check.word, reading[0])
        elif check.correction:
            for text in (check.correction, check.word.text):
                yield say.plain("“{word}”", word=text), AddWord.of(check.word, text)
        else:
            yield say.plain("Yes, “{word}”", word=check.word.text), AddWord.of(check.word)
