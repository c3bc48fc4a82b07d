from bot_playground.bot_api.errors import Json
from bot_playground.state.inline import InlineQueries, InlineQuery

ANSWER: Json = {"results": [{"id": "a"}, {"id": "b"}], "next_offset": "", "button": None}


def open_query(
    inline: InlineQueries, person: int = 1, text: str = "bridge", *, at: float = 0
) -> InlineQuery:
    return inline.open(person, person, text, "", at=at)


def test_a_result_is_found_by_its_id_once_there_is_an_answer() -> None:
    inline = InlineQueries()
    query = open_query(inline)
    assert query.result("a") is None
    inline.answer(query, ANSWER, until=0, is_personal=True)
    assert query.result("b") == {"id": "b"}
    assert query.result("c") is None
    assert inline.queries == {query.id: query}


def test_an_answer_is_cached_for_as_long_as_the_bot_asks() -> None:
    inline = InlineQueries()
    inline.answer(open_query(inline), ANSWER, until=60, is_personal=True)
    assert open_query(inline, at=59).answer == ANSWER
    assert open_query(inline, at=60).answer is None
    assert open_query(inline, text="port").answer is None


def test_a_personal_answer_is_cached_for_one_person() -> None:
    inline = InlineQueries()
    inline.answer(open_query(inline), ANSWER, until=60, is_personal=True)
    assert open_query(inline, 2).answer is None
    inline.answer(open_query(inline, 2), ANSWER, until=60, is_personal=False)
    assert open_query(inline, 3).answer == ANSWER
