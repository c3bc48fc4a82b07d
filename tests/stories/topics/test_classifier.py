from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Article, Language, TopicSlug
from bot.stories.topics.classifier import (
    PublisherSection,
    TopicRules,
    classifier,
    filed,
    gather,
    non_news_kind,
    telling,
)
from bot.text.stemming import stems
from bot.topics import Topic, Topics
from tests.stories.builders import make_article

SPORTS = TopicSlug("sports")
WAR = TopicSlug("war")

# Reading the model takes longer than filing an article by it.
cached_classifier = cache(classifier)


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
def test_words_tell_the_topic(topics: Topics, title: str, text: str, topic: str) -> None:
    assert classifier(topics)(make_article(title, text)).main == topic


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
    assert classifier(topics)(article).main == topic


def test_the_first_category_is_the_section_and_others_are_tags(topics: Topics) -> None:
    article = make_article("Как это было", categories=("Россия", "Культура", "Спорт", "Культура"))
    assert classifier(topics)(article).main == "culture"


@pytest.mark.parametrize(
    "url",
    [
        "https://courier.example/sport/2026/bridge?x=/war/",
        "https://courier.example/news/futbol/1#top",
        "https://sport.courier.example/1",
    ],
)
def test_the_section_in_the_address_decides(topics: Topics, url: str) -> None:
    assert classifier(topics)(make_article("A long evening", url=url)).main == SPORTS


@pytest.mark.parametrize("url", ["", "http://[", "not an address"])
def test_an_address_that_is_none_says_nothing(topics: Topics, url: str) -> None:
    assert classifier(topics)(make_article("A long evening", url=url)).main is None


def test_the_feeds_usual_topic_is_the_answer_when_little_speaks(topics: Topics) -> None:
    article = make_article("A long evening", feed_topic=SPORTS)
    assert classifier(topics)(article).main == SPORTS


def test_the_feeds_usual_topic_wins_over_one_word(topics: Topics) -> None:
    article = make_article("Doctor of the game", feed_topic=SPORTS)
    assert classifier(topics)(article).main == SPORTS


def test_clear_words_win_over_the_feeds_usual_topic(topics: Topics) -> None:
    article = make_article(
        "Hospital opens clinic for flu patients", "Doctors vaccinate.", feed_topic=SPORTS
    )
    assert classifier(topics)(article).main == "health"


def test_nothing_speaks_for_nothing(topics: Topics) -> None:
    assert classifier(topics)(make_article("Так і є", "Ось воно як.")).main is None


@pytest.mark.parametrize(
    ("title", "text", "language"),
    [
        ("Price war in the supermarkets", "", "en"),
        ("Війна цін у крамницях", "Супермаркети здешевили молоко на третину.", "uk"),
        ("Война цен в магазинах", "Супермаркеты сделали молоко дешевле на треть.", "ru"),
    ],
)
def test_a_borrowed_word_of_war_is_no_war(
    topics: Topics, title: str, text: str, language: Language
) -> None:
    assert classifier(topics)(make_article(title, text, language=language)).main == "economy"


def test_a_war_feed_needs_no_words_of_war(topics: Topics) -> None:
    assert classifier(topics)(make_article("First ship in years", feed_topic=WAR)).main == WAR


def test_without_topics_there_is_none() -> None:
    article = make_article("War and peace", categories=("War",))
    assert classifier(Topics([]))(article).main is None


def test_an_article_has_up_to_three_topics_each_with_a_score(topics: Topics) -> None:
    article = make_article(
        "Museum shows paintings as doctors open hospital",
        "Artists and surgeons met at the exhibition; patients saw the gallery.",
        categories=("Culture", "Health", "Sport", "World", "Economy"),
    )
    filing = classifier(topics)(article)
    assert filing.main == "culture"
    assert filing.others[0] == "health"
    assert len(filing.others) <= 2
    scores = [scored.score for scored in filing.topics]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


def test_what_says_so_is_told_in_words(topics: Topics) -> None:
    article = make_article(
        "Striker scores in the cup final",
        categories=("Sport", "Football"),
        feed_topic=SPORTS,
    )
    (main, *_) = classifier(topics)(article).topics
    section, usual, words, all_words = main.evidence
    assert (section, usual) == ("section “Sport”", "the feed's usual topic")
    assert words == "words striker, scores, cup, final"
    assert all_words.startswith("all words ")


@pytest.mark.parametrize(
    ("title", "refusal"),
    [
        ("Гороскоп на завтра", "no news: a horoscope"),
        ("Головне за добу", "no news: a digest of everything"),
        ("", "nothing tells its topic"),
        ("hello", "nothing tells its topic"),
        ("Мяу мяу", "nothing tells its topic"),
        ("12345", "nothing tells its topic"),
        ("🔥🔥🔥", "nothing tells its topic"),
        ("\x00\ufffd\x07", "nothing tells its topic"),
    ],
)
def test_a_refusal_says_why(topics: Topics, title: str, refusal: str) -> None:
    filing = classifier(topics)(make_article(title, url="", categories=()))
    assert (filing.main, filing.others, filing.refusal) == (None, (), refusal)


def test_a_horoscope_is_no_news_in_any_feed(topics: Topics) -> None:
    article = make_article("Гороскоп на завтра", feed_topic=SPORTS, categories=("Sport",))
    assert classifier(topics)(article).main is None


def test_a_usual_topic_that_is_gone_from_the_list_counts_for_nothing(topics: Topics) -> None:
    article = make_article("A long evening", feed_topic=TopicSlug("chess"))
    assert classifier(topics)(article).main is None


@pytest.fixture
def with_chess(topics: Topics) -> Topics:
    chess = Topic(
        slug=TopicSlug("chess"),
        emoji="♟",
        names={"uk": "Шахи", "ru": "Шахматы", "en": "Chess"},
        aliases=(),
        sections=("шахова школа",),
        words=frozenset(stems("гросмейстер grandmaster ладья checkmate")),
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
def test_an_operators_own_topic_is_known_by_names_and_words(
    with_chess: Topics, article: Article, main: str
) -> None:
    assert classifier(with_chess)(article).main == main


def test_an_operators_own_topic_stands_beside_the_shipped_ones(with_chess: Topics) -> None:
    article = make_article("Grandmaster wins the league match", "The team scored in the final.")
    filing = classifier(with_chess)(article)
    assert {"chess", "sports"} <= {filing.main, *filing.others}


@given(st.text(), st.text(), st.lists(st.text(max_size=20), max_size=4).map(tuple), st.text())
def test_anything_can_be_filed(
    topics: Topics, title: str, text: str, categories: tuple[str, ...], url: str
) -> None:
    filing = cached_classifier(topics)(make_article(title, text, categories=categories, url=url))
    assert (filing.main is None) == (filing.refusal is not None)
    assert len({scored.topic for scored in filing.topics}) == len(filing.topics) <= 3


def test_a_long_text_is_filed_by_its_beginning(topics: Topics) -> None:
    article = make_article("Striker scores in the cup final", "war " * 500_000)
    assert classifier(topics)(article).main == SPORTS


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("Гороскоп на завтра", "", "a horoscope"),
        ("", "♈️ Гороскоп на сьогодні: Овен сьогодні щасливий", "a horoscope"),
        ("Любовный гороскоп для всех знаков", "", "a horoscope"),
        ("Horoscope for Friday", "", "a horoscope"),
        ("☀️ Доброго ранку, друзі!", "Гарного дня.", "a greeting"),
        ("Доброе утро", "", "a greeting"),
        ("Good morning, everyone", "", "a greeting"),
        ("Головне за 17.07.2026", "", "a digest of everything"),
        ("Головні новини дня", "", "a digest of everything"),
        ("Главное за неделю", "", "a digest of everything"),
        ("Итоги дня: что случилось", "", "a digest of everything"),
        ("Your morning briefing", "", "a digest of everything"),
        ("Реклама", "Купуйте наші парасолі.", "an advertisement"),
        ("Зонты со скидкой", "ООО «Зонт». erid: 2VtzqwAb", "an advertisement"),
        ("Парасолі дешевше", "Промокод ЗЛИВА діє до п'ятниці.", "an advertisement"),
    ],
)
def test_what_is_no_news_says_so_itself(title: str, text: str, kind: str | None) -> None:
    assert non_news_kind(title, text) == kind


@pytest.mark.parametrize(
    "title",
    [
        "",
        "Парламент заборонив рекламу азартних ігор",
        "Астрологи проти гороскопів: що сказав суд",
        "Good morning America host retires",
        "Доброе утро, Вьетнам: фильм возвращается в кино",
        "Главное здание университета закрыли на ремонт",
        "Итоги выборов подведут в пятницу",
        "Daily exercise helps the heart",
    ],
)
def test_news_that_only_speaks_of_such_things_is_news(title: str) -> None:
    assert non_news_kind(title, "Подробиці згодом.") is None


@given(st.text(), st.text())
def test_any_text_has_an_answer(title: str, text: str) -> None:
    assert non_news_kind(title, text) is None or non_news_kind(title, text)


@pytest.fixture(scope="module")
def evidence(topics: Topics) -> TopicRules:
    return gather(topics)


def test_the_first_known_name_is_the_section_and_others_are_tags(evidence: TopicRules) -> None:
    article = make_article(categories=("Россия", "Культура", "Спорт", "Культура"))
    assert filed(article, evidence) == (
        PublisherSection(topic=CULTURE, kind="section", name="Культура"),
        PublisherSection(topic=SPORTS, kind="tag", name="Спорт"),
    )


@pytest.mark.parametrize("category", ["News/Sport", "Новини | Спорт", "КолонкаСпорт", " SPORT "])
def test_glued_names_are_parted(evidence: TopicRules, category: str) -> None:
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
def test_the_address_names_a_section(evidence: TopicRules, url: str) -> None:
    assert [found.topic for found in filed(make_article(url=url), evidence)] == [SPORTS]


@pytest.mark.parametrize(
    "url", ["", "http://[", "not an address", "://", "https://x.example/sport"]
)
def test_an_address_without_a_section_says_nothing(evidence: TopicRules, url: str) -> None:
    assert filed(make_article(url=url), evidence) == ()


def test_each_form_of_a_listed_word_counts_once(evidence: TopicRules) -> None:
    assert telling(("фронт", "фронті", "фронту"), evidence.words) == {WAR: 1.0}


def test_a_word_that_speaks_for_two_topics_is_halved() -> None:
    listed = {"cup": (SPORTS, CULTURE)}
    assert telling(("cup",), listed) == {SPORTS: 0.5, CULTURE: 0.5}


def test_words_that_are_not_listed_count_for_nothing(evidence: TopicRules) -> None:
    assert telling(("ось", "воно"), evidence.words) == {}
