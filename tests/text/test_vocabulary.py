import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.resources import RESOURCES
from bot.stories.related import terms
from bot.text.stemming import snowball_stem, words
from bot.text.vocabulary import (
    MAX_IDF,
    MAX_QUERY_WORDS,
    concept,
    event_verbs,
    idf,
    index_term,
    places,
    query_terms,
    story_concept,
)


@pytest.mark.parametrize(
    ("headline", "events"),
    [
        ("Власти опровергли закрытие моста", {"deny"}),
        ("У Кабміні спростували чутки", {"deny"}),
        ("Kremlin reacts to sanctions", {"react"}),
        ("Суд отпустил задержанных", {"free", "arrest"}),
        ("Flight postponed", {"postpone"}),
        ("Мост не закроют", {"no"}),
        ("Мост открыт", set()),
        ("", set()),
    ],
)
def test_event_verbs_are_found_in_every_language(headline: str, events: set[str]) -> None:
    assert event_verbs(headline) == events


@pytest.mark.parametrize(
    ("english", "others"),
    [
        ("earthquake", "землетрясение землетрус"),
        ("fire", "пожар пожежа пожежі"),
        ("killed", "погибли загинули загиблих"),
        ("us", "сша америка американский"),
    ],
)
def test_translations_share_a_concept(english: str, others: str) -> None:
    assert {concept(snowball_stem(word)) for word in others.split()} == {
        concept(snowball_stem(english))
    }


def test_an_unlisted_word_is_its_own_concept() -> None:
    assert concept("блакитнокрил") == "блакитнокрил"


def test_the_word_ukraine_is_not_taken_for_another() -> None:
    assert (
        concept(snowball_stem("україна"))
        == concept(snowball_stem("ukraine"))
        != concept(snowball_stem("theft"))
    )


def test_an_unlisted_term_has_the_highest_idf() -> None:
    assert idf("блакитнокрил") == MAX_IDF


def test_a_frequent_word_has_a_lower_idf() -> None:
    assert 0 < idf("presid") < idf("volcano") <= MAX_IDF


def test_weights_are_halves_so_that_sums_do_not_depend_on_their_order() -> None:
    assert (idf("presid") * 2).is_integer()


@pytest.mark.parametrize(
    ("one", "other"),
    [("killed", "загинули"), ("ринок", "рынка"), ("льда", "лёд"), ("went", "go")],
)
def test_forms_and_translations_share_a_term_of_the_index(one: str, other: str) -> None:
    assert index_term(one) == index_term(other)


def test_each_word_that_newspapers_choose_between_stands_for_one_thing() -> None:
    lines = (RESOURCES / "story_words.txt").read_text("utf-8").splitlines()
    meanings: dict[str, set[str]] = {}
    for line in lines:
        if not line.startswith("#"):
            stems = [snowball_stem(word) for word in words(line)]
            for stemmed in stems:
                meanings.setdefault(stemmed, set()).add(stems[0])
    assert {stemmed: found for stemmed, found in meanings.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ousts", "звільнив"),
        ("суд", "court"),
        ("Одещині", "Одессе"),
        ("судно", "vessel"),
        ("багатоповерхівка", "многоэтажку"),
        ("безпілотники", "drones"),
    ],
)
def test_words_of_one_meaning_are_one_story_concept(one: str, other: str) -> None:
    stems = (snowball_stem(word) for text in (one, other) for word in words(text))
    assert len({story_concept(stemmed) for stemmed in stems}) == 1


def test_cities_and_regions_are_places_and_months_are_not() -> None:
    known = places()
    assert {
        story_concept(snowball_stem(word)) for word in ("одещині", "львові", "рівного")
    } <= known
    assert story_concept(snowball_stem("августа")) not in known


def finds(query: str, title: str) -> bool:
    held = set(terms(title, title))
    return all(held.intersection(alike) for alike in query_terms(query))


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("школами", "У місті відкрили нову школу"),
        ("Зеленский", "Зустріч із Зеленським у столиці"),
        ("Zelensky", "В столице ждут Зеленского"),
        ("Харьков", "Нічна атака на Харків"),
        ("bridges", "New bridge opens in Lakeside"),
        ("новий міст", "Міст, якого чекали: новий і широкий"),
        ("F-16", "Україна отримала F16"),
    ],
)
def test_word_forms_languages_and_spellings_share_terms(query: str, title: str) -> None:
    assert finds(query, title)


@pytest.mark.parametrize(
    ("query", "title"), [("міст пором", "Міст відкрито"), ("Київ", "Зелений сад розквітнув")]
)
def test_a_missing_word_is_not_found(query: str, title: str) -> None:
    assert not finds(query, title)


@pytest.mark.parametrize("query", ["", "   ", "the and", "?!", "і та"])
def test_stop_words_are_an_empty_query(query: str) -> None:
    assert query_terms(query) == ()


def test_a_pasted_article_is_a_query_of_a_few_words() -> None:
    assert len(query_terms(" ".join(f"word{number}" for number in range(500)))) == MAX_QUERY_WORDS


@given(st.text())
def test_each_word_has_a_term(query: str) -> None:
    assert all(query_terms(query))
