"""Is the bot well? Every worker has stepped lately, and Telegram answered. State, and no I/O."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bot.runtime.supervisor import Step, Worker

# In seconds. A long poll takes 45 at the most, a page or a feed half a minute; whoever has not
# come round after three minutes hangs, or is held up by something that an operator should see.
STALLED = 180.0


@dataclass(slots=True, kw_only=True)
class Health:
    """When each worker came round last, and Telegram answered.

    `now` is in seconds, of a clock that never jumps.
    """

    now: Callable[[], float]
    _steps: dict[str, float] = field(default_factory=dict)
    _answered: float | None = None

    def watched(self, worker: Worker) -> Worker:
        """Return the worker, watched; one without a name rests for hours, and is not."""
        if not worker.name:
            return worker
        self._steps[worker.name] = self.now()
        return replace(worker, step=self._noted(worker.name, worker.step))

    def telegram_answered(self) -> None:
        """Note that the Bot API has answered, whatever it said."""
        self._answered = self.now()

    def problems(self) -> list[str]:
        """Return what is wrong, one clause each; nothing: all is well."""
        if not self._steps:
            return ["the bot is still starting"]
        now = self.now()
        late = {name: now - at for name, at in self._steps.items() if now - at > STALLED}
        said = [f"{name} has not come round for {late[name]:.0f} s" for name in sorted(late)]
        if self._answered is None:
            said.append("Telegram has not answered yet")
        elif now - self._answered > STALLED:
            said.append(f"Telegram has not answered for {now - self._answered:.0f} s")
        return said

    def _noted(self, name: str, step: Step) -> Step:
        async def noted() -> bool:
            found = await step()
            self._steps[name] = self.now()
            return found

        return noted
