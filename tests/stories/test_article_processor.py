import asyncio
import logging
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.isolation.pool import open_pool
from bot.model import (
    Article,
    ArticleAnalysis,
    ChatId,
    DeliveryResult,
    EditorLink,
    Entry,
    FeedId,
    FoundFeed,
    Language,
    OutgoingMessage,
    StoryId,
    TopicSlug,
    Word,
)
from bot.storage.database import Database
from bot.storage.feeds import feeds, own_feeds, pages
from bot.storage.outbox import deliveries, message_edits
from bot.storage.queues.attempts import MAX_ATTEMPTS
from bot.storage.stories import articles, editor_links, queries, stories
from bot.storage.subscribers import subscribers, words
from bot.stories.analysis import Analyze, build_analyzer
from bot.stories.article_processor import SAME_TITLE_WITHIN, ArticleProcessor
from bot.stories.matching.fingerprint import title_key, unpack
from bot.text.phrases import parse_phrase
from bot.text.stemming import stem
from bot.topics import Topics
from tests.stories.builders import make_article
from tests.support.builders import (
    SCIENCE,
    SPORT,
    WAR,
    add_article,
    claim,
    entry,
    guard_of,
    listed_feed,
    reading,
    receive,
    subscribe,
    told,
)
from tests.support.fakes import NOON, FakeClock

WAIT = timedelta(minutes=2)
BRIDGE = "New bridge opens in Lakeside"

GIST = OutgoingMessage(text="Bridge", preview="https://a.example/", content_hash=b"gist")


def read(article: Article) -> ArticleAnalysis:
    return reading(title_key=title_key(article.title))


@pytest.fixture
def processor(db: Database, clock: FakeClock) -> ArticleProcessor:
    return ArticleProcessor(db=db, guard=guard_of(db), analyze=read, now=clock)


async def count(db: Database, table: str, where: str = "1") -> int:
    ((number,),) = await db.reader.execute_fetchall(f"SELECT count(*) FROM {table} WHERE {where}")
    return int(number)


async def receive_again(db: Database, title: str, *, url: str) -> None:
    """Store an article as another entry, whether or not its URL is known."""
    again = entry(title, guid="again", url=url, text=f"{BRIDGE}.")
    async with db.transaction() as tx:
        await add_article(tx, FeedId(1), again)


async def test_a_new_article_opens_a_story_and_enqueues_deliveries(
    processor: ArticleProcessor, db: Database
) -> None:
    await subscribe(db, 1)
    article = await receive(db, BRIDGE)
    assert await processor.step()
    assert not await processor.step()
    async with db.transaction() as tx:
        (delivery,) = await claim(tx)
    story = await told(db, delivery.story_id)
    assert (story.title, story.topic, story.url) == (BRIDGE, WAR, article.url)
    assert await stories.terms(db.reader, story.id) == ("bridge",)


async def test_a_step_without_new_articles_reports_no_work(processor: ArticleProcessor) -> None:
    assert not await processor.step()


@pytest.mark.parametrize(
    ("title", "url"),
    [
        ("In Lakeside, a new bridge opens!", "https://mayak.example/2"),
        ("The mayor cuts the ribbon at last", "https://courier.example/bridge"),
    ],
)
async def test_a_second_article_joins_the_story_and_enqueues_nothing(
    processor: ArticleProcessor, db: Database, title: str, url: str
) -> None:
    await subscribe(db, 1)
    await receive(db, BRIDGE, url="https://courier.example/bridge")
    await receive_again(db, title, url=url)
    await processor.step()
    assert await count(db, "stories") == 1
    assert await count(db, "deliveries") == 1
    assert await count(db, "articles", "story_id IS NOT NULL") == 2


async def test_a_second_article_schedules_an_edit_of_the_sent_message(
    processor: ArticleProcessor, db: Database, clock: FakeClock
) -> None:
    await subscribe(db, 1)
    await receive(db, BRIDGE, url="https://courier.example/1")
    await processor.step()
    async with db.transaction() as tx:
        (delivery,) = await claim(tx)
        sent = DeliveryResult(state="sent", message_id=1)
        await deliveries.record(tx, [(delivery.id, sent)], now=clock())
        await message_edits.add(tx, [(delivery.id, GIST)], now=clock())
    assert await count(db, "editable", "edit_at IS NOT NULL") == 0
    await receive_again(db, BRIDGE, url="https://mayak.example/2")
    await processor.step()
    assert await count(db, "editable", "edit_at IS NOT NULL") == 1


async def test_the_same_headline_a_week_later_is_a_new_story(
    processor: ArticleProcessor, db: Database
) -> None:
    await receive(db, BRIDGE, url="https://courier.example/1")
    later = NOON + SAME_TITLE_WITHIN + timedelta(seconds=1)
    await receive(db, BRIDGE, url="https://courier.example/2", published_at=later)
    await processor.step()
    assert await count(db, "stories") == 2


async def test_a_backlog_article_opens_a_story_without_deliveries(
    processor: ArticleProcessor, db: Database
) -> None:
    await subscribe(db, 1)
    await receive(db, BRIDGE, published_at=NOON - timedelta(days=3))
    await processor.step()
    assert await count(db, "stories") == 1
    assert await count(db, "deliveries") == 0


async def test_a_backlog_story_is_enqueued_when_another_source_publishes_it_as_news(
    processor: ArticleProcessor, db: Database
) -> None:
    await subscribe(db, 1)
    await receive(db, BRIDGE, published_at=NOON - timedelta(hours=50))
    await processor.step()
    post = listed_feed("https://post.example/rss", source="The Lakeside Post")
    hour = timedelta(hours=1)
    first = entry(BRIDGE, url="https://post.example/1", published_at=NOON - 20 * hour)
    again = entry(BRIDGE, url="https://post.example/2", published_at=NOON - 10 * hour)
    async with db.transaction() as tx:
        await feeds.sync(tx, [post], now=NOON)
    (feed,) = await feeds.due(db.reader, now=NOON, limit=1)
    for telling in (first, again):
        async with db.transaction() as tx:
            await add_article(tx, feed.id, telling)
        await processor.step()
    assert await count(db, "stories") == 1
    assert await count(db, "deliveries") == 1


@pytest.mark.parametrize("made", [reading(language="other"), reading(topic=None, kind="ad")])
async def test_a_rejected_article_is_processed_once_and_opens_no_story(
    db: Database, clock: FakeClock, made: ArticleAnalysis
) -> None:
    await receive(db, BRIDGE)
    processor = ArticleProcessor(db=db, guard=guard_of(db), analyze=lambda _: made, now=clock)
    assert await processor.step()
    assert not await processor.step()
    assert await count(db, "stories") == 0
    assert await count(db, "articles", "problem IS NULL AND edited_at IS NOT NULL") == 1


async def test_a_poison_article_is_set_aside_and_the_others_are_processed(
    db: Database, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(article: Article) -> ArticleAnalysis:
        if "poison" in article.title:
            raise ValueError("no such word")
        return read(article)

    await receive(db, "A poison headline")
    await receive(db, BRIDGE)
    processor = ArticleProcessor(db=db, guard=guard_of(db), analyze=fail, now=clock)
    for _ in range(MAX_ATTEMPTS):
        assert await processor.step()
    assert not await processor.step()
    assert await count(db, "stories") == 1
    assert await count(db, "articles", "problem = 'ValueError: no such word'") == 1
    records = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert [bool(record.exc_info) for record in records] == [True] * MAX_ATTEMPTS + [False]
    assert not any("poison" in record.getMessage() for record in records)


async def test_a_step_processes_one_batch_at_most(db: Database, clock: FakeClock) -> None:
    for number in range(3):
        await receive(db, f"{BRIDGE} number {number}")
    processor = ArticleProcessor(db=db, guard=guard_of(db), analyze=read, now=clock, batch=2)
    assert await processor.step()
    assert await count(db, "stories") == 2
    assert await processor.step()
    assert await count(db, "stories") == 3


async def test_each_article_is_logged_in_one_line_without_its_text(
    processor: ArticleProcessor, db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="bot.stories.article_processor")
    await receive(db, BRIDGE)
    await processor.step()
    assert caplog.messages == ["article 1 opens story 1: war, en, owed to 0"]


@pytest.mark.parametrize("milliseconds", range(10))
async def test_i21_an_interrupted_processor_stores_all_or_nothing(
    processor: ArticleProcessor, db: Database, milliseconds: int
) -> None:
    await subscribe(db, 1)
    await receive(db, BRIDGE)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(processor.step())
        await asyncio.sleep(milliseconds / 1000)
        task.cancel()
    opened = await count(db, "stories")
    assert opened == await count(db, "deliveries") == await count(db, "articles", "edited_at")
    await processor.step()
    assert await count(db, "stories") == await count(db, "deliveries") == 1


@pytest.fixture
def analyze_real(topics: Topics) -> Analyze:
    return build_analyzer(topics)


def test_the_analyzer_combines_all_analyses(analyze_real: Analyze) -> None:
    made = analyze_real(
        make_article(
            "Телескоп показав нову галактику",
            "Астрономи Лугового вивчають її зірки вже другий тиждень поспіль.",
            language="en",
        )
    )
    assert made.language == "uk"
    assert made.topic == SCIENCE
    assert made.summary == "Астрономи Лугового вивчають її зірки вже другий тиждень поспіль."
    assert made.title_key == title_key("Телескоп показав нову галактику")
    assert {"telescop", stem("показати"), stem("астроном")} <= set(made.terms)
    assert unpack(made.signature.fingerprint).title >= {"telescop", "показа"}
    assert len(made.terms) == len(set(made.terms))


async def test_an_edited_article_stays_in_its_story_and_enqueues_nothing(
    processor: ArticleProcessor, db: Database
) -> None:
    await subscribe(db, 1)
    article = await receive(db, BRIDGE)
    await processor.step()
    edited = entry("Bridge in Lakeside closed again", url=article.url)
    async with db.transaction() as tx:
        assert await articles.edit(tx, article.id, edited)
    again = replace(processor, analyze=lambda _: reading(terms=("closed",)))
    assert await again.step()
    assert not await again.step()
    (story,) = await queries.newest(db.reader, topics={WAR}, languages={"en"}, limit=9)
    assert story.title == "Bridge in Lakeside closed again"
    assert await stories.terms(db.reader, story.id) == ("closed",)
    assert await count(db, "deliveries") == 1


async def test_an_edited_article_that_was_rejected_stays_rejected(
    db: Database, clock: FakeClock
) -> None:
    article = await receive(db, BRIDGE)
    await ArticleProcessor(
        db=db, guard=guard_of(db), analyze=lambda _: reading(kind="ad"), now=clock
    ).step()
    async with db.transaction() as tx:
        assert await articles.edit(tx, article.id, entry("Ten stories to read", url=article.url))
    assert not await ArticleProcessor(db=db, guard=guard_of(db), analyze=read, now=clock).step()


RAID_UK = (
    "Росія атакувала Харків дронами: п'ятеро поранених",
    "Уночі 24 листопада російські війська атакували Харків дронами. Поранено п'ятьох людей,"
    " повідомив мер Ігор Терехов. Пошкоджено багатоповерхівку в Салтівському районі.",
)
RAID_RU = (
    "Россия атаковала Харьков беспилотниками, пять человек ранены",
    "В ночь на 24 ноября российские войска атаковали Харьков дронами. Ранены пять человек,"
    " сообщил мэр Игорь Терехов. Повреждена многоэтажка в Салтовском районе.",
)


async def tell(db: Database, told_in: tuple[str, str], *, source: str) -> None:
    """Store an article of a newspaper of its own."""
    title, text = told_in
    url = f"https://{source}.example/"
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed(url, source=source)], now=NOON)
        (feed,) = await feeds.due(tx, now=NOON, limit=1)
        await add_article(tx, feed.id, entry(title, text=text, url=url + "1"))


async def test_articles_on_one_event_in_two_languages_are_one_story(
    db: Database, clock: FakeClock, analyze_real: Analyze
) -> None:
    await subscribe(db, 1, language="uk")
    await subscribe(db, 2, language="ru")
    both = await subscribe(db, 3, language="uk")
    async with db.transaction() as tx:
        await subscribers.set_news_language(tx, both, "ru", wanted=True)
    processor = ArticleProcessor(db=db, guard=guard_of(db), analyze=analyze_real, now=clock)
    await tell(db, RAID_UK, source="mayak")
    await processor.step()
    await tell(db, RAID_RU, source="vesti")
    await processor.step()
    assert await count(db, "stories") == 1
    chats_with_deliveries = await db.reader.execute_fetchall(
        "SELECT chat_id FROM deliveries ORDER BY id"
    )
    assert sorted(row[0] for row in chats_with_deliveries) == [1, 2, 3]
    for language, (title, _) in (("uk", RAID_UK), ("ru", RAID_RU)):
        story = await queries.get(db.reader, StoryId(1), languages=[language])  # type: ignore[list-item]
        assert story is not None
        assert (story.title, story.language) == (title, language)
    assert await queries.get(db.reader, StoryId(1), languages=["en"]) is None


async def test_another_event_of_the_same_kind_is_another_story(
    db: Database, clock: FakeClock, analyze_real: Analyze
) -> None:
    processor = ArticleProcessor(db=db, guard=guard_of(db), analyze=analyze_real, now=clock)
    await tell(db, RAID_UK, source="mayak")
    other = (
        "Росія атакувала Одесу ракетами: двоє загиблих",
        "Удень російські війська вдарили ракетами по порту Одеси. Загинули двоє людей,"
        " повідомив Олег Кіпер. Зруйновано склад зерна.",
    )
    await tell(db, other, source="vesti")
    await processor.step()
    assert await count(db, "stories") == 2


async def test_the_first_article_in_a_language_adds_its_topics_for_the_readers_of_that_language(
    db: Database, clock: FakeClock
) -> None:
    await subscribe(db, 1, SCIENCE, language="ru")
    await subscribe(db, 2, SCIENCE)
    await receive(db, BRIDGE, url="https://courier.example/bridge")
    await ArticleProcessor(db=db, guard=guard_of(db), analyze=read, now=clock).step()
    for telling, made in (
        ("Мост открыт", reading(language="ru", topic=SCIENCE)),
        ("Bridge opened", reading(topic=SPORT)),
        ("Міст відкрито", reading(language="uk", topic=None)),
    ):
        await receive_again(db, telling, url="https://courier.example/bridge")
        await ArticleProcessor(
            db=db,
            guard=guard_of(db),
            analyze=lambda _, made=made: made,  # type: ignore[misc]
            now=clock,
        ).step()
    chats_with_deliveries = await db.reader.execute_fetchall("SELECT chat_id FROM deliveries")
    assert [row[0] for row in chats_with_deliveries] == [1]
    story = await told(db, StoryId(1))
    assert (story.topic, story.other_topics) == (WAR, (SCIENCE,))


async def test_an_edit_into_another_language_is_enqueued_for_its_readers(
    processor: ArticleProcessor, db: Database
) -> None:
    await subscribe(db, 1)
    await subscribe(db, 2, language="ru")
    article = await receive(db, BRIDGE)
    await processor.step()
    for language, chats_with_deliveries in (("ru", 2), ("en", 2), ("other", 2), ("ru", 2)):
        edited = entry(f"{BRIDGE}, edited into {language}", url=article.url)
        async with db.transaction() as tx:
            assert await articles.edit(tx, article.id, edited)
        made = reading(language=language)  # type: ignore[arg-type]
        assert await replace(processor, analyze=lambda _, made=made: made).step()  # type: ignore[misc]
        assert await count(db, "deliveries") == chats_with_deliveries


async def test_a_poison_edit_leaves_the_story_unchanged_until_the_next_edit(
    processor: ArticleProcessor, db: Database
) -> None:
    def fail(_: Article) -> ArticleAnalysis:
        raise ValueError("no such word")

    article = await receive(db, BRIDGE)
    await processor.step()
    for title, its, failures in (
        ("Odd", replace(processor, analyze=fail), 1),
        ("Even", processor, 0),
    ):
        async with db.transaction() as tx:
            assert await articles.edit(tx, article.id, entry(title, url=article.url))
        assert await its.step()
        assert await count(db, "attempts", "reason LIKE '%no such word%'") == failures
        assert (await told(db, StoryId(1))).title == title


async def test_an_article_without_a_vector_is_matched_by_its_words(
    processor: ArticleProcessor, db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def embed(title: str, text: str, language: str) -> bytes:
        raise RuntimeError("no memory")

    await receive(db, BRIDGE)
    await replace(processor, embed=embed).step()
    assert await count(db, "stories") == 1
    assert await count(db, "articles", "problem IS NULL") == 1
    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert record.getMessage() == "article 1 gets no vector"


async def test_an_article_that_is_edited_during_its_analysis_is_processed_again(
    processor: ArticleProcessor, db: Database
) -> None:
    article = await receive(db, BRIDGE)
    edits = [entry("Bridge closed", url=article.url)]

    async def process_slowly() -> None:
        for edited in edits:
            async with db.transaction() as tx:
                assert await articles.edit(tx, article.id, edited)

    def embed(title: str, text: str, language: str) -> None:
        asyncio.run_coroutine_threadsafe(process_slowly(), loop).result()
        edits.clear()

    loop = asyncio.get_running_loop()
    slow = replace(processor, embed=embed)
    assert await slow.step()
    assert await count(db, "stories") == 0
    assert await slow.step()
    assert not await slow.step()
    assert await count(db, "articles", f"title_key = '{title_key('Bridge closed')}'") == 1
    assert await count(db, "stories") == 1


async def test_vectors_are_stored_if_embeddings_are_on(
    db: Database, clock: FakeClock, analyze_real: Analyze
) -> None:
    def embed(title: str, text: str, language: str) -> bytes:
        return bytes([1] * 768)

    await tell(db, RAID_UK, source="mayak")
    await ArticleProcessor(
        db=db, guard=guard_of(db), analyze=analyze_real, embed=embed, now=clock
    ).step()
    assert await count(db, "tellings", "length(vector) = 768") == 1


async def test_i10_a_later_subscriber_gets_no_earlier_stories(
    processor: ArticleProcessor, db: Database
) -> None:
    await receive(db, BRIDGE)
    await processor.step()
    await subscribe(db, 1)
    await processor.step()
    assert await count(db, "deliveries") == 0


async def test_i20_an_article_in_two_feeds_of_a_site_is_enqueued_once(
    processor: ArticleProcessor, db: Database
) -> None:
    await subscribe(db, 1)
    page = entry(BRIDGE, url="https://courier.example/bridge")
    urls = ("https://courier.example/rss", "https://courier.example/rss/city")
    async with db.transaction() as tx:
        await feeds.sync(tx, map(listed_feed, urls), now=NOON)
        for feed in await feeds.due(tx, now=NOON, limit=2):
            await add_article(tx, feed.id, page)
    await processor.step()
    assert await count(db, "articles", "story_id = 1") == 2
    assert await count(db, "deliveries") == 1


AT_LENGTH = """The new bridge in Lakeside opens to traffic after three years of building.
Its four lanes and a tram line will spare commuters half an hour each day, engineers say.
Mayor Ellen Marsh cut the ribbon on Monday; the old bridge closes for repair until summer."""
TOLLS = EditorLink(title="How much does the ferry cost?", url="https://courier.example/tolls")


async def receive_with_page(
    db: Database, *, text: str = "", links: tuple[EditorLink, ...] = ()
) -> None:
    """Store an article that waits for its page, or has it already."""
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed(pages=True)], now=NOON)
        article_id = await add_article(tx, FeedId(1), entry(BRIDGE))
        await pages.enqueue(
            tx, article_id, domain="courier.example", now=NOON, give_up_at=NOON + WAIT
        )
        await editor_links.replace(tx, article_id, links, canonical=str)
        if text:
            await pages.record(tx, article_id, text=text, problem=None)


async def test_an_article_is_analysed_by_its_page_if_that_tells_more(
    db: Database, clock: FakeClock, topics: Topics
) -> None:
    await receive_with_page(db, text=AT_LENGTH)
    await ArticleProcessor(
        db=db, guard=guard_of(db), analyze=build_analyzer(topics), now=clock
    ).step()
    story = await told(db, StoryId(1))
    assert "half an hour" in story.summary


async def test_an_article_waits_for_its_page_for_a_limited_time(
    processor: ArticleProcessor, db: Database, clock: FakeClock
) -> None:
    await subscribe(db, 1)
    await receive_with_page(db)
    assert not await processor.step()
    clock.at += WAIT
    assert await processor.step()
    assert await count(db, "deliveries") == 1
    assert await count(db, "pages", "due_at IS NULL AND problem = 'did not come in time'") == 1


async def test_an_article_without_a_page_does_not_wait_for_one_with_a_page(
    processor: ArticleProcessor, db: Database
) -> None:
    await receive_with_page(db)
    await receive_again(db, "Tram line stops for repairs", url="https://courier.example/tram")
    await processor.step()
    assert await count(db, "articles", "edited_at IS NOT NULL") == 1


async def test_a_poison_article_does_not_wait_for_its_page(db: Database, clock: FakeClock) -> None:
    def fail(_: Article) -> ArticleAnalysis:
        raise ValueError("cannot be read")

    await receive_with_page(db)
    clock.at += WAIT
    processor = ArticleProcessor(db=db, guard=guard_of(db), analyze=fail, now=clock)
    while await processor.step():
        pass
    assert await count(db, "pages", "due_at IS NULL") == 1


async def test_the_headlines_of_editor_links_are_classified_like_headlines_of_the_feed(
    db: Database, clock: FakeClock, topics: Topics
) -> None:
    links = (
        EditorLink(title="Army shells the front line as troops attack", url="https://c.example/1"),
        EditorLink(title="Збірна виграла чемпіонат Європи з футболу", url="https://c.example/2"),
        EditorLink(title="", url="https://c.example/3"),
    )
    await receive_with_page(db, text=AT_LENGTH, links=links)
    await ArticleProcessor(
        db=db, guard=guard_of(db), analyze=build_analyzer(topics), now=clock
    ).step()
    rows = await db.reader.execute_fetchall(
        "SELECT language, json_extract(topics, '$[0]') FROM own_links ORDER BY place"
    )
    assert [tuple(row) for row in rows] == [("en", "war"), ("uk", "sports"), (None, None)]


@pytest.mark.parametrize("is_news", [True, False])
async def test_a_poison_link_does_not_affect_its_article(
    db: Database, clock: FakeClock, caplog: pytest.LogCaptureFixture, is_news: bool
) -> None:
    def fail_on_links(article: Article) -> ArticleAnalysis:
        if article.title == TOLLS.title and is_news:
            raise ValueError("cannot be read")
        return reading(topic=WAR if article.title == BRIDGE else None)

    await receive_with_page(db, text=AT_LENGTH, links=(TOLLS,))
    await ArticleProcessor(db=db, guard=guard_of(db), analyze=fail_on_links, now=clock).step()
    assert await count(db, "stories") == 1
    assert await count(db, "own_links", "topics = '[]'") == 1
    assert ("a link of article 1 cannot be read" in caplog.text) == is_news


async def receive_privately(db: Database, title: str, *, of: ChatId) -> None:
    """Store an article of a feed that this chat alone has added."""
    found = FoundFeed(url="https://own.example/rss", domain="own.example", title="Own", newest=())
    async with db.transaction() as tx:
        feed_id = await own_feeds.add(tx, of, found, language="en", now=NOON)
        await add_article(tx, feed_id, entry(title, url=f"https://own.example/{title}"))


async def chats_with_deliveries(db: Database) -> set[int]:
    return {row[0] for row in await db.reader.execute_fetchall("SELECT chat_id FROM deliveries")}


@pytest.mark.parametrize(
    "made", [reading(topic=None), reading(language="other"), reading(language="uk", topic=SPORT)]
)
async def test_every_article_of_an_own_feed_is_a_story_for_its_owner_alone(
    processor: ArticleProcessor, db: Database, made: ArticleAnalysis
) -> None:
    ann = await subscribe(db, 1, SCIENCE)
    await subscribe(db, 2, SPORT, language="uk")
    await receive_privately(db, BRIDGE, of=ann)
    assert await replace(processor, analyze=lambda _: made).step()
    assert await chats_with_deliveries(db) == {ann}
    ann_reads = await subscribers.find(db.reader, ann)
    assert ann_reads is not None
    story = await queries.get(
        db.reader, StoryId(1), languages=["en"], visibility=ann_reads.visibility
    )
    assert story is not None
    assert (story.title, story.topic) == (BRIDGE, made.topic or "")


@pytest.mark.parametrize("topic", [None, SPORT, WAR])
@pytest.mark.parametrize(
    ("language", "word", "title"),
    [
        ("uk", "шоколад", "В Америці подорожчав шоколад"),
        ("ru", "шоколад", "Цены на шоколад выросли"),
        ("en", "chocolate", "Chocolates cost more"),
    ],
)
async def test_a_followed_word_brings_a_story_of_any_topic_or_none(
    processor: ArticleProcessor,
    db: Database,
    topic: TopicSlug | None,
    language: Language,
    word: str,
    title: str,
) -> None:
    ann = await subscribe(db, 1, SCIENCE, language=language)
    await subscribe(db, 2, SCIENCE, language=language)
    phrase = parse_phrase(word)
    assert phrase is not None
    async with db.transaction() as tx:
        await words.put(tx, ann, Word(text=word, phrase=phrase))
    await receive(db, title)
    made = reading(language=language, topic=topic)
    assert await replace(processor, analyze=lambda _: made).step()
    assert await chats_with_deliveries(db) == {ann}


async def test_a_story_of_an_own_feed_is_enqueued_for_all_when_a_listed_feed_publishes_it(
    processor: ArticleProcessor, db: Database
) -> None:
    ann = await subscribe(db, 1, SCIENCE)
    bob = await subscribe(db, 2, WAR)
    await receive_privately(db, BRIDGE, of=ann)
    await processor.step()
    await receive(db, BRIDGE, source="The Harbour Courier")
    await processor.step()
    assert await count(db, "stories", "same_as IS NULL") == 1
    assert await chats_with_deliveries(db) == {ann, bob}
    assert await count(db, "deliveries") == 2


async def test_a_story_of_listed_feeds_is_enqueued_for_the_owner_of_an_own_feed_that_publishes_it(
    processor: ArticleProcessor, db: Database
) -> None:
    await receive(db, BRIDGE, source="The Harbour Courier")
    await processor.step()
    ann = await subscribe(db, 1, SCIENCE)
    await subscribe(db, 2, WAR)
    await receive_privately(db, BRIDGE, of=ann)
    await processor.step()
    assert await count(db, "stories") == 1
    assert await chats_with_deliveries(db) == {ann}


def hang_at_a_bridge(article: Article) -> ArticleAnalysis:
    if article.title == BRIDGE:
        re.match(r"(?:a+)+$", "a" * 60 + "b")
    return read(article)


async def test_an_article_that_kills_its_process_fails_alone(
    db: Database, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    titles = [BRIDGE, *(f"Tram line number {n} stops for repairs" for n in range(3))]
    await receive(db, titles[0])
    for title in titles[1:]:
        await receive_again(db, title, url=f"https://courier.example/{title}")
    async with open_pool(
        time_limit=timedelta(seconds=3), preload=hang_at_a_bridge.__module__
    ) as pool:
        processor = ArticleProcessor(
            db=db,
            guard=guard_of(db),
            analyze=hang_at_a_bridge,
            analyze_each=pool.run_each,
            now=clock,
        )
        assert await processor.step()
    assert await count(db, "articles", "story_id IS NOT NULL") == 3
    assert await count(db, "attempts", "reason LIKE '%reading it took more than 3 s%'") == 1
    assert "article 1 cannot be read" in caplog.text


async def test_the_second_alert_of_a_day_under_one_headline_is_told_as_a_chapter(
    processor: ArticleProcessor, db: Database
) -> None:
    alert = "Air raid alert is announced in Kyiv and several regions"
    await subscribe(db, 1)
    texts = ("The alert began at noon because of missiles.", "Drones were seen over the harbour.")
    for number, text in enumerate(texts):
        at = NOON + number * timedelta(hours=6)
        found = entry(alert, guid=str(number), url=f"https://a.example/{number}", text=text)
        await receive_entry(db, replace(found, published_at=at))
        await processor.step()
    assert await count(db, "stories", "continues IS NOT NULL") == 1
    assert await count(db, "deliveries") == 2


async def receive_entry(db: Database, found: Entry) -> None:
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed()], now=NOON)
        await add_article(tx, FeedId(1), found)


async def test_what_private_feeds_bring_is_processed_apart(db: Database, clock: FakeClock) -> None:
    await subscribe(db, 1)
    async with db.transaction() as tx:
        own = FoundFeed(url="https://own.example/", domain="own.example", title="", newest=())
        feed_id = await own_feeds.add(tx, ChatId(1), own, language="en", now=NOON)
        await add_article(tx, feed_id, entry("My own news of the harbour"))
    await receive(db, BRIDGE, source="Paper")
    everything = ArticleProcessor(db=db, guard=guard_of(db), analyze=read, now=clock)
    public, private = replace(everything, private=False), replace(everything, private=True)
    assert await public.step()
    assert not await public.step()
    (left,) = await articles.unprocessed(db.reader, now=NOON, limit=9)
    assert left.private
    assert await private.step()
    assert not await everything.step()


async def test_a_story_whose_publisher_marks_it_urgent_comes_at_once_when_another_tells_it(
    db: Database, clock: FakeClock
) -> None:
    await subscribe(db, 1, WAR)
    made = ArticleProcessor(
        db=db, guard=guard_of(db), analyze=lambda _: reading(title_key="bridge"), now=clock
    )
    at_once = "SELECT at_once FROM deliveries"
    for source, marked in (("Paper", 0), ("Other Paper", 1)):
        url = f"https://{len(source)}.example/bridge"
        await receive(db, "⚡ Bridge collapses", source=source, url=url)
        await made.step()
        rows = await db.reader.execute_fetchall(at_once)
        assert [row[0] for row in rows] == [marked]
