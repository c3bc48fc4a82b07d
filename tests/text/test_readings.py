from bot.text.readings import readings
from bot.text.stemming import stem


def test_a_form_of_different_words_has_forms_of_each_that_share_no_stem() -> None:
    found = readings("мати")
    assert len({stem(reading[0]) for reading in found}) == len(found) > 1


def test_the_forms_of_a_reading_share_a_stem_and_are_of_no_other_word() -> None:
    for reading in readings("мати"):
        assert len({stem(form) for form in reading}) == 1
        assert not any(map(readings, reading))


def test_a_form_of_one_word_has_no_readings() -> None:
    assert readings("президент") == ()
    assert readings("election") == ()


def test_a_phrase_has_no_readings() -> None:
    assert readings("мати й дитина") == readings("") == ()
