from bot_playground.bot_api.errors import Json
from bot_playground.state.inline import Inline, Query

ANSWER: Json = {"results": [{"id": "a"}, {"id": "b"}], "next_offset": "", "button": None}


def asked(inline: Inline, person: int = 1, words: str = "bridge", *, at: float = 0) -> Query:
    return inline.open(person, person, words, "", at=at)


def test_a_result_is_found_by_its_id_once_there_is_an_answer() -> None:
    inline = Inline()
    query = asked(inline)
    assert query.result("a") is None
    inline.remember(query, ANSWER, until=0, is_personal=True)
    assert query.result("b") == {"id": "b"}
    assert query.result("c") is None
    assert inline.queries == {query.id: query}


def test_an_answer_is_remembered_for_as_long_as_its_bot_wished() -> None:
    inline = Inline()
    inline.remember(asked(inline), ANSWER, until=60, is_personal=True)
    assert asked(inline, at=59).answer == ANSWER
    assert asked(inline, at=60).answer is None
    assert asked(inline, words="port").answer is None


def test_what_is_personal_is_remembered_for_that_person_alone() -> None:
    inline = Inline()
    inline.remember(asked(inline), ANSWER, until=60, is_personal=True)
    assert asked(inline, 2).answer is None
    inline.remember(asked(inline, 2), ANSWER, until=60, is_personal=False)
    assert asked(inline, 3).answer == ANSWER
