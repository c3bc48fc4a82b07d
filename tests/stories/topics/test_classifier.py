from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Article, Language, TopicSlug
from bot.stories.topics.classifier import (
    PublisherSection,
    TopicRules,
    build_classifier,
    build_rules,
    count_listed_words,
    publisher_sections,
)
from bot.text.stemming import snowball_stems
from bot.topics import Topic, Topics
from tests.stories.builders import make_article

SPORTS = TopicSlug("sports")
WAR = TopicSlug("war")

# Reading the model takes longer than classifying an article.
cached_classifier = cache(build_classifier)


CULTURE = TopicSlug("culture")


@pytest.mark.parametrize(
    ("title", "text", "topic"),
    [
        ("Ворожа артилерія обстріляла місто", "Снаряди влучили у склад боєприпасів.", "war"),
        ("Войска начали наступление на фронте", "Бои идут у реки, сообщил генштаб.", "war"),
        ("Парламент обрав нового спікера", "Депутати проголосували за кандидата.", "politics"),
        ("Central bank cuts rates as inflation slows", "Investors cheered.", "economy"),
        ("Полиция задержала подозреваемого в краже", "Суд арестовал его.", "incidents"),
        ("Телескоп показав нову галактику", "Астрономи вивчають зірки.", "science"),
        ("Лікарі попереджають про грип", "Вакцина є в усіх лікарнях.", "health"),
        ("Surf reach the cup final", "The striker scored in the league match.", "sports"),
        ("Музей показал картины художника", "Выставка открылась в галерее.", "culture"),
        ("New smartphone app uses AI", "Developers trained the algorithm.", "tech"),
        ("Рецепт пирога с яблоками", "Повар советует подать к нему чай.", "lifestyle"),
        ("Школярі отримають підручники", "Вчителі й батьки задоволені.", "society"),
        ("Президент Сербії відвідав Китай", "Саміт відбувся в Пекіні.", "world"),
    ],
)
def test_words_decide_the_topic(topics: Topics, title: str, text: str, topic: str) -> None:
    assert build_classifier(topics)(make_article(title, text)).main == topic


@pytest.mark.parametrize(
    ("category", "topic"),
    [
        ("Економіка", "economy"),
        ("Війна в Україні", "war"),
        ("В мире", "world"),
        ("Sport", "sports"),
        ("Business", "economy"),
        ("КолонкаЭкономика", "economy"),
        ("News/Science", "science"),
        ("Новини | Здоров’я", "health"),
    ],
)
def test_the_publishers_category_decides(topics: Topics, category: str, topic: str) -> None:
    article = make_article("Ніч у музеї", "Відкрили виставку.", categories=(category,))
    assert build_classifier(topics)(article).main == topic


def test_the_first_category_is_the_section_and_others_are_tags(topics: Topics) -> None:
    article = make_article("Как это было", categories=("Россия", "Культура", "Спорт", "Культура"))
    assert build_classifier(topics)(article).main == "culture"


@pytest.mark.parametrize(
    "url",
    [
        "https://courier.example/sport/2026/bridge?x=/war/",
        "https://courier.example/news/futbol/1#top",
        "https://sport.courier.example/1",
    ],
)
def test_the_section_in_the_address_decides(topics: Topics, url: str) -> None:
    assert build_classifier(topics)(make_article("A long evening", url=url)).main == SPORTS


@pytest.mark.parametrize("url", ["", "http://[", "not an address"])
def test_an_invalid_address_has_no_topic(topics: Topics, url: str) -> None:
    assert build_classifier(topics)(make_article("A long evening", url=url)).main is None


def test_without_clear_evidence_the_feeds_usual_topic_is_chosen(topics: Topics) -> None:
    article = make_article("A long evening", feed_topic=SPORTS)
    assert build_classifier(topics)(article).main == SPORTS


def test_the_feeds_usual_topic_wins_over_one_word(topics: Topics) -> None:
    article = make_article("Doctor of the game", feed_topic=SPORTS)
    assert build_classifier(topics)(article).main == SPORTS


def test_clear_words_win_over_the_feeds_usual_topic(topics: Topics) -> None:
    article = make_article(
        "Hospital opens clinic for flu patients", "Doctors vaccinate.", feed_topic=SPORTS
    )
    assert build_classifier(topics)(article).main == "health"


def test_without_evidence_there_is_no_topic(topics: Topics) -> None:
    assert build_classifier(topics)(make_article("Так і є", "Ось воно як.")).main is None


@pytest.mark.parametrize(
    ("title", "text", "language"),
    [
        ("Price war in the supermarkets", "", "en"),
        ("Війна цін у крамницях", "Супермаркети здешевили молоко на третину.", "uk"),
        ("Война цен в магазинах", "Супермаркеты сделали молоко дешевле на треть.", "ru"),
    ],
)
def test_one_borrowed_word_of_war_does_not_make_the_topic_war(
    topics: Topics, title: str, text: str, language: Language
) -> None:
    assert build_classifier(topics)(make_article(title, text, language=language)).main == "economy"


def test_a_war_feed_needs_no_words_of_war(topics: Topics) -> None:
    assert build_classifier(topics)(make_article("First ship in years", feed_topic=WAR)).main == WAR


def test_without_topics_there_is_none() -> None:
    article = make_article("War and peace", categories=("War",))
    assert build_classifier(Topics([]))(article).main is None


def test_an_article_has_up_to_three_topics_each_with_a_score(topics: Topics) -> None:
    article = make_article(
        "Museum shows paintings as doctors open hospital",
        "Artists and surgeons met at the exhibition; patients saw the gallery.",
        categories=("Culture", "Health", "Sport", "World", "Economy"),
    )
    result = build_classifier(topics)(article)
    assert result.main == "culture"
    assert result.others[0] == "health"
    assert len(result.others) <= 2
    scores = [scored.score for scored in result.topics]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


def test_a_topic_has_its_evidence(topics: Topics) -> None:
    article = make_article(
        "Striker scores in the cup final",
        categories=("Sport", "Football"),
        feed_topic=SPORTS,
    )
    (main, *_) = build_classifier(topics)(article).topics
    assert main.section == PublisherSection(topic=SPORTS, kind="section", name="Sport")
    assert main.is_usual
    assert main.words == ("striker", "scores", "cup", "final")
    assert 0 < main.by_words < 1


@pytest.mark.parametrize(
    ("title", "rejection"),
    [
        ("Гороскоп на завтра", "service"),
        ("Головне за добу", "digest"),
        ("", "no topic"),
        ("hello", "no topic"),
        ("Мяу мяу", "no topic"),
        ("12345", "no topic"),
        ("🔥🔥🔥", "no topic"),
        ("\x00\ufffd\x07", "no topic"),
    ],
)
def test_a_rejection_has_a_reason(topics: Topics, title: str, rejection: str) -> None:
    result = build_classifier(topics)(make_article(title, url="", categories=()))
    assert (result.main, result.others, result.rejection) == (None, (), rejection)


def test_a_horoscope_is_no_news_in_any_feed(topics: Topics) -> None:
    article = make_article("Гороскоп на завтра", feed_topic=SPORTS, categories=("Sport",))
    assert build_classifier(topics)(article).main is None


def test_a_usual_topic_that_is_not_configured_is_ignored(topics: Topics) -> None:
    article = make_article("A long evening", feed_topic=TopicSlug("chess"))
    assert build_classifier(topics)(article).main is None


@pytest.fixture
def with_chess(topics: Topics) -> Topics:
    chess = Topic(
        slug=TopicSlug("chess"),
        emoji="♟",
        names={"uk": "Шахи", "ru": "Шахматы", "en": "Chess"},
        aliases=(),
        sections=("шахова школа",),
        words=frozenset(snowball_stems("гросмейстер grandmaster ладья checkmate")),
    )
    return Topics([*topics, chess])


@pytest.mark.parametrize(
    ("article", "main"),
    [
        (make_article("Grandmaster forces checkmate"), "chess"),
        (make_article("Увечері в клубі", categories=("Шахова школа",)), "chess"),
        (make_article("Увечері в клубі", categories=("Шахи",)), "chess"),
        (make_article("A long evening", feed_topic=TopicSlug("chess")), "chess"),
        (make_article("Striker scores in the cup final", "A grandmaster watched."), "sports"),
    ],
)
def test_an_operators_own_topic_is_classified_by_names_and_words(
    with_chess: Topics, article: Article, main: str
) -> None:
    assert build_classifier(with_chess)(article).main == main


def test_an_operators_own_topic_competes_with_the_shipped_ones(with_chess: Topics) -> None:
    article = make_article("Grandmaster wins the league match", "The team scored in the final.")
    result = build_classifier(with_chess)(article)
    assert {"chess", "sports"} <= {result.main, *result.others}


@given(st.text(), st.text(), st.lists(st.text(max_size=20), max_size=4).map(tuple), st.text())
def test_any_article_can_be_classified(
    topics: Topics, title: str, text: str, categories: tuple[str, ...], url: str
) -> None:
    result = cached_classifier(topics)(make_article(title, text, categories=categories, url=url))
    assert (result.main is None) == (result.rejection is not None)
    assert len({scored.topic for scored in result.topics}) == len(result.topics) <= 3


def test_a_long_text_is_classified_by_its_beginning(topics: Topics) -> None:
    article = make_article("Striker scores in the cup final", "war " * 500_000)
    assert build_classifier(topics)(article).main == SPORTS


@pytest.fixture(scope="module")
def rules(topics: Topics) -> TopicRules:
    return build_rules(topics)


def test_the_first_known_name_is_the_section_and_others_are_tags(rules: TopicRules) -> None:
    article = make_article(categories=("Россия", "Культура", "Спорт", "Культура"))
    assert publisher_sections(article, rules) == (
        PublisherSection(topic=CULTURE, kind="section", name="Культура"),
        PublisherSection(topic=SPORTS, kind="tag", name="Спорт"),
    )


@pytest.mark.parametrize("category", ["News/Sport", "Новини | Спорт", "КолонкаСпорт", " SPORT "])
def test_joined_section_names_are_split(rules: TopicRules, category: str) -> None:
    (found,) = publisher_sections(make_article(categories=(category,)), rules)
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
def test_the_address_names_a_section(rules: TopicRules, url: str) -> None:
    assert [found.topic for found in publisher_sections(make_article(url=url), rules)] == [SPORTS]


@pytest.mark.parametrize(
    "url", ["", "http://[", "not an address", "://", "https://x.example/sport"]
)
def test_an_address_without_a_section_has_none(rules: TopicRules, url: str) -> None:
    assert publisher_sections(make_article(url=url), rules) == ()


def test_each_form_of_a_listed_word_counts_once(rules: TopicRules) -> None:
    assert count_listed_words(("фронт", "фронті", "фронту"), rules.words) == {WAR: 1.0}


def test_a_word_of_two_topics_counts_a_half_for_each() -> None:
    listed = {"cup": (SPORTS, CULTURE)}
    assert count_listed_words(("cup",), listed) == {SPORTS: 0.5, CULTURE: 0.5}


def test_unlisted_words_are_not_counted(rules: TopicRules) -> None:
    assert count_listed_words(("ось", "воно"), rules.words) == {}
