import pytest

from bot.text.quantities import MAX_QUANTITIES, quantities, says_more


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("14 людей загинули і 27 отримали поранення", {"killed:14", "hurt:27"}),
        ("Storm kills at least 17", {"killed:17"}),
        ("Пять моряков погибли", {"killed:5"}),
        ("П’ятеро рибалок загинули", {"killed:5"}),
        ("$1.2 billion and a 20% toll", {"usd:1.2e+09", "percent:20"}),
        ("25 млн долларов", {"usd:2.5e+07"}),
        ("1,200 drones over 3 regions", {"drone:1200", "region:3"}),
        ("1 200 дронів", {"drone:1200"}),
        ("35,5 тис. осіб", {"person:35500"}),
        ("€40bn", {"eur:4e+10"}),
        ("13 липня", {"date:7-13"}),
        ("5 July", {"date:7-5"}),
        ("0,5 км", {"km:0.5"}),
        ("1.234.567 грн", {"uah:1.23457e+06"}),
        ("квартира 17", {"n:17"}),
    ],
)
def test_a_number_is_read_with_its_unit(text: str, found: set[str]) -> None:
    assert quantities(text) == found


@pytest.mark.parametrize("text", ["У 2026 році", "F-16 and Су-27", "five", "без чисел", ""])
def test_years_names_and_words_without_a_unit_are_no_quantities(text: str) -> None:
    assert quantities(text) == frozenset()


def test_the_same_quantity_in_three_languages_is_equal() -> None:
    told = ("Two people were killed", "Погибли двое", "Двоє людей загинули")
    assert {quantities(text) for text in told} == {frozenset({"killed:2"})}


def test_a_text_of_numbers_has_few() -> None:
    assert len(quantities(" ".join(map(str, range(5000))))) == MAX_QUANTITIES


@pytest.mark.parametrize(
    ("known", "title", "text", "wanted"),
    [
        ("Two dead in a storm", "Nine dead in a storm", "", True),
        ("У Львові двоє загиблих", "Кількість загиблих зросла до 9", "", True),
        ("При обстреле погибли 3 человека", "Число погибших выросло до семи", "", True),
        ("11 hurt in a fire", "A fire in a market", "The fire left 14 people injured.", True),
        ("A blast in the harbour", "Blast in the harbour: 4 dead", "", True),
        ("Loan of $2 billion agreed", "Loan of $3 billion agreed", "", True),
        ("Two dead in a storm", "Storm kills two people", "", False),
        ("Двоє загиблих у Львові", "У Львові загинули 2 людини", "", False),
        ("Bridge opens", "The new bridge is open for traffic", "", False),
        ("A blast in the harbour", "The harbour shaken", "It was heard 3 km away.", False),
        ("3,012 drones in a month", "More than 3,000 drones in a month", "", False),
        ("Nine dead in a storm", "A storm of the century", "", False),
    ],
)
def test_other_numbers_are_an_update_and_other_words_are_none(
    known: str, title: str, text: str, wanted: bool
) -> None:
    new = quantities(title), quantities(f"{title}\n{text}")
    assert says_more(new, quantities(known)) == wanted
