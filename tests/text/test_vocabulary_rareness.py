from bot.text.vocabulary_rareness import RAREST, rareness


def test_what_the_table_lacks_is_the_rarest() -> None:
    assert rareness("блакитнокрил") == RAREST


def test_a_common_word_is_less_rare() -> None:
    assert 0 < rareness("presid") < rareness("volcano") <= RAREST


def test_weights_are_halves_so_that_sums_do_not_depend_on_their_order() -> None:
    assert (rareness("presid") * 2).is_integer()
