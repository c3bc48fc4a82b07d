"""Health check: the last completed step of each worker, the last answer of Telegram."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bot.runtime.supervisor import Worker

# A long poll takes 45 s at most, a page or a feed half a minute; a worker without a completed
# step in three minutes hangs, or is held up by something that an operator should see.
MAX_SILENCE_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class NotStarted:
    """No worker has been started."""


@dataclass(frozen=True, slots=True)
class WorkerStalled:
    """A worker has completed no step for longer than `MAX_SILENCE_SECONDS`."""

    worker: str
    silence_seconds: float


@dataclass(frozen=True, slots=True)
class TelegramSilent:
    """The Bot API has not answered lately; None: it has not answered since the start."""

    silence_seconds: float | None


@dataclass(frozen=True, slots=True)
class DatabaseFailing:
    """The database cannot be read or written; `error` is SQLite's message."""

    error: str


HealthProblem = NotStarted | WorkerStalled | TelegramSilent | DatabaseFailing


@dataclass(slots=True, kw_only=True)
class Health:
    """Time of the last step of each worker, and of the last answer of Telegram.

    `monotonic` is in seconds.
    """

    monotonic: Callable[[], float]
    _step_at: dict[str, float] = field(default_factory=dict)
    _answered_at: float | None = None

    def watched(self, worker: Worker) -> Worker:
        """Return the worker with its steps recorded, if it is to be watched.

        Workers of one name are the lanes of one worker: a step of any lane counts.
        """
        if not worker.is_watched or not worker.name:
            return worker

        async def step() -> bool:
            did_work = await worker.step()
            self._step_at[worker.name] = self.monotonic()
            return did_work

        self._step_at[worker.name] = self.monotonic()
        return replace(worker, step=step)

    def record_answer(self) -> None:
        """Record an answer of the Bot API, whether it accepts or refuses the call."""
        self._answered_at = self.monotonic()

    def problems(self) -> list[HealthProblem]:
        """Return what is wrong, workers by name; empty while all is well."""
        if not self._step_at:
            return [NotStarted()]
        now = self.monotonic()
        problems: list[HealthProblem] = [
            WorkerStalled(name, now - step_at)
            for name, step_at in sorted(self._step_at.items())
            if now - step_at > MAX_SILENCE_SECONDS
        ]
        if self._answered_at is None:
            problems.append(TelegramSilent(None))
        elif now - self._answered_at > MAX_SILENCE_SECONDS:
            problems.append(TelegramSilent(now - self._answered_at))
        return problems
