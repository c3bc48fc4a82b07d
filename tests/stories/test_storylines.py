"""What the article processor makes of an article that is the same, a chapter or new."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.model import (
    LANGUAGES,
    Article,
    ArticleAnalysis,
    ArticleKind,
    ArticleSignature,
    ChatId,
    FoundFeed,
    Language,
    Quiet,
    Story,
    StoryId,
    Timetable,
    TopicSlug,
    Visibility,
)
from bot.storage import statistics
from bot.storage.database import Database
from bot.storage.feeds import own_feeds
from bot.storage.outbox import deliveries
from bot.storage.stories import queries, saved, stories, storylines
from bot.storage.subscribers import subscribers
from bot.stories import article_processor
from bot.stories.article_processor import ArticleProcessor
from bot.stories.matching.clustering import ClusterCandidate, Decision
from bot.stories.matching.fingerprint import fingerprint, pack, title_key
from bot.stories.related import terms
from bot.text.vocabulary import query_terms
from tests.support.builders import (
    SPORT,
    WAR,
    add_article,
    entry,
    guard_of,
    reading,
    receive,
    subscribe,
)
from tests.support.fakes import NOON, FakeClock

TRUCE = "Truce between Northland and Southland agreed in Lakeside"
HOUR = timedelta(hours=1)


def read(article: Article) -> ArticleAnalysis:
    """Analyse an article by its words; one in Ukrainian has a headline in Cyrillic."""
    language: Language = "uk" if article.title[0] > "я" or article.title[0] in "АБПТ" else "en"
    return replace(
        reading(language=language, terms=terms(article.title, article.text)),
        title_key=title_key(article.title),
        signature=ArticleSignature(fingerprint=pack(fingerprint(article.title, article.text))),
    )


@dataclass
class Judge:
    """Decides as the test says, and keeps what it was shown."""

    decisions: list[Decision] = field(default_factory=list)
    shown: list[tuple[ClusterCandidate, ...]] = field(default_factory=list)

    def __call__(self, _: object, candidates: Iterable[ClusterCandidate], **__: object) -> Decision:
        self.shown.append(tuple(candidates))
        return self.decisions.pop(0) if self.decisions else Decision(relation="new")


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Judge:
    judge = Judge()
    monkeypatch.setattr(article_processor, "decide", judge)
    return judge


@dataclass
class Newsroom:
    """Publishes articles and processes them."""

    db: Database
    processor: ArticleProcessor

    async def tell(self, title: str, *, source: str = "The Harbour Courier", url: str = "") -> int:
        """Let a public feed publish an article; return its story, 0 for none."""
        article = await receive(self.db, title, source=source, url=url, text="")
        await self.processor.step()
        place = await stories.place_of(self.db.reader, article.id)
        return place.story_id if place else 0

    async def tell_privately(
        self, title: str, *, owner: ChatId, url: str = "", name: str = "Own", feed: str = "own"
    ) -> int:
        """Let a feed that this chat has added publish an article; return its story."""
        found = FoundFeed(
            url=f"https://{feed}.example/rss", domain=f"{feed}.example", title=name, newest=()
        )
        async with self.db.transaction() as tx:
            feed_id = await own_feeds.add(tx, owner, found, language="en", now=NOON)
            brought = entry(title, url=url or f"https://{feed}.example/{title}")
            article_id = await add_article(tx, feed_id, brought)
        await self.processor.step()
        place = await stories.place_of(self.db.reader, article_id)
        assert place is not None
        return place.story_id

    async def owed(self, chat_id: ChatId) -> list[int]:
        pending = await deliveries.pending(self.db.reader, [chat_id], now=NOON + 9 * HOUR)
        return [delivery.story_id for delivery in pending[chat_id]]

    async def shown(
        self, story_id: int, *languages: Language, visibility: Visibility | None = None
    ) -> Story:
        story = await queries.get(
            self.db.reader,
            StoryId(story_id),
            languages=languages or LANGUAGES,
            visibility=visibility or Visibility(),
        )
        assert story is not None
        return story


@pytest.fixture
def newsroom(db: Database, clock: FakeClock, judge: Judge) -> Newsroom:
    del judge
    return Newsroom(db, ArticleProcessor(db=db, guard=guard_of(db), analyze=read, now=clock))


def same(story_id: int, *, bridge: int | None = None) -> Decision:
    return Decision(
        relation="same",
        story_id=StoryId(story_id),
        bridge=None if bridge is None else StoryId(bridge),
    )


def chapter(story_id: int) -> Decision:
    return Decision(relation="chapter", story_id=StoryId(story_id))


async def test_a_chapter_is_owed_as_a_story_of_its_own_that_continues_the_earlier_one(
    newsroom: Newsroom, judge: Judge
) -> None:
    ann = await subscribe(newsroom.db, 1, WAR)
    first = await newsroom.tell("Talks on a truce begin")
    judge.decisions = [chapter(first)]
    second = await newsroom.tell(TRUCE)
    judge.decisions = [chapter(second)]
    third = await newsroom.tell("Truce holds for a day, observers say")
    assert await newsroom.owed(ann) == [first, second, third]
    story = await newsroom.shown(third)
    assert (story.title, story.continues) == ("Truce holds for a day, observers say", second)
    assert story.storyline == first


async def test_a_story_is_shown_by_its_newest_article_in_a_language_of_the_reader(
    newsroom: Newsroom, judge: Judge
) -> None:
    first = await newsroom.tell("Two dead in Lakeside fire")
    judge.decisions = [same(first), same(first)]
    await newsroom.tell("Пожежа в Луговому: двоє загиблих", source="Маяк")
    await newsroom.tell("Nine dead in the fire at Lakeside, mayor says", source="The Herald")
    assert (await newsroom.shown(first, "en")).title.startswith("Nine dead")
    assert (await newsroom.shown(first, "uk")).title.startswith("Пожежа")


async def test_every_article_of_a_story_is_found_by_its_words_in_every_language(
    newsroom: Newsroom, judge: Judge
) -> None:
    first = await newsroom.tell("Guns silent in Northland")
    judge.decisions = [same(first), same(first)]
    await newsroom.tell("Перемир'я набуло чинності", source="Маяк")
    await newsroom.tell("Ceasefire takes effect", source="The Herald")
    for words in ("ceasefire", "silent", "перемир'я"):
        found = await queries.search(
            newsroom.db.reader, query_terms(words), languages=["uk"], limit=9
        )
        assert [story.title for story in found] == ["Перемир'я набуло чинності"], words
    of_lead = await stories.terms(newsroom.db.reader, StoryId(first))
    assert set(of_lead) == set(terms("Guns silent in Northland", ""))


async def test_an_article_without_a_topic_opens_a_story(
    newsroom: Newsroom, db: Database, clock: FakeClock
) -> None:
    ann = await subscribe(db, 1, WAR)
    untold = replace(newsroom.processor, analyze=lambda each: replace(read(each), topic=None))
    newsroom = Newsroom(db, untold)
    assert await newsroom.tell("Bridge of Lakeside is sold")
    assert await newsroom.owed(ann) == []


async def test_an_alert_is_told_to_readers_of_its_topic(newsroom: Newsroom, db: Database) -> None:
    ann = await subscribe(db, 1, WAR)
    alerts = replace(newsroom.processor, analyze=lambda each: replace(read(each), kind="service"))
    story = await Newsroom(db, alerts).tell("Air raid alert in the Lakeside region")
    assert await newsroom.owed(ann) == [story]


@pytest.mark.parametrize("kind", ["ad", "none", "service", "digest"])
async def test_what_is_no_news_opens_and_joins_no_story(
    newsroom: Newsroom, db: Database, judge: Judge, kind: ArticleKind
) -> None:
    first = await newsroom.tell(TRUCE)
    ads = replace(
        newsroom.processor, analyze=lambda each: replace(read(each), kind=kind, topic=None)
    )
    judge.decisions = [same(first)]
    assert not await Newsroom(db, ads).tell("Promo code for your phone", source="The Herald")
    assert (await newsroom.shown(first)).title == TRUCE


@pytest.mark.parametrize(
    ("title", "joins"),
    [
        (f"Updated: {TRUCE}", True),
        ("Parliament of Southland elects a new speaker", False),
    ],
)
async def test_an_address_joins_only_if_headline_or_text_agrees(
    newsroom: Newsroom, title: str, joins: bool
) -> None:
    url = "https://courier.example/live"
    first = await newsroom.tell(TRUCE, url=url)
    assert (await newsroom.tell(title, url=url, source="The Herald") == first) is joins


async def test_a_later_bridge_merges_the_later_story_into_the_earlier(
    newsroom: Newsroom, judge: Judge
) -> None:
    db = newsroom.db
    ann, bob = await subscribe(db, 1, WAR), await subscribe(db, 2, WAR)
    first = await newsroom.tell(TRUCE)
    second = await newsroom.tell("Guns fall silent", source="The Herald")
    judge.decisions = [chapter(second)]
    sequel = await newsroom.tell("Observers arrive", source="The Post")
    async with db.transaction() as tx:
        await saved.add(tx, ann, StoryId(second), now=NOON)
        await tx.execute("DELETE FROM deliveries WHERE chat_id = ? AND story_id = ?", (bob, first))
    judge.decisions = [same(second, bridge=first)]
    assert await newsroom.tell("Truce: guns fall silent", source="The Times") == first
    assert await newsroom.owed(ann) == [first, sequel], "the later one is owed no more"
    assert await newsroom.owed(bob) == [second, sequel], "who lacks the earlier one is owed it"
    assert await storylines.merged(db.reader) == ((second, first),)
    for story_id in (first, second):
        story = await newsroom.shown(story_id)
        assert (story.id, story.title) == (story_id, "Truce: guns fall silent")
        assert len(await queries.coverage(db.reader, StoryId(story_id), limit=9)) == 3
    newest = await queries.newest(db.reader, topics=[WAR], languages=LANGUAGES, limit=9)
    assert [story.id for story in newest] == [sequel]
    assert (await newsroom.shown(sequel)).continues == first
    assert (await newsroom.shown(sequel)).storyline == first
    kept = await queries.newest_saved(db.reader, ann, languages=["en"], limit=9)
    assert [story.id for story in kept] == [first]


async def test_who_got_the_merged_story_does_not_get_it_again(
    newsroom: Newsroom, judge: Judge
) -> None:
    db = newsroom.db
    bob = await subscribe(db, 2, WAR, language="uk")
    first = await newsroom.tell(TRUCE)
    second = await newsroom.tell("Перемир'я в Північному краї", source="Маяк")
    assert await newsroom.owed(bob) == [second]
    judge.decisions = [same(second, bridge=first), same(first)]
    await newsroom.tell("Перемир'я: гармати мовчать", source="Вісті")
    await newsroom.tell("Перемир'я почалося опівдні", source="Газета")
    assert await newsroom.owed(bob) == [second]


async def test_a_chain_of_merged_stories_leads_to_the_first(
    newsroom: Newsroom, judge: Judge
) -> None:
    first, second, third = [await newsroom.tell(title) for title in (TRUCE, "Guns", "Silence")]
    judge.decisions = [same(third, bridge=second), same(second, bridge=first)]
    await newsroom.tell("Guns in silence", source="The Herald")
    await newsroom.tell("Truce of guns", source="The Post")
    assert await storylines.merged(newsroom.db.reader) == ((second, first), (third, first))


async def test_a_private_feed_cannot_take_a_public_story_away_by_its_address_and_headline(
    newsroom: Newsroom,
) -> None:
    db, tomorrow = newsroom.db, "Parliament of Southland dissolved"
    eve, bob = await subscribe(db, 1, TopicSlug("science")), await subscribe(db, 2, WAR)
    await newsroom.tell_privately(tomorrow, owner=eve, url="https://courier.example/next")
    story_id = await newsroom.tell(tomorrow, url="https://courier.example/next")
    assert await newsroom.owed(bob) == [story_id]
    assert (await newsroom.shown(story_id)).other_sources == ()


async def test_the_owner_of_a_private_feed_gets_the_story_once_when_all_get_it(
    newsroom: Newsroom,
) -> None:
    db = newsroom.db
    eve = await subscribe(db, 1, WAR)
    own = await newsroom.tell_privately(TRUCE, owner=eve)
    public = await newsroom.tell(TRUCE)
    assert own != public
    assert await newsroom.owed(eve) == [own]
    assert (await newsroom.shown(own)).source == "The Harbour Courier"


async def test_private_articles_are_no_evidence_for_public_ones_and_their_names_no_sources(
    newsroom: Newsroom, judge: Judge
) -> None:
    eve = await subscribe(newsroom.db, 1, WAR)
    first = await newsroom.tell(TRUCE)
    judge.decisions = [same(first), Decision(relation="new")]
    await newsroom.tell_privately("Truce in Lakeside agreed, says CNN", owner=eve, name="CNN")
    await newsroom.tell_privately("Southland votes on the truce of Lakeside", owner=eve)
    await newsroom.tell("Lakeside truce of Northland and Southland is signed", source="CNN")
    (candidate,) = judge.shown[-1]
    assert candidate.story_id == first
    assert [each.source for each in candidate.articles] == ["The Harbour Courier"]


async def test_a_private_article_is_evidence_for_its_own_feed(
    newsroom: Newsroom, judge: Judge
) -> None:
    eve = await subscribe(newsroom.db, 1, WAR)
    first = await newsroom.tell_privately(TRUCE, owner=eve)
    await newsroom.tell_privately("Lakeside truce of Northland is signed", owner=eve)
    await newsroom.tell_privately("Lakeside truce of Northland is off", owner=eve, feed="other")
    assert [[each.story_id for each in shown] for shown in judge.shown[1:]] == [[first], []]


async def test_a_private_article_heads_and_counts_for_its_owner_alone(
    newsroom: Newsroom, judge: Judge
) -> None:
    db = newsroom.db
    eve = await subscribe(db, 1, WAR)
    first = await newsroom.tell(TRUCE)
    judge.decisions = [same(first)]
    assert await newsroom.tell_privately("TRUCE IS A LIE", owner=eve) == first
    public = await newsroom.shown(first)
    assert (public.title, public.other_sources) == (TRUCE, ())
    (feed_id,) = [own.id for own in await own_feeds.of_chat(db.reader, eve)]
    own = await newsroom.shown(first, visibility=Visibility(own=frozenset({feed_id})))
    assert (own.title, own.other_sources) == ("TRUCE IS A LIE", ("The Harbour Courier",))
    found = await queries.search(db.reader, query_terms("lie"), languages=LANGUAGES, limit=9)
    assert found == ()


async def test_a_private_article_bridges_nothing(newsroom: Newsroom, judge: Judge) -> None:
    eve = await subscribe(newsroom.db, 1, WAR)
    first, second = await newsroom.tell(TRUCE), await newsroom.tell("Guns", source="The Herald")
    judge.decisions = [same(second, bridge=first)]
    await newsroom.tell_privately("Truce of guns", owner=eve)
    assert await storylines.merged(newsroom.db.reader) == ()


async def test_private_feeds_wake_nobody(newsroom: Newsroom, judge: Judge) -> None:
    db = newsroom.db
    bob = await subscribe(db, 2, WAR)
    quiet = Quiet(since=0, until=24 * 60 - 1, urgent_from=3)
    async with db.transaction() as tx:
        await subscribers.set_timetable(tx, bob, Timetable(quiet=quiet))
        await tx.execute("UPDATE subscribers SET held_until = 9999999999")
    first = await newsroom.tell(TRUCE)
    for number in range(5):
        judge.decisions = [same(first)]
        eve = await subscribe(db, 10 + number, WAR)
        await newsroom.tell_privately(
            f"Truce {number}", owner=eve, name=f"Paper {number}", feed=f"own{number}"
        )
    ((held,),) = await db.reader.execute_fetchall(
        "SELECT held_until FROM subscribers WHERE chat_id = ?", (bob,)
    )
    assert held == 9999999999


async def test_articles_that_join_and_are_owed_to_nobody_are_counted_by_the_age_of_the_story(
    newsroom: Newsroom, judge: Judge, clock: FakeClock
) -> None:
    db = newsroom.db
    await subscribe(db, 1, WAR)
    first = await newsroom.tell(TRUCE)
    for hours, title in ((0, "Truce is on"), (2, "Guns fall silent"), (50, "Silence in Lakeside")):
        clock.advance(hours=hours)
        judge.decisions = [same(first)]
        await newsroom.tell(title, source="The Herald")
    judge.decisions = [same(first)]
    await subscribe(db, 2, WAR, language="uk")
    await newsroom.tell("Перемир'я настало", source="Маяк")
    counts = await statistics.table_counts(db.reader)
    assert counts.silent_joins == {"1h": 1, "6h": 1, "24h": 0, "older": 1}
    assert list(counts.silent_joins) == ["1h", "6h", "24h", "older"]
    today = await statistics.last_day(db.reader, since=clock() - timedelta(hours=24))
    assert today.silent_joins == {"older": 1}


async def test_who_got_the_later_story_is_owed_the_earlier_one_no_more(
    newsroom: Newsroom, judge: Judge
) -> None:
    ann = await subscribe(newsroom.db, 1, WAR)
    first, second = await newsroom.tell(TRUCE), await newsroom.tell("Guns", source="The Herald")
    async with newsroom.db.transaction() as tx:
        await deliveries.mark_shown(tx, ann, StoryId(second), 7, now=NOON)
    judge.decisions = [same(first, bridge=second)]
    await newsroom.tell("Truce of guns", source="The Post")
    assert await newsroom.owed(ann) == []


async def test_a_chapter_may_turn_out_to_be_the_story_that_it_continued(
    newsroom: Newsroom, judge: Judge
) -> None:
    first = await newsroom.tell(TRUCE)
    judge.decisions = [chapter(first)]
    second = await newsroom.tell("Guns fall silent", source="The Herald")
    judge.decisions = [chapter(second)]
    third = await newsroom.tell("Observers arrive", source="The Post")
    judge.decisions = [same(first, bridge=second), same(first, bridge=first)]
    for title in ("Truce of silent guns", "Truce holds"):
        assert await newsroom.tell(title, source="The Times") == first
    assert await storylines.merged(newsroom.db.reader) == ((second, first),)
    story = await newsroom.shown(first)
    assert (story.continues, story.storyline, story.earlier_count) == (None, first, 0)
    sequel = await newsroom.shown(third)
    assert (sequel.continues, sequel.storyline, sequel.earlier_count) == (first, first, 1)


async def test_a_private_chapter_of_a_public_story_changes_nothing_for_others(
    newsroom: Newsroom, judge: Judge
) -> None:
    db = newsroom.db
    eve, bob = await subscribe(db, 1, WAR), await subscribe(db, 2, WAR)
    first = await newsroom.tell(TRUCE)
    judge.decisions = [chapter(first)]
    own = await newsroom.tell_privately("Truce broken", owner=eve)
    judge.decisions = [chapter(first)]
    last = await newsroom.tell("Truce holds", source="The Herald")
    assert await newsroom.owed(bob) == [first, last]
    story = await newsroom.shown(last)
    assert story.earlier_count == 1
    earlier = await storylines.earlier_chapters(db.reader, story, languages=["en"], limit=9)
    assert [each.id for each in earlier] == [first]
    newest = await queries.newest(db.reader, topics=[WAR], languages=["en"], limit=9)
    assert [each.id for each in newest] == [last]
    assert await newsroom.owed(eve) == [first, own, last]


async def test_a_private_twin_brings_neither_its_topics_nor_its_words_nor_its_chapters(
    newsroom: Newsroom, judge: Judge
) -> None:
    db = newsroom.db
    eve, sam = await subscribe(db, 1, WAR), await subscribe(db, 3, SPORT)
    chain = await newsroom.tell("Cup final tonight")
    sporty = replace(
        newsroom.processor,
        analyze=lambda each: replace(read(each), topic=SPORT, terms=("secret",)),
    )
    judge.decisions = [chapter(chain)]
    await Newsroom(db, sporty).tell_privately(TRUCE, owner=eve)
    public = await newsroom.tell(TRUCE)
    assert await newsroom.owed(sam) == []
    found = await queries.search(db.reader, [["secret"]], languages=LANGUAGES, limit=9)
    assert found == ()
    assert (await newsroom.shown(public)).storyline == public
    assert (await newsroom.shown(chain)).storyline == chain


async def test_five_private_feeds_of_one_name_do_not_rank_a_story(
    newsroom: Newsroom, judge: Judge
) -> None:
    db = newsroom.db
    first, second = await newsroom.tell(TRUCE), await newsroom.tell("Guns", source="The Herald")
    judge.decisions = [same(second)]
    await newsroom.tell("Guns again", source="The Post")
    for number in range(5):
        judge.decisions = [same(first)]
        eve = await subscribe(db, 10 + number, WAR)
        await newsroom.tell_privately(
            f"Truce {number}", owner=eve, name=f"Paper {number}", feed=f"own{number}"
        )
    covered = await queries.most_covered(
        db.reader, topics=[WAR], languages=["en"], since=NOON - HOUR, limit=9
    )
    assert [story.id for story in covered] == [second, first]
