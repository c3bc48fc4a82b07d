import pytest

from bot.model import TopicSlug
from bot.stories.topics.classifier_topic_evidence import Evidence, Filed, filed, gather, telling
from bot.topics import Topics
from tests.stories.builders import make_article

CULTURE = TopicSlug("culture")
SPORTS = TopicSlug("sports")
WAR = TopicSlug("war")


@pytest.fixture(scope="module")
def evidence(topics: Topics) -> Evidence:
    return gather(topics)


def test_the_first_known_name_is_the_section_and_others_are_tags(evidence: Evidence) -> None:
    article = make_article(categories=("Россия", "Культура", "Спорт", "Культура"))
    assert filed(article, evidence) == (
        Filed(topic=CULTURE, kind="section", name="Культура"),
        Filed(topic=SPORTS, kind="tag", name="Спорт"),
    )


@pytest.mark.parametrize("category", ["News/Sport", "Новини | Спорт", "КолонкаСпорт", " SPORT "])
def test_glued_names_are_parted(evidence: Evidence, category: str) -> None:
    (found,) = filed(make_article(categories=(category,)), evidence)
    assert (found.topic, found.kind, found.name.casefold()) in {
        (SPORTS, "section", "sport"),
        (SPORTS, "section", "спорт"),
    }


@pytest.mark.parametrize(
    "url",
    [
        "https://courier.example/sport/2026/bridge?x=/war/",
        "https://courier.example/news/futbol/1#top",
        "https://sport.courier.example/1",
    ],
)
def test_the_address_names_a_section(evidence: Evidence, url: str) -> None:
    assert [found.topic for found in filed(make_article(url=url), evidence)] == [SPORTS]


@pytest.mark.parametrize(
    "url", ["", "http://[", "not an address", "://", "https://x.example/sport"]
)
def test_an_address_without_a_section_says_nothing(evidence: Evidence, url: str) -> None:
    assert filed(make_article(url=url), evidence) == ()


def test_each_form_of_a_listed_word_counts_once(evidence: Evidence) -> None:
    assert telling(("фронт", "фронті", "фронту"), evidence.words) == {WAR: 1.0}


def test_a_word_that_speaks_for_two_topics_is_halved() -> None:
    listed = {"cup": (SPORTS, CULTURE)}
    assert telling(("cup",), listed) == {SPORTS: 0.5, CULTURE: 0.5}


def test_words_that_are_not_listed_count_for_nothing(evidence: Evidence) -> None:
    assert telling(("ось", "воно"), evidence.words) == {}
