"""Cursor: a place in the tokens of typed text, which readers of grammar move forward."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.typed.tokens import Token

_END = Token("end", "", start=0, end=0)


@dataclass(slots=True)
class Cursor:
    """The tokens, and the `place` of the next one; one beyond them is of the kind "end"."""

    tokens: Sequence[Token]
    place: int = 0

    def peek(self, ahead: int = 0) -> Token:
        """Return the next token, or one further ahead."""
        place = self.place + ahead
        return self.tokens[place] if place < len(self.tokens) else _END

    def take(self, *kinds: str) -> Token | None:
        """Return the next token and step over it; None: it is of none of the kinds."""
        token = self.peek()
        if token.kind not in kinds:
            return None
        self.place += 1
        return token

    def skip(self, *kinds: str) -> bool:
        """Step over all tokens of these kinds that follow; return whether there was one."""
        start = self.place
        while self.take(*kinds):
            pass
        return self.place > start

    def is_close(self) -> bool:
        """Return whether no space stands before the next token."""
        return self.place > 0 and self.peek().start == self.tokens[self.place - 1].end
