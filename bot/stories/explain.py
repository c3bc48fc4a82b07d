"""What does the newsroom make of an article, and why? The same as the editor, storing nothing."""

import asyncio
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import aiosqlite

from bot.model import (
    LANGUAGES,
    AlikeStory,
    Article,
    ArticleId,
    ArticleLanguage,
    Language,
    StoredTelling,
    Story,
    StoryId,
)
from bot.storage import stories, tellings
from bot.stories.editor import SAME_TITLE_WITHIN
from bot.stories.embedding import Embed
from bot.stories.fingerprint import fingerprint, search_keys, unpack
from bot.stories.grouping import JOINS_FROM, WINDOW, Candidate, matches
from bot.stories.language import detect
from bot.stories.own_links import OwnLink
from bot.stories.rareness import rareness
from bot.stories.related import WITHIN, Offer, asked, choose, offers, terms
from bot.stories.sameness import Telling
from bot.stories.summary import summarise
from bot.stories.titles import title_key
from bot.stories.topics import Filing, classifier
from bot.topics import Topics

# Of the stories that look alike; the rest is far off.
MOST_LIKELY = 5

# What no reader sees, or what would turn a terminal's line round; half a surrogate pair, too.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
# Newer than any story: all that are stored are earlier ones.
_NOT_STORED = StoryId(2**63 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """An article as it was handed in, in plain text: cleaned, and cut as feeds are.

    `language` is the one that its source usually writes, None: unknown. `links` are its editor's.
    """

    title: str
    text: str
    url: str = ""
    categories: tuple[str, ...] = ()
    language: Language | None = None
    links: tuple[OwnLink, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What its words and its publisher tell of an article."""

    language: ArticleLanguage
    filing: Filing
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where an article would stand among the stories.

    `story` is what it would join; None: it would open one, or none. That is `certain` by its
    address or its headline, else by the likeness. `likely` are those that look alike, with their
    log-odds, the likeliest first. `offers` would stand under "Read also".
    """

    story: Story | None
    certain: bool
    likely: tuple[tuple[Story, float], ...]
    offers: tuple[Offer, ...]


Explain = Callable[[Submission], Findings]


def plain(text: str, length: int) -> str:
    """Return the text as feeds give it: composed, without controls, of `length` at most."""
    return _UNWANTED.sub("", unicodedata.normalize("NFC", text[:length]))[:length].strip()


def explainer(topics: Topics) -> Explain:
    """Return the function that finds what an article is; it takes some milliseconds.

    Raises:
        SetupError: if the model of topics cannot be read.
    """
    classify = classifier(topics)

    def explain(given: Submission) -> Findings:
        language = _language(given)
        return Findings(
            language=language,
            filing=classify(_article(given)),
            summary=summarise(given.title, given.text, language=language),
        )

    return explain


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Where stories are looked up: as at `now`, for a reader of all topics and languages.

    `canonical` makes addresses comparable; `embed` is the editor's.
    """

    db: aiosqlite.Connection
    topics: Topics
    canonical: Callable[[str], str]
    embed: Embed | None
    now: datetime

    async def place(self, given: Submission, findings: Findings) -> Placement:
        """Return where the article would stand; it is taken to be published now."""
        known = await self._stored(given.url, title=title_key(given.title))
        likely = await self._likely(given, findings.language)
        joined = known or next((story for story, odds in likely if odds >= JOINS_FROM), None)
        offered = await self._offers(given, findings, joined)
        return Placement(story=joined, certain=known is not None, likely=likely, offers=offered)

    async def _stored(self, url: str, *, title: str = "") -> Story | None:
        """Return the story at this address or with this headline's key; empty ones equal none."""
        story_id = await stories.same(
            self.db,
            canonical_url=self.canonical(url),
            title_key=title,
            published_at=self.now,
            title_within=SAME_TITLE_WITHIN,
        )
        return None if story_id is None else await stories.get(self.db, story_id)

    async def _likely(
        self, given: Submission, language: ArticleLanguage
    ) -> tuple[tuple[Story, float], ...]:
        if language == "other":
            return ()
        print_ = fingerprint(given.title, given.text)
        # In a thread: it takes a tenth of a second.
        vector = self.embed and await asyncio.to_thread(self.embed, given.title, given.text)
        its = Telling(language=language, fingerprint=print_, vector=vector)
        weights = [(key, rareness(key) ** 2) for key in search_keys(print_)]
        found = await tellings.alike(self.db, weights, since=self.now - WINDOW)
        ranked = matches(its, map(_candidate, found), source="", published_at=self.now)
        shown = [(await stories.get(self.db, m.story_id), m.odds) for m in ranked[:MOST_LIKELY]]
        return tuple((story, odds) for story, odds in shown if story is not None)

    async def _offers(
        self, given: Submission, findings: Findings, joined: Story | None
    ) -> tuple[Offer, ...]:
        slugs = [topic.slug for topic in self.topics]
        own = [await self._stored(link.url) or link for link in given.links]
        if joined is not None:
            return await offers(self.db, joined, topics=slugs, languages=LANGUAGES, own=own)
        story = _opened(given, findings, self.now)
        if story is None:
            return ()
        its_terms = terms(given.title, given.text)
        candidates = await stories.sharing_terms(
            self.db,
            story,
            words=asked(its_terms),
            topics=slugs,
            languages=LANGUAGES,
            since=self.now - WITHIN,
        )
        return choose(story, its_terms, candidates, own=own)


def _language(given: Submission) -> ArticleLanguage:
    """Detect the language; where the source's is unknown, only what the text itself tells."""
    if given.language is not None:
        return detect(given.title, given.text, prior=given.language)
    found = [detect(given.title, given.text, prior=prior) for prior in LANGUAGES]
    # To each of two priors out of three the text has nothing to answer but what it says.
    ((language, votes),) = Counter(found).most_common(1)
    return language if votes > 1 else "other"


def _article(given: Submission) -> Article:
    return Article(
        id=ArticleId(0),
        source="",
        feed_language=given.language or LANGUAGES[0],
        feed_topic=None,
        url=given.url,
        canonical_url=given.url,
        title=given.title,
        text=given.text,
        categories=given.categories,
        published_at=datetime.fromtimestamp(0, UTC),
        backlog=False,
    )


def _opened(given: Submission, findings: Findings, now: datetime) -> Story | None:
    """Return the story that the article would open; None: it is no story for us."""
    topic = findings.filing.main
    if topic is None or findings.language == "other":
        return None
    return Story(
        id=_NOT_STORED,
        topic=topic,
        others=findings.filing.others,
        language=findings.language,
        title=given.title,
        summary=findings.summary,
        url=given.url,
        source="",
        published_at=now,
    )


def _candidate(found: AlikeStory) -> Candidate:
    return Candidate(
        story_id=found.story_id,
        published_at=found.published_at,
        sources=found.sources,
        tellings=tuple(_telling(language, stored) for language, stored in found.tellings),
    )


def _telling(language: ArticleLanguage, stored: StoredTelling) -> Telling:
    return Telling(language=language, fingerprint=unpack(stored.fingerprint), vector=stored.vector)
