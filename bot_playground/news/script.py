"""What do the newsstand's newspapers write, and in which order? Pure but for reading the file."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain, count, islice

from pydantic import TypeAdapter

# A second newspaper has the story one and a half events later: other news comes in between, as it
# does in life, and the bot has to recognise a story that it has already sent.
LAG = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A newspaper and the habits of its feed."""

    slug: str
    name: str
    about: str
    language: str
    format: str
    encoding: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How one newspaper tells one event on one day; the days count from 1."""

    source: Source
    event: str
    topic: str
    follows: str | None
    title: str
    paragraphs: tuple[str, ...]
    day: int

    @property
    def id(self) -> str:
        """The same telling has another id every day."""
        return f"{self.source.slug}-{self.event}-{self.day}"

    @property
    def path(self) -> str:
        """Where its page is on the newsstand."""
        suffix = "" if self.day == 1 else f"-day-{self.day}"
        return f"/{self.source.slug}/{self.event}{suffix}.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventVersion:
    """An event in the words of one newspaper, named by its slug; `text` has a line a paragraph."""

    source: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, and who tells it; `follows` is the slug of an earlier event."""

    slug: str
    topic: str
    follows: str | None = None
    tellings: tuple[EventVersion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsScript:
    """Everything in `news.toml`; the tables of words are by language."""

    sources: tuple[Source, ...]
    events: tuple[Event, ...]
    opening: int
    days: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    sections: Mapping[str, Mapping[str, str]]


def read_news_script() -> NewsScript:
    """Return the newsroom that the package ships."""
    text = files("bot_playground.news").joinpath("news.toml").read_text(encoding="utf-8")
    return TypeAdapter(NewsScript).validate_python(tomllib.loads(text))


def opening_reports(news_script: NewsScript) -> tuple[Report, ...]:
    """Return what is already out when the newsstand opens, oldest first."""
    return tuple(_day(news_script, news_script.events[: news_script.opening], day=1))


def coming_reports(news_script: NewsScript) -> Iterator[Report]:
    """Yield what is published after that, in order and without end.

    After the last report the same events happen again. From this second day on every headline
    ends with the number of the day ("Storm cuts power — day 2"), and ids and addresses carry it.
    """
    out = len(opening_reports(news_script))
    first = _all(news_script, day=1)
    yield from islice(first, out, None)
    yield from chain.from_iterable(_all(news_script, day=day) for day in count(2))


def _all(news_script: NewsScript, *, day: int) -> Iterator[Report]:
    """Yield a whole day. The events of the opening are told to the end before others begin."""
    yield from _day(news_script, news_script.events[: news_script.opening], day=day)
    yield from _day(news_script, news_script.events[news_script.opening :], day=day)


def _day(news_script: NewsScript, events: tuple[Event, ...], *, day: int) -> Iterator[Report]:
    sources = {source.slug: source for source in news_script.sources}
    queue = [
        (place + LAG * turn, event, telling)
        for place, event in enumerate(events)
        for turn, telling in enumerate(event.tellings)
    ]
    for _, event, telling in sorted(queue, key=lambda entry: entry[0]):
        source = sources[telling.source]
        pattern = news_script.days[source.language] if day > 1 else "{title}"
        yield Report(
            source=source,
            event=event.slug,
            topic=event.topic,
            follows=event.follows,
            title=pattern.format(title=telling.title, day=day),
            paragraphs=tuple(telling.text.strip().splitlines()),
            day=day,
        )
