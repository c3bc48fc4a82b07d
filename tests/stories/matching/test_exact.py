import pytest

from bot.stories.matching.exact import agrees

OPENED = "Міст відкрито у Луговому після ремонту"
LEAD = "Мер перерізав стрічку, рух транспорту відновлено в обидва боки."


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (OPENED, ""),
        ("Оновлено: міст у Луговому відкрито після ремонту", ""),
        ("Рух відновлено", f"{OPENED}. {LEAD}"),
        ("Стрічку перерізано", LEAD),
        ("У Луговому відкрито міст", "Фото з місця події."),
    ],
)
def test_an_edited_headline_or_a_kept_text_agree(title: str, text: str) -> None:
    assert agrees(title, text, known_title=OPENED, known_text=LEAD)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Парламент ухвалив бюджет на рік", ""),
        ("Землетрус у Греції: є загиблі", "Підземні поштовхи відчули в Афінах."),
        ("", ""),
    ],
)
def test_other_news_at_the_address_does_not_agree(title: str, text: str) -> None:
    assert not agrees(title, text, known_title=OPENED, known_text=LEAD)
