import pickle
from dataclasses import replace

import pytest

from bot.isolation.pool import open_pool
from bot.stories.analysis import Analyze, build_analyzer
from bot.stories.embedding import MAX_LEAD_CHARS
from bot.topics import Topics
from tests.stories.builders import make_article

TITLE = "Bridge opens in Lakeside"
TEASER = "The mayor of Lakeside opened the new bridge."
PAGE = (
    "The mayor of Lakeside opened the new bridge on Friday before a crowd of thousands. "
    "It took four years and eighty million to build, twice as much as was planned. "
    "Ferries across the river stop next week, and their crews look for other work."
)
ARTICLES = [make_article(f"{TITLE} number {n}", f"{TEASER} {n} of them. " * n) for n in range(25)]


@pytest.fixture(scope="module")
def analyze(topics: Topics) -> Analyze:
    return build_analyzer(topics)


def test_the_text_of_the_page_is_analysed_where_it_tells_more(analyze: Analyze) -> None:
    article = make_article(TITLE, TEASER)
    by_page = analyze(replace(article, page=PAGE))
    assert by_page == analyze(replace(article, text=PAGE))
    assert by_page != analyze(article)
    assert by_page.lead == PAGE[:MAX_LEAD_CHARS]


def test_an_analyzer_that_was_pickled_returns_the_same(analyze: Analyze) -> None:
    unpickled = pickle.loads(pickle.dumps(analyze))
    assert list(map(unpickled, ARTICLES)) == list(map(analyze, ARTICLES))


async def test_articles_are_analysed_the_same_in_worker_processes(analyze: Analyze) -> None:
    async with open_pool(preload="bot.app.worker_preload") as pool:
        analyses = await pool.run_each(analyze, ARTICLES)
    assert analyses == list(map(analyze, ARTICLES))
