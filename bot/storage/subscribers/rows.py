"""Subscribers as the tables hold them: one row with all settings, read into a value.

What a row holds may have become meaningless since it was written: a time zone is removed, a newer
version has written another word. Such a setting counts as never set, and is logged; to read the row
never fails, so that one chat cannot stop the messages to all others.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any, TypeVar, get_args

import aiosqlite

from bot.model import (
    LANGUAGES,
    ChatId,
    ChatKind,
    FeedId,
    Phrase,
    PhraseId,
    Pictures,
    PostLook,
    Quiet,
    StoryId,
    Subscriber,
    ThreadBinding,
    ThreadId,
    Timetable,
    TopicSlug,
    Visibility,
    When,
    Word,
)
from bot.model.subscribers import ThreadState
from bot.storage.times import from_seconds
from bot.timezones import is_zone

log = logging.getLogger(__name__)

Setting = TypeVar("Setting")

_TIMETABLE_COLUMNS = (
    "mode",
    "digest_at",
    "zone",
    "quiet_since",
    "quiet_until",
    "silently",
    "urgent_from",
    "per_day",
    "weekday",
)
# What a value raises that cannot be read.
_MEANINGLESS = (ArithmeticError, LookupError, OSError, RecursionError, TypeError, ValueError)
_DAY_MINUTES = 24 * 60
_DEFAULT_FRESH_HOURS = 24
_MAX_FRESH_HOURS = 366 * 24

SELECT_SUBSCRIBER = """
        SELECT chat_id, paused_at IS NOT NULL,
               nullif(asked_at, 0), nullif(bundled_at, 0), nullif(back_at, 0),
               kind, language, fresh_hours, pictures,
               (SELECT json_group_array(topic) FROM subscriptions
                 WHERE subscriptions.chat_id = subscribers.chat_id),
               (SELECT json_group_array(language) FROM news_languages
                 WHERE news_languages.chat_id = subscribers.chat_id),
               (SELECT json_array(mode, digest_at, zone, quiet_since, quiet_until, silently,
                                  urgent_from, per_day, weekday)
                  FROM timetables WHERE timetables.chat_id = subscribers.chat_id),
               (SELECT json_group_array(json_array(topic, thread_id, state))
                  FROM threads WHERE threads.chat_id = subscribers.chat_id),
               (SELECT json_group_array(json_array(said, stems, sounds, muted, topic, phrase_id))
                  FROM (SELECT * FROM words JOIN phrases ON phrases.id = phrase_id
                         WHERE words.chat_id = subscribers.chat_id ORDER BY said)),
               (SELECT json_group_array(feed_id) FROM refusals
                 WHERE refusals.chat_id = subscribers.chat_id),
               (SELECT json_group_array(feed_id) FROM own_feeds
                 WHERE own_feeds.chat_id = subscribers.chat_id),
               (SELECT json_group_array(storyline) FROM followed_storylines
                 WHERE followed_storylines.chat_id = subscribers.chat_id),
               (SELECT json_array(summary, source, read_also, buttons, picture, own_line, per_hour,
                                  bundles)
                  FROM post_looks
                 WHERE post_looks.chat_id = subscribers.chat_id AND is_draft = 0)
          FROM subscribers
"""


def read_subscriber(row: aiosqlite.Row) -> Subscriber:
    """Return the subscriber of a row of `SELECT_SUBSCRIBER`."""
    chat_id, paused, requested_at, bundled_at, back_at = row[:5]
    values, meaningless = _read_settings(row[5:], is_person=chat_id > 0)
    for name in meaningless:
        _warn_once(chat_id, name)

    def instant(name: str, seconds: int | None) -> datetime | None:
        try:
            return None if seconds is None else from_seconds(seconds)
        except _MEANINGLESS:
            _warn_once(chat_id, name)
            return None

    return Subscriber(
        chat_id=ChatId(chat_id),
        paused=bool(paused),
        digest_requested_at=instant("asked_at", requested_at),
        last_bundle_at=instant("bundled_at", bundled_at),
        back_at=instant("back_at", back_at),
        **values,
    )


# Most chats have made one of few choices: theirs are read once.
@lru_cache(maxsize=2048)
def _read_settings(
    row: tuple[Any, ...], *, is_person: bool
) -> tuple[Mapping[str, Any], frozenset[str]]:
    """Return the settings by their names in `Subscriber`, and which of them are meaningless.

    `row` is one of `SELECT_SUBSCRIBER` from its column `kind` on.
    """
    (
        kind, language, fresh_hours, pictures, topics, news_languages, timetable, threads,
        words, refused, own, storylines, look,
    ) = row  # fmt: skip
    meaningless: set[str] = set()

    def read(name: str, parse: Callable[[], Setting], default: Setting) -> Setting:
        try:
            return parse()
        except _MEANINGLESS:
            meaningless.add(name)
            return default

    spoken = read("language", lambda: _one_of(language, LANGUAGES), LANGUAGES[-1])
    known = [each for each in json.loads(news_languages) if each in LANGUAGES]
    values = {
        "kind": read(
            "kind", lambda: _one_of(kind, get_args(ChatKind)), "private" if is_person else "group"
        ),
        "language": spoken,
        "fresh_for": read(
            "fresh_hours",
            lambda: timedelta(hours=_within(fresh_hours, 0, _MAX_FRESH_HOURS)),
            timedelta(hours=_DEFAULT_FRESH_HOURS),
        ),
        "topics": frozenset(TopicSlug(topic) for topic in json.loads(topics)),
        "news_languages": frozenset(known or [spoken]),
        "timetable": _timetable(timetable, read),
        "thread_bindings": tuple(
            ThreadBinding(
                topic=TopicSlug(topic),
                thread_id=ThreadId(thread_id),
                state=read("thread", partial(_one_of, state, get_args(ThreadState)), "open"),
            )
            for topic, thread_id, state in json.loads(threads)
        ),
        "words": tuple(
            Word(
                text=text,
                phrase=Phrase(stems=stems, sounds=sounds),
                muted=bool(muted),
                topic=TopicSlug(topic) if topic else None,
                id=PhraseId(phrase_id),
            )
            for text, stems, sounds, muted, topic, phrase_id in json.loads(words)
        ),
        "visibility": Visibility(
            refused=frozenset(map(FeedId, json.loads(refused))),
            own=frozenset(map(FeedId, json.loads(own))),
        ),
        "followed_storylines": frozenset(map(StoryId, json.loads(storylines))),
        "has_chosen_when": timetable is not None,
        "pictures": read("pictures", lambda: _one_of(pictures, get_args(Pictures)), "important"),
        "look": read(
            "look", lambda: read_look(json.loads(look)) if look else PostLook(), PostLook()
        ),
    }
    return values, frozenset(meaningless)


def read_look(row: Sequence[Any]) -> PostLook:
    """Return the look of a row of the table `post_looks`, from its column `summary` on."""
    *shown, own_line, per_hour, bundles = row
    summary, source, read_also, buttons, picture = map(bool, shown)
    return PostLook(
        summary=summary,
        source=source,
        read_also=read_also,
        buttons=buttons,
        picture=picture,
        own_line=own_line,
        per_hour=None if per_hour is None else _within(per_hour, 1, None),
        bundles=bool(bundles),
    )


def checked_timetable(row: Mapping[str, object]) -> Timetable:
    """Return the timetable of a row of another database; what means nothing is the default."""

    def read(_: str, parse: Callable[[], Any], default: Any) -> Any:
        try:
            return parse()
        except _MEANINGLESS:
            return default

    readable = {**row, "digest_at": json.dumps(row.get("digest_at"))}
    return _timetable(json.dumps([readable.get(name) for name in _TIMETABLE_COLUMNS]), read)


def _timetable(packed: str | None, read: Callable[[str, Callable[[], Any], Any], Any]) -> Timetable:
    """Return the timetable of a JSON array; None: nothing was chosen, so the default."""
    default = Timetable()
    if packed is None:
        return default
    when, digest_at, zone, since, until, silently, urgent_from, per_day, weekday = json.loads(
        packed
    )
    return Timetable(
        when=read("mode", lambda: _one_of(when, get_args(When)), default.when),
        digest_at=read(
            "digest_at",
            lambda: _checked(
                times := tuple(sorted({*map(_minute_of_day, json.loads(digest_at))})), bool(times)
            ),
            default.digest_at,
        ),
        zone=read("zone", lambda: _checked(zone, is_zone(zone)), default.zone),
        quiet=read(
            "quiet hours",
            lambda: (
                None
                if since is None
                else Quiet(
                    since=_minute_of_day(since),
                    until=_minute_of_day(until),
                    silently=bool(silently),
                    urgent_from=None if urgent_from is None else _within(urgent_from, 1, None),
                )
            ),
            None,
        ),
        per_day=read(
            "per_day", lambda: None if per_day is None else _within(per_day, 1, None), None
        ),
        weekday=read("weekday", lambda: None if weekday is None else _within(weekday, 0, 6), None),
    )


def _one_of(value: object, choices: tuple[Setting, ...]) -> Setting:
    """Return the choice that equals the value."""
    return choices[choices.index(value)]


def _checked(value: Setting, is_valid: bool) -> Setting:
    """Return the value if it is valid."""
    if not is_valid:
        raise ValueError(value)
    return value


def _minute_of_day(value: object) -> int:
    return _within(value, 0, _DAY_MINUTES - 1)


def _within(value: object, least: int, most: int | None) -> int:
    if not isinstance(value, int) or value < least or (most is not None and value > most):
        raise ValueError("out of its range")
    return value


@lru_cache(maxsize=1024)
def _warn_once(chat_id: int, name: str) -> None:
    """Log it once a process: a chat that is due is read every second."""
    log.warning("chat %d: its %s cannot be read, and counts as never set", chat_id, name)
