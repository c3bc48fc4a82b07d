"""Articles by few words, for tests that read them."""

from datetime import timedelta

from bot.model import Article, ArticleId, Language, TopicSlug
from tests.support.fakes import NOON


def make_article(
    title: str = "Bridge opens in Lakeside",
    text: str = "",
    *,
    url: str = "https://courier.example/1",
    categories: tuple[str, ...] = (),
    feed_topic: TopicSlug | None = None,
    language: Language = "en",
) -> Article:
    return Article(
        id=ArticleId(1),
        source="The Harbour Courier",
        feed_language=language,
        feed_topic=feed_topic,
        url=url,
        canonical_url=url,
        title=title,
        text=text,
        categories=categories,
        published_at=NOON - timedelta(hours=1),
        backlog=False,
    )
