"""Script of the invented news: events, their reports in every newspaper, and the order of these."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import count, islice

from pydantic import TypeAdapter

# Each further newspaper reports an event so many events later: other news comes in between, and
# the bot has to recognize a story that it has already sent.
PUBLISHER_LAG = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A newspaper and the format of its feed; `body` is "full" or "teaser"."""

    slug: str
    name: str
    about: str
    language: str
    format: str
    encoding: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An event as one newspaper reports it on one day; days count from 1."""

    source: Source
    event: str
    topic: str
    follows: str | None
    title: str
    paragraphs: tuple[str, ...]
    day: int

    @property
    def id(self) -> str:
        """The id of the feed item; another one every day."""
        return f"{self.source.slug}-{self.event}-{self.day}"

    @property
    def path(self) -> str:
        """The path of the article's page."""
        suffix = "" if self.day == 1 else f"-day-{self.day}"
        return f"/{self.source.slug}/{self.event}{suffix}.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventVersion:
    """An event as one newspaper reports it; `source` is a slug, `text` has a line per paragraph."""

    source: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event and its versions; `follows` is the slug of an earlier event."""

    slug: str
    topic: str
    follows: str | None = None
    versions: tuple[EventVersion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsScript:
    """Content of `news.toml`; `days`, `words` and `sections` are by language."""

    sources: tuple[Source, ...]
    events: tuple[Event, ...]
    opening: int
    days: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    sections: Mapping[str, Mapping[str, str]]


def read_news_script() -> NewsScript:
    """Return the script that the package ships."""
    text = files("bot_playground.news").joinpath("news.toml").read_text(encoding="utf-8")
    return TypeAdapter(NewsScript).validate_python(tomllib.loads(text))


def opening_reports(news_script: NewsScript) -> tuple[Report, ...]:
    """Return the reports that are published before the start, oldest first."""
    return tuple(_reports(news_script, news_script.events[: news_script.opening], day=1))


def upcoming_reports(news_script: NewsScript) -> Iterator[Report]:
    """Yield the reports after those, in order and without end.

    After the last report the same events happen again. From this second day on every headline
    ends with the number of the day ("Storm cuts power — day 2"), and so do ids and addresses.
    """
    n_published = len(opening_reports(news_script))
    yield from islice(_whole_day(news_script, day=1), n_published, None)
    for day in count(2):
        yield from _whole_day(news_script, day=day)


def _whole_day(news_script: NewsScript, *, day: int) -> Iterator[Report]:
    """Yield the reports of a day; those of the opening events come before all others."""
    yield from _reports(news_script, news_script.events[: news_script.opening], day=day)
    yield from _reports(news_script, news_script.events[news_script.opening :], day=day)


def _reports(news_script: NewsScript, events: tuple[Event, ...], *, day: int) -> Iterator[Report]:
    sources = {source.slug: source for source in news_script.sources}
    queue = [
        (position + PUBLISHER_LAG * turn, event, version)
        for position, event in enumerate(events)
        for turn, version in enumerate(event.versions)
    ]
    for _, event, version in sorted(queue, key=lambda entry: entry[0]):
        source = sources[version.source]
        pattern = news_script.days[source.language] if day > 1 else "{title}"
        yield Report(
            source=source,
            event=event.slug,
            topic=event.topic,
            follows=event.follows,
            title=pattern.format(title=version.title, day=day),
            paragraphs=tuple(version.text.strip().splitlines()),
            day=day,
        )
