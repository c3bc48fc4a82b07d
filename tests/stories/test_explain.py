from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Article, ArticleAnalysis, ArticleId, ArticleLanguage, EditorLink, Story
from bot.storage.database import Database
from bot.storage.stories import editor_links
from bot.stories.analysis import Analyze, build_analyzer
from bot.stories.article_processor import ArticleProcessor
from bot.stories.explain import (
    MAX_CATEGORIES,
    Explain,
    StoryArchive,
    Submission,
    build_explainer,
    clean_text,
)
from bot.stories.page_extraction import MAX_TEXT_CHARS, MAX_TITLE_CHARS
from bot.web.urls import canonical
from tests.stories.builders import make_article
from tests.support.builders import TOPICS, WAR, guard_of, receive
from tests.support.fakes import NOON, FakeClock

UKRAINIAN = (
    "Парламент ухвалив бюджет",
    "Верховна Рада ухвалила бюджет. За проголосували 240 осіб.",
)
RUSSIAN = ("Парламент принял бюджет", "Депутаты приняли бюджет страны. Это было решено ночью.")
ENGLISH = (
    "Parliament passes the budget after a long night",
    "Parliament passed the budget of the country on Monday. The minister of finance thanked all.",
)
FIRE = (
    "Furniture warehouse burns down in Lakeside, two guards killed",
    "A furniture warehouse of 800 metres caught fire in Lakeside at night. Two guards were killed.",
)
FIRE_TOO = (
    "Two guards killed as furniture warehouse burns down in Lakeside at night",
    "At night a furniture warehouse in Lakeside burned. Two guards were killed on 800 metres.",
)
MARATHON = (
    "Baker wins the spring marathon of Lakeside after heavy rain",
    "A baker ran the marathon of Lakeside in three hours. Thousands of people cheered in the rain.",
)
INQUIRY = (
    "Police question owner of the burned Lakeside furniture warehouse",
    "Police questioned the owner of the furniture warehouse in Lakeside that burned with two guards"
    " in it. He denied that its alarms were switched off.",
)


@pytest.fixture(scope="module")
def explain() -> Explain:
    return build_explainer(TOPICS)


@pytest.fixture(scope="module")
def read() -> Analyze:
    return build_analyzer(TOPICS)


def submitted(
    said: tuple[str, str], *, url: str = "", links: tuple[EditorLink, ...] = ()
) -> Submission:
    return Submission(title=said[0], text=said[1], url=url, links=links)


@pytest.mark.parametrize("said", [UKRAINIAN, RUSSIAN, ENGLISH])
@pytest.mark.parametrize("url", ["https://courier.example/sport/1", "https://courier.example/1"])
def test_an_explanation_equals_the_analysis_of_the_article_processor(
    explain: Explain, read: Analyze, said: tuple[str, str], url: str
) -> None:
    found = explain(replace(submitted(said, url=url), language="ru", categories=("News",)))
    article = make_article(*said, url=url, categories=("News",), language="ru")
    made: ArticleAnalysis = read(article)
    assert (found.language, found.summary) == (made.language, made.summary)
    assert (found.topics.main, found.topics.others) == (made.topic, made.other_topics)


@pytest.mark.parametrize(
    ("title", "text", "prior", "language"),
    [
        (*UKRAINIAN, "", "uk"),
        (*RUSSIAN, "", "ru"),
        (*ENGLISH, "", "en"),
        (*ENGLISH, "uk", "en"),
        (*RUSSIAN, "a language of no man", "ru"),
        ("", "", "", "other"),
        ("", "", "uk", "uk"),
        ("Міст", "", "ru", "ru"),
        ("Bridge", "", "", "other"),
        ("🎉🎉🎉", "🔥", "", "other"),
        (
            "Das Parlament hat den Haushalt beschlossen",
            "Die Abgeordneten stimmten zu.",
            "",
            "other",
        ),
    ],
)
def test_without_a_known_source_language_the_text_alone_decides(
    explain: Explain, title: str, text: str, prior: str, language: ArticleLanguage
) -> None:
    assert explain(Submission(title=title, text=text, language=prior)).language == language


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("\x1b[31mred\x07", "[31mred"),
        ("\u202egnp.exe", "gnp.exe"),
        (" \ufeffa\0b\n", "ab"),
        ("half \ud83d a pair", "half  a pair"),
        ("и\u0306", "й"),
        ("one\ntwo\tthree", "one\ntwo\tthree"),
        ("abcdefghijklmnop", "abcdefghijkl"),
    ],
)
def test_invisible_characters_are_removed(dirty: str, clean: str) -> None:
    assert clean_text(dirty, 12 if dirty.startswith("abc") else 99) == clean


def test_an_article_is_cut_to_the_limits_of_feeds(explain: Explain) -> None:
    huge = Submission(
        title="Bridge " * 300_000, text="Міст. " * 400_000, categories=("news" * 999,) * 9999
    )
    article = explain(huge).article
    assert len(article.title) <= MAX_TITLE_CHARS
    assert len(article.text) <= MAX_TEXT_CHARS
    assert len(article.categories) == MAX_CATEGORIES
    assert max(map(len, article.categories)) <= MAX_TITLE_CHARS


@settings(max_examples=50)
@given(st.text(), st.text(), st.text(), st.lists(st.text(), max_size=3), st.text())
def test_any_text_is_explained(
    explain: Explain, title: str, text: str, url: str, categories: list[str], language: str
) -> None:
    found = explain(
        Submission(title=title, text=text, url=url, categories=tuple(categories), language=language)
    )
    assert found.language in ("uk", "ru", "en", "other")
    assert found.topics.topics or found.topics.rejection


async def told(db: Database, read: Analyze, *tellings: tuple[str, str], url: str = "") -> None:
    """Let the editor read articles of one source, as feeds bring them."""

    def with_text(article: Article) -> ArticleAnalysis:
        return read(replace(article, text=texts[article.title]))

    texts = dict(tellings)
    for title in texts:
        await receive(db, title, url=url)
    await ArticleProcessor(db=db, guard=guard_of(db), analyze=with_text, now=FakeClock()).step()


@pytest.fixture
async def archive(db: Database) -> StoryArchive:
    return StoryArchive(
        db=db.reader,
        topics=TOPICS,
        embed=None,
        now=NOON + timedelta(hours=1),
    )


def titles(*stories: Story | None) -> list[str]:
    return [story.title for story in stories if story is not None]


async def test_a_similar_article_joins_the_story(
    db: Database, archive: StoryArchive, explain: Explain, read: Analyze
) -> None:
    await told(db, read, FIRE, ENGLISH)
    links = (EditorLink(title="What its editor links to", url="https://courier.example/2"),)
    placed = await archive.place(explain(submitted(FIRE_TOO, links=links)))
    assert titles(placed.story) == [FIRE[0]]
    assert not placed.certain
    assert titles(placed.likely[0][0]) == [FIRE[0]]
    assert placed.likely[0][1] >= 0
    assert all(log_odds < 0 for _, log_odds in placed.likely[1:])
    assert [offer.link for offer in placed.related] == list(links), "and not the story itself"


async def test_a_story_that_is_not_similar_enough_is_shown_and_not_joined(
    db: Database, archive: StoryArchive, explain: Explain, read: Analyze
) -> None:
    await told(db, read, FIRE)
    placed = await archive.place(explain(submitted(MARATHON)))
    assert placed.story is None
    ((nearest, log_odds),) = placed.likely
    assert nearest.title == FIRE[0]
    assert log_odds < 0


@pytest.mark.parametrize(
    "known",
    [
        Submission(title=FIRE[0]),
        Submission(
            title="Warehouse burns down, two guards killed",
            url="http://www.courier.example/fire/?utm_source=x",
        ),
    ],
)
async def test_a_known_address_or_headline_is_certain(
    db: Database, archive: StoryArchive, explain: Explain, read: Analyze, known: Submission
) -> None:
    await told(db, read, FIRE, url=canonical("https://courier.example/fire"))
    placed = await archive.place(explain(known))
    assert titles(placed.story) == [FIRE[0]]
    assert placed.certain


async def test_other_news_at_a_known_address_does_not_join_for_that(
    db: Database, archive: StoryArchive, explain: Explain, read: Analyze
) -> None:
    url = canonical("https://courier.example/fire")
    await told(db, read, FIRE, url=url)
    placed = await archive.place(explain(submitted(MARATHON, url=url)))
    assert (placed.story, placed.continues, placed.certain) == (None, None, False)


async def test_the_second_alert_of_a_source_under_one_headline_is_a_chapter(
    db: Database, archive: StoryArchive, explain: Explain, read: Analyze
) -> None:
    title = "Air raid alert in the Lakeside region"
    first = (title, "Drones come from the south towards the town of Lakeside, take shelter now.")
    second = (title, "Missiles were launched in the evening; the port must be emptied at once.")
    await told(db, read, first)
    later = replace(archive, now=NOON + timedelta(hours=3))
    for url, continued in (
        ("https://courier.example/2", [title]),
        ("https://herald.example/2", []),
    ):
        placed = await later.place(explain(submitted(second, url=url)))
        assert titles(placed.continues) == continued
        assert titles(placed.story) == ([] if continued else [title]), "elsewhere it is the same"


async def test_a_new_story_has_related_links(
    db: Database, archive: StoryArchive, explain: Explain, read: Analyze
) -> None:
    await told(db, read, FIRE, ENGLISH)
    weeks_later = replace(archive, now=NOON + timedelta(days=14))
    placed = await weeks_later.place(explain(submitted(INQUIRY)))
    assert placed.story is None
    assert [offer.link.title for offer in placed.related] == [FIRE[0]]
    assert all(offer.score and 0 < offer.score <= 1 for offer in placed.related)


async def test_the_editors_links_come_first_and_lead_to_stored_stories(
    db: Database, archive: StoryArchive, explain: Explain, read: Analyze
) -> None:
    await told(db, read, ENGLISH, url=canonical("https://courier.example/budget"))
    links = (
        EditorLink(title="", url="https://courier.example/budget?utm_medium=x"),
        EditorLink(title="", url="https://courier.example/tag/fire"),
        EditorLink(title="A story that nobody stored", url="https://courier.example/2"),
    )
    placed = await archive.place(explain(submitted(INQUIRY, links=links)))
    assert [(offer.link.title, offer.score) for offer in placed.related] == [
        (ENGLISH[0], None),
        ("A story that nobody stored", None),
    ]


async def test_a_stored_story_is_shown_with_the_links_that_its_editors_put_there(
    db: Database, archive: StoryArchive, explain: Explain, read: Analyze
) -> None:
    await told(db, read, FIRE)
    link = EditorLink(title="A story that nobody stored", url="https://courier.example/2")
    async with db.transaction() as tx:
        await editor_links.replace(tx, ArticleId(1), [link], canonical=canonical)
        await editor_links.resolve(tx, ArticleId(1), link, language="en", topics=[WAR])
    placed = await archive.place(explain(submitted(FIRE)))
    assert placed.story is not None
    assert [offer.link.title for offer in placed.related] == [link.title]


@pytest.mark.parametrize(
    "said",
    [
        ("", ""),
        ("🎉", "🔥"),
        ("Good morning, everyone", ""),
        ("Das Parlament hat den Haushalt beschlossen", "Die Abgeordneten stimmten zu."),
    ],
)
async def test_a_rejected_article_has_no_placement(
    db: Database, archive: StoryArchive, explain: Explain, read: Analyze, said: tuple[str, str]
) -> None:
    await told(db, read, FIRE)
    placed = await archive.place(explain(submitted(said)))
    assert (placed.story, placed.related) == (None, ())


async def test_a_vector_is_computed_if_embeddings_are_on(
    db: Database, archive: StoryArchive, explain: Explain, read: Analyze
) -> None:
    asked: list[str] = []

    def embed(title: str, _: str, language: str) -> None:
        asked.append(title)

    await told(db, read, FIRE)
    able = replace(archive, embed=embed)
    await able.place(explain(submitted(FIRE_TOO)))
    await able.place(explain(submitted(("🎉", ""))))
    assert asked == [FIRE_TOO[0]], "in a language of ours only"
