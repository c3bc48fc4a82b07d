from quality.forms import false_meetings, recall

MARKED = (
    ("Cats", "cat", "NOUN"),
    ("cat", "cat", "NOUN"),
    ("went", "go", "VERB"),
    ("catalogue", "catalogue", "NOUN"),
    ("Catalogues", "catalogue", "NOUN"),
)


def test_a_form_counts_if_it_is_unlike_its_lemma_and_is_met_by_an_equal_stem() -> None:
    counts = recall(lambda word: word.removesuffix("s"), MARKED)
    assert counts == {
        "all": (2, 3),
        "NOUN": (2, 2),
        "PROPN": (0, 0),
        "ADJ": (0, 0),
        "VERB": (0, 1),
    }


def test_a_form_that_has_the_stem_of_another_lemma_is_a_false_meeting() -> None:
    marked = (*MARKED, ("catalogs", "catalog", "NOUN"))
    assert false_meetings(lambda word: word.removesuffix("s"), marked) == (0, 1)
    assert false_meetings(lambda word: word[:4], marked) == (1, 1)
