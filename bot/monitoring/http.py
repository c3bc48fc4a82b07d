"""Where is the bot asked how it is? `/healthz`, `/healthz/live` and `/metrics`, by HTTP.

They say nothing of anybody and change nothing; still they listen on loopback, unless told
otherwise.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot.errors import SetupError

SHUTDOWN_SECONDS = 1.0


@asynccontextmanager
async def listening(
    listen: str,
    *,
    complaints: Callable[[], Awaitable[list[str]]],
    metrics: Callable[[], Awaitable[bytes]],
) -> AsyncIterator[str]:
    """Answer at `listen`, "host:port", while the block runs; yield the address.

    Raises:
        SetupError: if nothing can listen there.
    """

    async def live(_: web.Request) -> web.Response:
        return web.json_response({"live": True})

    async def ready(_: web.Request) -> web.Response:
        reasons = await complaints()
        body = {"live": True, "ready": not reasons, "reasons": reasons}
        return web.json_response(body, status=503 if reasons else 200)

    async def measured(_: web.Request) -> web.Response:
        return web.Response(body=await metrics(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application(client_max_size=0)
    app.router.add_get("/healthz", ready)
    app.router.add_get("/healthz/live", live)
    app.router.add_get("/metrics", measured)
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
