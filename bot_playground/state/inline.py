"""What was asked inline, and what was answered? Answers are remembered as their bot wished."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from bot_playground.bot_api.errors import Json


@dataclass(slots=True, kw_only=True, eq=False)
class Query:
    """Words after the bot's name, typed in a chat; `answer` is None while there is none."""

    id: str
    person_id: int
    chat_id: int
    words: str
    offset: str
    at: float
    answer: Json | None = None

    def result(self, result_id: str) -> Json | None:
        """Return the result of this id; None: it was not offered."""
        results = self.answer["results"] if self.answer else []
        assert isinstance(results, list)
        return next((it for it in results if it["id"] == result_id), None)


@dataclass(slots=True, kw_only=True)
class Inline:
    """All queries by their ids; `is_on` as BotFather's /setinline has it."""

    is_on: bool = True
    queries: dict[str, Query] = field(default_factory=dict)
    _remembered: dict[tuple[int | None, str, str], tuple[float, Json]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def open(self, person_id: int, chat_id: int, words: str, offset: str, *, at: float) -> Query:
        """Return a new query, answered already if its answer is remembered."""
        query = Query(
            id=f"77{next(self._numbers):016d}",
            person_id=person_id,
            chat_id=chat_id,
            words=words,
            offset=offset,
            at=at,
        )
        for whose in (person_id, None):
            until, answer = self._remembered.get((whose, words, offset), (at, None))
            if at < until:
                query.answer = answer
        self.queries[query.id] = query
        return query

    def remember(self, query: Query, answer: Json, *, until: float, is_personal: bool) -> None:
        """Answer a query, and the same words the same way until then."""
        query.answer = answer
        whose = query.person_id if is_personal else None
        self._remembered[whose, query.words, query.offset] = until, answer
