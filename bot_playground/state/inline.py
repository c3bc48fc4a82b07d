"""Inline queries and their answers, cached for as long as the bot asks (`cache_time`)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from bot_playground.bot_api.errors import Json


@dataclass(slots=True, kw_only=True, eq=False)
class InlineQuery:
    """Text after the bot's name, typed in a chat; `answer` is None until the bot answers."""

    id: str
    person_id: int
    chat_id: int
    text: str
    offset: str
    at: float
    answer: Json | None = None

    def result(self, result_id: str) -> Json | None:
        """Return the offered result with this id, if there is one."""
        results = self.answer["results"] if self.answer else []
        assert isinstance(results, list)
        return next((result for result in results if result["id"] == result_id), None)


@dataclass(slots=True, kw_only=True)
class InlineQueries:
    """All queries by id; `is_on` is the inline mode that BotFather's /setinline switches."""

    is_on: bool = True
    queries: dict[str, InlineQuery] = field(default_factory=dict)
    # By (person, or None for everyone; text; offset): until when, and the answer.
    _cache: dict[tuple[int | None, str, str], tuple[float, Json]] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    def open(
        self, person_id: int, chat_id: int, text: str, offset: str, *, at: float
    ) -> InlineQuery:
        """Return a new query, answered already if its answer is in the cache; `at` in seconds."""
        query = InlineQuery(
            id=f"77{next(self._ids):016d}",
            person_id=person_id,
            chat_id=chat_id,
            text=text,
            offset=offset,
            at=at,
        )
        for owner in (person_id, None):
            until, answer = self._cache.get((owner, text, offset), (at, None))
            if at < until:
                query.answer = answer
        self.queries[query.id] = query
        return query

    def answer(self, query: InlineQuery, answer: Json, *, until: float, is_personal: bool) -> None:
        """Answer a query and cache the answer for the same text and offset."""
        query.answer = answer
        owner = query.person_id if is_personal else None
        self._cache[owner, query.text, query.offset] = until, answer
