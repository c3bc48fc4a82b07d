from bot.model import LANGUAGES
from bot.ready_words.lists import find_ready_words, ready_words, seat_words, typed_phrase
from bot.text.phrases import parse_phrase

EVERY = (*ready_words("place"), *ready_words("mute"))


def test_every_list_has_labels_that_are_read_back_as_its_phrase() -> None:
    for each in EVERY:
        for language in LANGUAGES:
            assert typed_phrase(f" {each.label(language)}") == each.phrase
    assert typed_phrase("Харків") == parse_phrase("Харків")
    assert find_ready_words("nowhere") is None


def test_ukraine_has_all_its_regions_and_the_readers_forty_cities() -> None:
    ids = [place.id for place in ready_words("place")]
    assert ids[:4] == ["kyiv", "kyiv_region", "crimea", "sevastopol"]
    assert len(ids) >= 24 + 3 + 40


def test_the_words_beside_a_seat_of_government_are_stems() -> None:
    before, after = seat_words()
    assert "official" in before or "offici" in before
    assert "say" in after
