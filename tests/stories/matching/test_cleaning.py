import pytest

from bot.stories.matching.cleaning import MAX_BODY_CHARS, MAX_HEAD_CHARS, clean


@pytest.mark.parametrize(
    "footer",
    [
        "📌 Маяк — підписатися",
        "\nПодписаться на Маяк",
        "\nВидео: @harbour_news",
        "\nДжерело: Укрінформ",
        "\nAll news in one list: https://t.me/harbour",
        "\n👉 Subscribe to our channel",
    ],
)
def test_footers_links_and_handles_are_dropped(footer: str) -> None:
    post = "⚡️ Пожежа в порту Лугового"
    assert clean(post, f"{post}\nГорить склад зерна. {footer}")[1] == (
        "Пожежа в порту Лугового Горить склад зерна."
    )


@pytest.mark.parametrize(
    "title",
    ["🔥🔥 Пожежа в порту", "Пожежа в порту (ВІДЕО)", "Пожежа в порту https://example.org/1"],
)
def test_a_headline_keeps_its_words_alone(title: str) -> None:
    assert clean(title, "")[0] == "Пожежа в порту"


def test_a_headline_about_a_signature_or_a_source_stays() -> None:
    for title in (
        "Президент підписав указ",
        "Источник мэрии: мост закроют",
        "Via Rail halts trains",
    ):
        assert clean(title, "")[0] == title


def test_a_text_that_begins_with_its_headline_does_not_say_it_twice() -> None:
    assert clean("Storm hits…", "Storm hits the coast.")[1] == "Storm hits the coast."
    assert clean("Storm hits", "Two are dead.")[1] == "Storm hits. Two are dead."
    assert clean("Storm hits", "")[1] == "Storm hits"


def test_both_are_cut() -> None:
    head, body = clean("a" * 5000, "b " * 5000)
    assert len(head) == MAX_HEAD_CHARS
    assert len(body) == MAX_BODY_CHARS
