"""HTTP endpoints for operators: `/healthz` (ready), `/healthz/live` and `/metrics`.

They are read-only, contain no personal data, and listen on loopback by default.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import assert_never

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot.errors import SetupError
from bot.monitoring.health import (
    DatabaseFailing,
    HealthProblem,
    NotStarted,
    TelegramSilent,
    WorkerStalled,
)
from bot.version import version_text

SHUTDOWN_SECONDS = 1.0


@asynccontextmanager
async def serve_monitoring(
    listen: str,
    *,
    problems: Callable[[], Awaitable[Sequence[HealthProblem]]],
    metrics: Callable[[], Awaitable[bytes]],
) -> AsyncIterator[str]:
    """Serve the endpoints at `listen`, "host:port", during the block; yield the base URL.

    Raises:
        SetupError: if the address cannot be bound.
    """

    async def live(_: web.Request) -> web.Response:
        return web.json_response({"live": True})

    async def ready(_: web.Request) -> web.Response:
        reasons = [health_problem_text(problem) for problem in await problems()]
        body = {
            "live": True,
            "ready": not reasons,
            "reasons": reasons,
            "version": version_text(),
        }
        return web.json_response(body, status=503 if reasons else 200)

    async def exposition(_: web.Request) -> web.Response:
        return web.Response(body=await metrics(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application(client_max_size=0)
    app.router.add_get("/healthz", ready)
    app.router.add_get("/healthz/live", live)
    app.router.add_get("/metrics", exposition)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        host, _, port = listen.rpartition(":")
        try:
            await web.TCPSite(runner, host.strip("[]"), int(port)).start()
        except OSError as error:
            raise SetupError(
                f"HTTP_LISTEN: {listen}: {error.strerror}; choose another, or off"
            ) from None
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def health_problem_text(problem: HealthProblem) -> str:
    """Return the problem as a clause of the `reasons` of `/healthz`."""
    match problem:
        case NotStarted():
            return "the bot is still starting"
        case WorkerStalled():
            return f"{problem.worker} has not come round for {problem.silence_seconds:.0f} s"
        case TelegramSilent(None):
            return "Telegram has not answered yet"
        case TelegramSilent(silence_seconds):
            return f"Telegram has not answered for {silence_seconds:.0f} s"
        case DatabaseFailing():
            return f"the database: {problem.error}"
        case _:
            assert_never(problem)
