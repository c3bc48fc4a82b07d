import sys

from bot.app.run import WORKER_PRELOAD
from bot.isolation.pool import open_pool
from bot.resources import RESOURCES
from bot.stories.analysis import Analyze, build_analyzer
from bot.topics import read_topics
from tests.stories.builders import make_article

ARTICLES = [
    make_article("Bridge opens in Lakeside", "The mayor of Lakeside opened it on Friday."),
    make_article("У Львові відкрили міст", "Мер Львова відкрив його в п'ятницю."),
]


async def test_a_worker_process_has_read_all_that_an_analysis_needs() -> None:
    analyze = build_analyzer(read_topics(RESOURCES / "topics.toml"))
    async with open_pool(preload=WORKER_PRELOAD) as pool:
        assert await pool.run(opened_by, analyze) == []


def opened_by(analyze: Analyze) -> list[str]:
    """Return the files that an analysis opens."""
    opened: list[str] = []
    sys.addaudithook(lambda event, about: opened.append(str(about[0])) if event == "open" else None)
    for article in ARTICLES:
        analyze(article)
    return opened
