import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ready_words.lists import ready_words
from bot.ready_words.marks import marked_text, places_in
from bot.text.phrases import contains

EVERY = (*ready_words("place"), *ready_words("mute"))


def lists_of(title: str, summary: str = "") -> set[str]:
    text = marked_text(title, summary)
    return {each.id for each in EVERY if contains(text, each.phrase)}


@pytest.mark.parametrize(
    ("titles", "place"),
    [
        ("У Харкові відкрили метро|Харьковчане вышли на улицы|A fire in Kharkiv", "kharkiv"),
        ("На Харківщині горить ліс|Под Волчанском тихо|Харківський зоопарк", "kharkiv"),
        ("Львів'янин переміг|Во Львове дождь|Lviv's trams", "lviv"),
        ("У Києві злива|Киевляне спят|A strike on Kyiv|Київське метро|Обстріл Києва", "kyiv"),
        ("В Київській області пожежа|Пожежа в Броварах|Kyiv region burns", "kyiv_region"),
        ("У Варшаві мітинг|Варшавское метро|Rain in Warsaw", "warsaw"),
        ("Кривий Ріг під обстрілом|У Кривому Розі тихо|В Никополе взрывы", "dnipro"),
        ("Fire in Los Angeles|L.A. mayor resigns|У Лос-Анджелесі землетрус", "los_angeles"),
    ],
)
def test_a_place_is_known_by_its_name_adjective_and_people_in_any_form(
    titles: str, place: str
) -> None:
    for title in titles.split("|"):
        assert lists_of(title) == {place}, title


@pytest.mark.parametrize(
    "title",
    [
        "Офіційний Київ мовчить",
        "Москва заявила про перемовини",
        "Киев не может закрыть небо",
        "Kyiv says no",
        "Тиск на Москву зростає",
        "Talks with Warsaw go on",
        "Переговоры с Киевом",
        "Київ і Москва домовилися",
    ],
)
def test_a_seat_of_government_is_no_place(title: str) -> None:
    assert lists_of(title) == set()


@pytest.mark.parametrize(
    "title",
    [
        "Сума штрафів",
        "Приговор Льву Толстому",
        "New York Times sued",
        "рівне поле",
        "Каменськ горить",
    ],
)
def test_other_words_of_the_same_forms_are_no_place(title: str) -> None:
    assert lists_of(title) == set()


def test_a_place_counts_in_the_headline_and_the_first_sentence_alone() -> None:
    assert lists_of("Пожежа", "Горить склад в Одесі. Раніше горіло у Львові.") == {"odesa"}


@pytest.mark.parametrize(
    ("titles", "mute"),
    [
        ("Гороскоп на завтра|Гороскоп для овнов|Your horoscope for Monday", "horoscopes"),
        ("Біткоїн подорожчав|Криптовалюты падают|Bitcoin falls", "crypto"),
        ("Втрати ворога на 3 березня|Потери врага за день", "losses"),
        ("Принц Гаррі програв суд|Prince Harry loses a case", "royals"),
        ("Промокод на піцу|Скидка на билеты|Black Friday deals begin", "adverts"),
        ("Зірка серіалу розлучилася|Star on the red carpet", "show_business"),
        ("Обезголовлене тіло|A dismembered body is found", "gore"),
        ("Команда здолала суперника з рахунком 3:0|Reached the semi-finals", "sports_scores"),
    ],
)
def test_what_can_be_muted_is_known(titles: str, mute: str) -> None:
    for title in titles.split("|"):
        assert mute in lists_of(title), title


def test_each_name_of_a_place_leads_to_that_place() -> None:
    # Names that two places share, or that the rules for capitals leave out, are mistakes.
    wrong = [
        (place.id, label)
        for place in ready_words("place")
        for label in place.labels.values()
        if place not in places_in(label)
    ]
    assert wrong == []


@pytest.mark.parametrize("typed", ["Харків", "харків", "харькове", "kharkiv"])
def test_a_typed_place_is_found(typed: str) -> None:
    assert [place.id for place in places_in(typed)] == ["kharkiv"]


@given(st.text(), st.text())
def test_no_text_raises_an_error(title: str, summary: str) -> None:
    marked_text(title, summary)
