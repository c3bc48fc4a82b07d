"""The playground's storylines through the whole pipeline, read in three languages."""

from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from itertools import islice
from typing import cast

import pytest

from bot.app.build_handlers import read_also_in
from bot.model import (
    LANGUAGES,
    ChatId,
    Entry,
    FeedId,
    Language,
    ListedFeed,
    OutgoingMessage,
    StoryId,
)
from bot.storage.database import Database
from bot.storage.feeds import feeds
from bot.storage.stories import articles, stories
from bot.storage.subscribers import subscribers
from bot.stories import article_processor
from bot.stories.analysis import build_analyzer
from bot.stories.article_processor import ArticleProcessor
from bot.stories.matching.clustering import Decision
from bot.web.urls import canonical
from bot_playground.news.script import Report, opening_reports, read_news_script, upcoming_reports
from tests.delivery.test_chapters import Messages
from tests.delivery.test_sender import sender_of
from tests.support.builders import TOPICS, guard_of
from tests.support.fakes import NOON, FakeClock

# Between two reports of the newsstand.
PACE = timedelta(minutes=20)
READERS: dict[Language, ChatId] = {
    language: ChatId(number) for number, language in enumerate(LANGUAGES, start=1)
}


def script_reports(chapters: int = 0) -> list[Report]:
    """Return the reports of the written events, in order, and of chapters of each storyline."""
    script = read_news_script()
    versions = sum(len(event.versions) for event in script.events)
    further = sum(len(storyline.versions) for storyline in script.storylines) * chapters
    opening = opening_reports(script)
    upcoming = upcoming_reports(script, NOON.date)
    return [*opening, *islice(upcoming, versions - len(opening) + further)]


@dataclass
class Newsstand:
    """Feeds of all newspapers, and the bot that reads them."""

    db: Database
    clock: FakeClock
    feeds: dict[str, FeedId]
    processor: ArticleProcessor
    mailbox: Messages
    story_of: dict[str, StoryId]
    reports: list[Report]

    async def publish(self, report: Report) -> list[tuple[ChatId, OutgoingMessage]]:
        """Publish a report; return what the readers get until the next one."""
        self.reports.append(report)
        url = f"https://{report.source.slug}.example{report.path}"
        entry = Entry(
            guid=report.id,
            url=url,
            title=report.title,
            text="\n".join(report.paragraphs),
            categories=(report.topic,),
            published_at=self.clock(),
        )
        async with self.db.transaction() as tx:
            article_id = await articles.add(
                tx,
                self.feeds[report.source.slug],
                entry,
                canonical_url=canonical(url),
                backlog=False,
                now=self.clock(),
            )
        await self.processor.step()
        place = await stories.place_of(self.db.reader, article_id)
        assert place is not None
        self.story_of[report.event] = place.story_id
        return await self.wait(PACE)

    async def wait(self, time: timedelta) -> list[tuple[ChatId, OutgoingMessage]]:
        before, end = len(self.mailbox.messages), self.clock() + time
        sender = sender_of(self.db, self.mailbox, self.clock, read_also=read_also_in(self.db))
        while self.clock() < end:
            while await sender.step():
                self.clock.advance(seconds=3)
            self.clock.advance(minutes=5)
        return self.mailbox.messages[before:]


async def open_newsstand(db: Database, clock: FakeClock) -> Newsstand:
    sources = read_news_script().sources
    listed = [
        ListedFeed(
            url=f"https://{source.slug}.example/feed",
            domain=f"{source.slug}.example",
            source=source.name,
            language=cast(Language, source.language),
            topic=None,
            pages=False,
        )
        for source in sources
    ]
    async with db.transaction() as tx:
        await feeds.sync(tx, listed, now=clock())
        rows = await tx.execute_fetchall("SELECT domain, id FROM feeds")
        for language, chat_id in READERS.items():
            await subscribers.join(tx, chat_id, kind="private", language=language, now=clock())
            await subscribers.set_topics(tx, chat_id, [each.slug for each in TOPICS], wanted=True)
    return Newsstand(
        db=db,
        clock=clock,
        feeds={row[0].removesuffix(".example"): FeedId(row[1]) for row in rows},
        processor=ArticleProcessor(
            db=db, guard=guard_of(db), analyze=build_analyzer(TOPICS), now=clock
        ),
        mailbox=Messages(),
        story_of={},
        reports=[],
    )


Headlines = dict[tuple[Language, str], list[OutgoingMessage]]


async def read_all(newsstand: Newsstand, reports: list[Report]) -> Headlines:
    """Publish the reports; return the messages by the language of the reader and the event.

    An event is named by a headline in that language.
    """
    languages = {chat_id: language for language, chat_id in READERS.items()}
    events = {(report.source.language, report.title): report.event for report in reports}
    messages: Headlines = {}
    for report in reports:
        for chat_id, message in await newsstand.publish(report):
            headline = unescape(message.text.partition("</a></b>")[0].rpartition(">")[2])
            event = events[languages[chat_id], headline]
            messages.setdefault((languages[chat_id], event), []).append(message)
    return messages


def developments(reports: list[Report]) -> set[tuple[Language, str]]:
    """Return the events of storylines, with each language in which they are reported."""
    begun = {report.follows for report in reports}
    return {
        (cast(Language, report.source.language), report.event)
        for report in reports
        if report.follows or report.event in begun
    }


async def test_each_reader_gets_each_development_once_under_a_headline_of_its_own(
    db: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsstand, reports = await open_newsstand(db, clock), script_reports()

    def decide(*_: object, **__: object) -> Decision:
        """Decide as the script of the newsstand has it."""
        report = newsstand.reports[-1]
        if same := newsstand.story_of.get(report.event):
            return Decision(relation="same", story_id=same)
        earlier = newsstand.story_of.get(report.follows or "")
        return Decision(relation="chapter" if earlier else "new", story_id=earlier)

    monkeypatch.setattr(article_processor, "decide", decide)
    messages = await read_all(newsstand, reports)
    assert developments(reports) <= messages.keys()
    assert {key: len(sent) for key, sent in messages.items() if len(sent) > 1} == {}
    follows = {report.event: report.follows for report in reports}
    for (language, event), (message,) in messages.items():
        had_earlier = (language, follows[event]) in messages
        assert (message.reply_to is not None) is had_earlier, (language, event)
        assert "Earlier:" not in message.text


async def test_nearly_all_developments_reach_each_reader_by_the_judge_and_by_words_alone(
    db: Database, clock: FakeClock
) -> None:
    newsstand, reports = await open_newsstand(db, clock), script_reports()
    messages = await read_all(newsstand, reports)
    expected = developments(reports)
    assert len(expected & messages.keys()) > 0.9 * len(expected)
    repeated = [key for key in expected if len(messages.get(key, ())) > 1]
    assert len(repeated) < 0.1 * len(expected)
