"""What each rhythm makes of days of news: messages, sounds and hours, by the bot's planner."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from statistics import median
from typing import cast

from bot.delivery.planning import RUSH, ChatFacts, plan_message
from bot.model import (
    LANGUAGES,
    Article,
    ArticleId,
    ChatId,
    Delivery,
    DeliveryId,
    HoldUntil,
    Language,
    MessagePlan,
    StoryId,
    Subscriber,
    Timetable,
    TopicSlug,
)
from bot.resources import RESOURCES
from bot.runtime.loud_lines import WEEK, learnt_line
from bot.stories.matching.story_model import story_model
from bot.stories.topics.classifier import build_classifier
from bot.topics import read_topics
from quality import data
from quality.news_days import WINDOWS, Item, item_of, replay

DAY = timedelta(days=1)
RHYTHMS: Mapping[str, Timetable] = {
    "calm": Timetable(when="calm"),
    "twice a day": Timetable(when="digest"),
    "everything": Timetable(when="everything"),
}
# Readers by the number of their topics, the most usual ones first.
READERS: Mapping[str, Sequence[str]] = {
    "1": ("war",),
    "3": ("war", "politics", "economy"),
    "12": (),
}
# What they read: what a reader of Ukrainian gets at first, and all.
READ: Mapping[str, Sequence[Language]] = {"uk": ("uk",), "all": LANGUAGES}
STORIES_A_DAY = (5, 50, 500)
DAYS_OF_EACH = 14
TOP = 10
_SEED = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A source tells a story; the first telling of it opens it."""

    at: datetime
    story: StoryId
    source: str
    language: Language
    topics: frozenset[TopicSlug]


@dataclass(slots=True, kw_only=True)
class Day:
    """What a simulated reader got, over all days.

    Of each message its time, how many stories it told and whether it sounded; of each story how
    long it waited, and when it came with a sound.
    """

    messages: list[tuple[datetime, int, bool]] = field(default_factory=list)
    waits: list[timedelta] = field(default_factory=list)
    pings: dict[StoryId, datetime] = field(default_factory=dict)
    told: set[StoryId] = field(default_factory=set)
    again: set[StoryId] = field(default_factory=set)


def report() -> str:
    """Return the section."""
    stream = sorted(read_stream(), key=lambda each: each.at)
    days = [sorted(read_marked(window), key=lambda each: each.at) for window in WINDOWS]
    return "\n".join(
        (
            "## Calm\n",
            "The bot's own planner, on two months of a thinned stream (stories and topics by"
            " the bot, words alone) and on five marked double days. A sound is a message"
            " that is not silent; the wait is that from a story's being owed to its message.\n",
            "### Two months\n",
            _rhythm_table(stream),
            f"\n### The {TOP} most told events of a marked day\n",
            _top_table(days),
            "\n### The same stream with 5, 50 and 500 stories a day, for a reader of all topics\n",
            _volume_table(stream),
        )
    )


def simulate(
    tellings: Sequence[Telling], reader: Subscriber, lines: Mapping[tuple[TopicSlug, Language], int]
) -> Day:
    """Return what the reader gets of the tellings, which are in order; `lines` are the learnt ones.

    A story is owed by its first telling in a language and topic of the reader.
    """
    chat = _Chat(reader=reader, lines=lines)
    for telling in tellings:
        chat.run_until(telling.at)
        chat.take(telling)
    if tellings:
        chat.run_until(tellings[-1].at + DAY)
    return chat.got


def lines_of(tellings: Iterable[Telling], *, days: float) -> dict[tuple[TopicSlug, Language], int]:
    """Return the lines that the bot learns from these days."""
    sources: dict[StoryId, set[str]] = defaultdict(set)
    places: dict[StoryId, set[tuple[TopicSlug, Language]]] = defaultdict(set)
    topics: dict[StoryId, set[TopicSlug]] = defaultdict(set)
    languages: dict[StoryId, set[Language]] = defaultdict(set)
    for each in tellings:
        sources[each.story].add(each.source)
        languages[each.story].add(each.language)
        topics[each.story] |= each.topics
    counts: dict[tuple[TopicSlug, Language], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for story, tellers in sources.items():
        places[story] = {(topic, lang) for topic in topics[story] for lang in languages[story]}
        for place in places[story]:
            counts[place][len(tellers)] += 1
    return {place: learnt_line(found, days=days) for place, found in counts.items()}


def read_stream() -> Iterator[Telling]:
    """Yield the tellings of the unmarked stream; what is known by its day alone is left out."""
    classify = build_classifier(read_topics(RESOURCES / "topics.toml"))
    rows = [row for row in data.rows("newsday/stream") if row["at_kind"] != "date_only"]
    unmarked = {"kind": "news", "event": "", "storyline": "", "continues": None}
    items = [item_of(row, unmarked, None) for row in rows]
    model = story_model()
    for row, told in zip(rows, replay(items, lambda item: model), strict=True):
        topics = [each.topic for each in classify(_article(row, told.item)).topics]
        yield _telling(told.item, told.story, topics)


def read_marked(window: str) -> Iterator[Telling]:
    """Yield the tellings of a double day as its reader marked them: each event is a story."""
    numbers: dict[str, StoryId] = {}
    for row, gold in data.marks(window):
        if row["at_kind"] != "date_only" and gold["kind"] in ("news", "live"):
            story = numbers.setdefault(gold["event"], StoryId(len(numbers) + 1))
            yield _telling(item_of(row, gold, None), story, gold["topics"])


def draw_days(stream: Sequence[Telling], stories_a_day: int) -> list[Telling]:
    """Return days with so many stories, drawn from all; each keeps its hour and its pace."""
    by_story: dict[StoryId, list[Telling]] = defaultdict(list)
    for each in stream:
        by_story[each.story].append(each)
    chance = random.Random(_SEED)
    pool = list(by_story.values())
    midnight = datetime(2026, 6, 1, tzinfo=UTC)
    drawn, number = [], 0
    for day in range(DAYS_OF_EACH):
        for tellings in chance.choices(pool, k=stories_a_day):
            number += 1
            first = tellings[0].at
            began = midnight + day * DAY + (first - first.replace(hour=0, minute=0, second=0))
            drawn += [
                replace(each, story=StoryId(number), at=began + (each.at - first))
                for each in tellings
            ]
    return sorted(drawn, key=lambda each: each.at)


def reader_of(
    when: Timetable, topics: Iterable[TopicSlug], languages: Iterable[Language] = LANGUAGES
) -> Subscriber:
    """Return a reader with that rhythm."""
    return Subscriber(
        chat_id=ChatId(1),
        kind="private",
        language="uk",
        news_languages=frozenset(languages),
        topics=frozenset(topics),
        paused=False,
        timetable=when,
    )


@dataclass(slots=True, kw_only=True)
class _Chat:
    """A simulated chat: what is pending, and what it got."""

    reader: Subscriber
    lines: Mapping[tuple[TopicSlug, Language], int]
    got: Day = field(default_factory=Day)
    pending: dict[StoryId, Delivery] = field(default_factory=dict)
    sources: dict[StoryId, set[str]] = field(default_factory=lambda: defaultdict(set))
    line: dict[StoryId, int] = field(default_factory=dict)
    bundled: set[StoryId] = field(default_factory=set)
    due_at: datetime | None = None

    def take(self, telling: Telling) -> None:
        """Store the telling, and owe its story where the reader wants it."""
        story, topics = telling.story, telling.topics & self.reader.topics
        self.sources[story].add(telling.source)
        is_read = telling.language in self.reader.news_languages
        found = [self.lines.get((topic, telling.language), 3) for topic in topics if is_read]
        self.line[story] = min([*found, self.line.get(story, 99)])
        is_known = story in self.pending or story in self.got.told
        if topics and is_read and not is_known:
            self._owe(story, telling.at)
        elif (
            story in self.bundled
            and story not in self.pending
            and len(self.sources[story]) >= self.line[story]
        ):
            self.bundled.discard(story)
            self._owe(story, telling.at, bundle_id=1)
        if story in self.pending:
            self.due_at = telling.at

    def run_until(self, end: datetime) -> None:
        """Send what is due before then, a message a second at the most."""
        now = self.due_at
        while now is not None and now < end and self.pending:
            plan = self._plan(now)
            if isinstance(plan, HoldUntil):
                now = max(plan.until, now + timedelta(seconds=1))
            elif plan is not None:
                self._send(plan, now)
                now += timedelta(seconds=1)
        self.due_at = now if self.pending else None

    def _owe(self, story: StoryId, at: datetime, *, bundle_id: int | None = None) -> None:
        self.pending[story] = Delivery(
            id=DeliveryId(story),
            story_id=story,
            chat_id=self.reader.chat_id,
            attempts=0,
            queued_at=at,
            bundle_id=bundle_id,
        )

    def _plan(self, now: datetime) -> MessagePlan | HoldUntil | None:
        facts = ChatFacts(
            source_counts={story: len(self.sources[story]) for story in self.pending},
            loud_from=self.line,
            sent_lately=[at for at, _, _ in self.got.messages[-9:] if at > now - RUSH],
        )
        return plan_message(self.reader, [*self.pending.values()], now=now, facts=facts)

    def _send(self, plan: MessagePlan, now: datetime) -> None:
        self.got.messages.append((now, len(plan.deliveries), not plan.silent))
        if plan.is_bundle:
            self.reader = replace(self.reader, last_bundle_at=now)
        for each in plan.deliveries:
            del self.pending[each.story_id]
            if each.bundle_id:
                self.got.again.add(each.story_id)
            else:
                self.got.waits.append(now - each.queued_at)
            self.got.told.add(each.story_id)
            if plan.is_bundle:
                self.bundled.add(each.story_id)
            elif plan.form == "story" and not plan.silent:
                self.got.pings.setdefault(each.story_id, now)


def _rhythm_table(stream: Sequence[Telling]) -> str:
    """Return the table of readers and rhythms; the lines of each day are those of its week before.

    The first week is not counted: it teaches.
    """
    head = ("topics", "languages", "rhythm", "stories a day", "messages a day", "sounds a day")
    start, end = stream[0].at + WEEK, stream[-1].at
    weeks = [start + number * WEEK for number in range((end - start) // WEEK)]
    found = []
    for (name, slugs), (read, languages), (rhythm, timetable) in product(
        READERS.items(), READ.items(), RHYTHMS.items()
    ):
        topics = [TopicSlug(slug) for slug in slugs] or _all_topics(stream)
        got = []
        for week in weeks:
            before = [each for each in stream if week - WEEK <= each.at < week]
            this = [each for each in stream if week <= each.at < week + WEEK]
            reader = reader_of(timetable, topics, languages)
            got.append(simulate(this, reader, lines_of(before, days=7)))
        found.append((name, read, rhythm, *_figures(got, 7 * len(weeks))))
    return data.table((*head, "told again", "median wait, h", "longest wait, h"), found)


def _top_table(days: Sequence[Sequence[Telling]]) -> str:
    head = ("window", "of the most told", "come with a sound", "median minutes after the second")
    found = []
    for window, day in zip(WINDOWS, days, strict=True):
        others = [each for other in days if other is not day for each in _apart(other, days)]
        lines = lines_of(others, days=2 * (len(days) - 1))
        got = simulate(day, reader_of(RHYTHMS["calm"], _all_topics(day)), lines)
        seconds = _second_sources(day)
        best = sorted(seconds, key=lambda story: (-_count(day, story), story))[:TOP]
        delays = [
            (got.pings[story] - seconds[story]) / DAY * 1440 for story in best if story in got.pings
        ]
        found.append((window, len(best), len(delays), float(median(delays)) if delays else "none"))
    return data.table(head, found)


def _volume_table(stream: Sequence[Telling]) -> str:
    head = ("stories a day", "rhythm", "told a day", "messages a day", "sounds a day", "told again")
    found = []
    for stories in STORIES_A_DAY:
        drawn = draw_days(stream, stories)
        lines = lines_of(drawn, days=DAYS_OF_EACH)
        for rhythm, timetable in RHYTHMS.items():
            got = simulate(drawn, reader_of(timetable, _all_topics(drawn)), lines)
            found.append((stories, rhythm, *_figures([got], DAYS_OF_EACH)))
    return data.table((*head, "median wait, h", "longest wait, h"), found)


def _figures(got: Sequence[Day], days: int) -> tuple[float, float, float, float, float, float]:
    """Return a day's stories, messages, sounds and second mentions, and hours waited."""
    messages = [message for each in got for message in each.messages]
    waits = [wait / timedelta(hours=1) for each in got for wait in each.waits]
    return (
        len(waits) / days,
        len(messages) / days,
        sum(is_loud for _, _, is_loud in messages) / days,
        sum(len(each.again) for each in got) / days,
        float(median(waits or [0.0])),
        max(waits, default=0.0),
    )


def _second_sources(day: Sequence[Telling]) -> dict[StoryId, datetime]:
    """Return when the second source told each story that has one."""
    tellers: dict[StoryId, set[str]] = defaultdict(set)
    seconds: dict[StoryId, datetime] = {}
    for each in day:
        tellers[each.story].add(each.source)
        if len(tellers[each.story]) == 2:
            seconds.setdefault(each.story, each.at)
    return seconds


def _count(day: Sequence[Telling], story: StoryId) -> int:
    return len({each.source for each in day if each.story == story})


def _apart(day: Sequence[Telling], days: Sequence[Sequence[Telling]]) -> Iterator[Telling]:
    """Yield the tellings with numbers that no other day has."""
    place = next(number for number, each in enumerate(days) if each is day)
    for each in day:
        yield replace(each, story=StoryId(each.story + 1_000_000 * place))


def _all_topics(tellings: Iterable[Telling]) -> list[TopicSlug]:
    return sorted({topic for each in tellings for topic in each.topics})


def _telling(item: Item, story: StoryId, topics: Iterable[str]) -> Telling:
    return Telling(
        at=item.article.published_at,
        story=story,
        source=item.article.source,
        language=cast(Language, item.article.language),
        topics=frozenset(TopicSlug(topic) for topic in topics),
    )


def _article(row: data.Row, item: Item) -> Article:
    return Article(
        id=ArticleId(0),
        source=item.article.source,
        feed_language=cast(Language, item.article.language),
        feed_topic=None,
        url=data.said(row, "url"),
        canonical_url=data.said(row, "url"),
        title=data.said(row, "title"),
        text=data.said(row, "text"),
        categories=(),
        published_at=item.article.published_at,
        backlog=False,
    )
