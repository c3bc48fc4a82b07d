from bot.typed.cursor import Cursor
from bot.typed.tokens import tokenize


def test_a_cursor_takes_what_is_wanted_and_stops_at_the_end() -> None:
    cursor = Cursor(tokenize("о 8, 9"))
    assert cursor.take("number") is None
    assert cursor.skip("at", "comma")
    assert not cursor.skip("at", "comma")
    taken = cursor.take("number")
    assert taken is not None
    assert taken.number == 8
    assert [cursor.peek(ahead).kind for ahead in range(3)] == ["comma", "number", "end"]
