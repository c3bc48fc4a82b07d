from quality.forms_changed import VERDICTS, Match, changes


def test_a_match_counts_where_one_stemmer_gives_what_the_other_does_not() -> None:
    found = changes({"лід"}, ["На льоду", "Лід і льоду", "Кава"])
    assert found.before == 1
    assert found.after == 3
    assert found.changed == (Match("лід", "льоду", 0, True), Match("лід", "льоду", 1, True))


def test_a_hundred_matches_were_read() -> None:
    lines = VERDICTS.read_text("utf-8").splitlines()
    assert len(set(lines)) == len(lines) == 100
    assert {line.split("\t")[-1] for line in lines} == {"right", "wrong"}
