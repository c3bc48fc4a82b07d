"""Is it we who are offline? Then no feed is to blame. State, and no input or output."""

from dataclasses import dataclass, field

# So many domains that gave no answer at all, one after the other, are our own network.
MANY = 10


@dataclass(slots=True)
class Outage:
    """The domains that have given no answer since the last one that did."""

    _silent: set[str] = field(default_factory=set, init=False)

    def note(self, domain: str, *, answered: bool) -> None:
        """Note how a poll ended: with any answer of a server, or with none."""
        if answered:
            self._silent.clear()
        else:
            self._silent.add(domain)

    @property
    def is_ours(self) -> bool:
        """Return whether it is we who are offline."""
        return len(self._silent) >= MANY
