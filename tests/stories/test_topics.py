import pytest

from bot.model import Language, TopicSlug
from bot.stories.topics import classifier
from bot.topics import Topics
from tests.stories.builders import make_article

SPORTS = TopicSlug("sports")
WAR = TopicSlug("war")


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
def test_words_tell_the_topic(topics: Topics, title: str, text: str, topic: str) -> None:
    assert classifier(topics)(make_article(title, text)) == topic


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
    assert classifier(topics)(article) == topic


def test_the_first_category_is_the_section_and_others_are_tags(topics: Topics) -> None:
    article = make_article("Как это было", categories=("Россия", "Культура", "Спорт", "Культура"))
    assert classifier(topics)(article) == "culture"


@pytest.mark.parametrize(
    "url",
    [
        "https://courier.example/sport/2026/bridge?x=/war/",
        "https://courier.example/news/futbol/1#top",
        "https://sport.courier.example/1",
    ],
)
def test_the_section_in_the_address_decides(topics: Topics, url: str) -> None:
    assert classifier(topics)(make_article("A long evening", url=url)) == SPORTS


@pytest.mark.parametrize("url", ["", "http://[", "not an address"])
def test_an_address_that_is_none_says_nothing(topics: Topics, url: str) -> None:
    assert classifier(topics)(make_article("A long evening", url=url)) is None


def test_the_feeds_usual_topic_is_the_answer_when_little_speaks(topics: Topics) -> None:
    article = make_article("A long evening", feed_topic=SPORTS)
    assert classifier(topics)(article) == SPORTS


def test_the_feeds_usual_topic_wins_over_one_word(topics: Topics) -> None:
    article = make_article("Doctor of the game", feed_topic=SPORTS)
    assert classifier(topics)(article) == SPORTS


def test_clear_words_win_over_the_feeds_usual_topic(topics: Topics) -> None:
    article = make_article(
        "Hospital opens clinic for flu patients", "Doctors vaccinate.", feed_topic=SPORTS
    )
    assert classifier(topics)(article) == "health"


def test_nothing_speaks_for_nothing(topics: Topics) -> None:
    assert classifier(topics)(make_article("Так і є", "Ось воно як.")) is None


@pytest.mark.parametrize(
    ("title", "language"),
    [("Price war in the supermarkets", "en"), ("Війна цін у крамницях", "uk")],
)
def test_one_word_of_war_is_no_war(topics: Topics, title: str, language: Language) -> None:
    assert classifier(topics)(make_article(title, language=language)) != WAR


def test_a_war_feed_needs_no_words_of_war(topics: Topics) -> None:
    assert classifier(topics)(make_article("First ship in years", feed_topic=WAR)) == WAR


def test_without_topics_there_is_none() -> None:
    article = make_article("War and peace", categories=("War",))
    assert classifier(Topics([]))(article) is None
