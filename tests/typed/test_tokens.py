import tomllib

from bot.resources import RESOURCES
from bot.typed.tokens import MAX_CHARS, Cursor, clean, corrected, meanings, tokenize


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.value) for token in tokenize(clean(text))]


def test_numbers_signs_and_words_are_tokens() -> None:
    assert kinds("О 8:30, Луцьк") == [
        ("at", ""),
        ("number", "8"),
        ("colon", ":"),
        ("number", "30"),
        ("comma", ","),
        ("word", "луцьк"),
    ]


def test_of_phrases_that_overlap_the_longest_counts() -> None:
    assert kinds("no limit") == [("no_limit", "")]
    assert kinds("twenty two") == [("number", "22")]
    assert kinds("двадцять дві, двадцять") == [("number", "22"), ("comma", ","), ("number", "20")]


def test_a_token_knows_its_place() -> None:
    text = clean("  8  in the MORNING ")
    assert [text[token.start : token.end] for token in tokenize(text)] == ["8", "in the morning"]


def test_a_word_that_is_a_letter_away_is_corrected() -> None:
    tokens = corrected(tokenize("дайжест xyzzy"))
    assert [(token.kind, token.value) for token in tokens] == [
        ("rhythm", "digest"),
        ("word", "xyzzy"),
    ]


def test_a_long_text_is_cut() -> None:
    assert len(clean("8 " * MAX_CHARS)) <= MAX_CHARS


def test_each_phrase_of_the_data_is_known() -> None:
    text = (RESOURCES / "typed_words.toml").read_text("utf-8")
    assert len(meanings()) > 500
    assert tomllib.loads(text).keys() == {kind for kind, _ in meanings().values()}


def test_a_cursor_takes_what_is_wanted_and_stops_at_the_end() -> None:
    cursor = Cursor(tokenize("о 8, 9"))
    assert cursor.take("number") is None
    assert cursor.skip("at", "comma")
    assert not cursor.skip("at", "comma")
    taken = cursor.take("number")
    assert taken is not None
    assert taken.number == 8
    assert [cursor.peek(ahead).kind for ahead in range(3)] == ["comma", "number", "end"]
