"""Script of the invented news: events, their reports in every newspaper, and the order of these.

After the events of `news.toml` the storylines of `storylines.toml` continue them, without end.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from heapq import heappop, heappush
from importlib.resources import files
from itertools import chain, count

from pydantic import TypeAdapter

# Each further newspaper reports an event so many events later: other news comes in between, and
# the bot has to recognize a story that it has already sent.
PUBLISHER_LAG = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A newspaper and the format of its feed; `body` is "full" or "teaser".

    One without `pictures` shows that a preview of its page has none.
    """

    slug: str
    name: str
    about: str
    language: str
    format: str
    encoding: str
    body: str
    pictures: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An event as one newspaper reports it."""

    source: Source
    event: str
    topic: str
    follows: str | None
    title: str
    paragraphs: tuple[str, ...]

    @property
    def id(self) -> str:
        """The id of the feed item."""
        return f"{self.source.slug}-{self.event}"

    @property
    def path(self) -> str:
        """The path of the article's page."""
        return f"/{self.source.slug}/{self.event}.html"

    @property
    def picture_path(self) -> str:
        """The path of the article's picture; empty where the newspaper has none."""
        return f"/{self.source.slug}/{self.event}.jpg" if self.source.pictures else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventVersion:
    """An event as one newspaper reports it; `source` is a slug, `text` has a line per paragraph."""

    source: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event and its versions; `follows` is the slug of an earlier event.

    One `on_demand` is published when somebody asks for it, out of turn.
    """

    slug: str
    topic: str
    follows: str | None = None
    on_demand: bool = False
    versions: tuple[EventVersion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Storyline:
    """Chapters without end after the event that the first one `follows`.

    The `things` are by language; `count` is that of the first chapter and grows by `step`.
    """

    slug: str
    topic: str
    follows: str
    count: int
    step: int
    things: Mapping[str, tuple[str, ...]]
    versions: tuple[EventVersion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsScript:
    """Content of both files; `places`, `months`, `words` and `sections` are by language."""

    sources: tuple[Source, ...]
    events: tuple[Event, ...]
    storylines: tuple[Storyline, ...]
    opening: int
    places: Mapping[str, tuple[str, ...]]
    months: Mapping[str, tuple[str, ...]]
    words: Mapping[str, Mapping[str, str]]
    sections: Mapping[str, Mapping[str, str]]


def read_news_script() -> NewsScript:
    """Return the script that the package ships."""
    folder = files("bot_playground.news")
    names = ("news.toml", "storylines.toml")
    texts = (folder.joinpath(name).read_text(encoding="utf-8") for name in names)
    content = {key: value for text in texts for key, value in tomllib.loads(text).items()}
    return TypeAdapter(NewsScript).validate_python(content)


def opening_reports(news_script: NewsScript) -> tuple[Report, ...]:
    """Return the reports that are published before the start, oldest first."""
    return tuple(_in_order(news_script, news_script.events[: news_script.opening]))


def upcoming_reports(news_script: NewsScript, today: Callable[[], date]) -> Iterator[Report]:
    """Yield the reports after those, in order and without end: no two have the same title."""
    written = news_script.events[news_script.opening :]
    return _in_order(
        news_script,
        chain(
            (event for event in written if not event.on_demand),
            (
                chapter(news_script, storyline, number, today())
                for number in count(1)
                for storyline in news_script.storylines
            ),
        ),
    )


def chapter(news_script: NewsScript, storyline: Storyline, number: int, today: date) -> Event:
    """Return a chapter of a storyline, dated; numbers count from 1."""
    languages = {source.slug: source.language for source in news_script.sources}
    total = storyline.count + number * storyline.step
    # Not all storylines come to a place at the same time.
    turn = number + news_script.storylines.index(storyline)

    def filled(text: str, language: str) -> str:
        places, things = news_script.places[language], storyline.things[language]
        return text.format(
            place=places[turn % len(places)],
            thing=things[number % len(things)],
            count=f"{total:,}".replace(",", "," if language == "en" else "\u00a0"),
            date=f"{today.day} {news_script.months[language][today.month - 1]}",
            number=number,
        )

    return Event(
        slug=f"{storyline.slug}-{number}",
        topic=storyline.topic,
        follows=f"{storyline.slug}-{number - 1}" if number > 1 else storyline.follows,
        versions=tuple(
            EventVersion(
                source=version.source,
                title=filled(version.title, languages[version.source]),
                text=filled(version.text, languages[version.source]),
            )
            for version in storyline.versions
        ),
    )


def next_chapter(news_script: NewsScript, event: str, today: date) -> Event | None:
    """Return the event that follows this one, if the script has one."""
    for later in news_script.events:
        if later.follows == event:
            return later
    slug, _, number = event.rpartition("-")
    for storyline in news_script.storylines:
        if storyline.follows == event:
            return chapter(news_script, storyline, 1, today)
        if storyline.slug == slug:
            return chapter(news_script, storyline, int(number) + 1, today)
    return None


def reports_of(news_script: NewsScript, event: Event) -> tuple[Report, ...]:
    """Return an event as each newspaper reports it."""
    sources = {source.slug: source for source in news_script.sources}
    return tuple(
        Report(
            source=sources[version.source],
            event=event.slug,
            topic=event.topic,
            follows=event.follows,
            title=version.title,
            paragraphs=tuple(version.text.strip().splitlines()),
        )
        for version in event.versions
    )


def _in_order(news_script: NewsScript, events: Iterable[Event]) -> Iterator[Report]:
    """Yield the reports of the events, each newspaper's `PUBLISHER_LAG` after the one before."""
    waiting: list[tuple[float, int, int, Report]] = []
    for position, event in enumerate(events):
        while waiting and waiting[0][0] < position:
            yield heappop(waiting)[-1]
        for turn, report in enumerate(reports_of(news_script, event)):
            heappush(waiting, (position + PUBLISHER_LAG * turn, position, turn, report))
    while waiting:
        yield heappop(waiting)[-1]
