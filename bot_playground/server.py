"""HTTP server on loopback: the Bot API, the control API and the chat page."""

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from bot_playground.bot_api import http
from bot_playground.bot_api.messages import MAX_UPLOAD
from bot_playground.control import fault_routes, news_routes, routes
from bot_playground.control.fields import FieldError
from bot_playground.people.messages import ActionError
from bot_playground.state import webhook
from bot_playground.state.world import World

_Route = Callable[[World, web.Request], Awaitable[web.StreamResponse]]
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_PAGE = Path(__file__).with_name("page.html")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# Routes that are for programs, not to be looked at.
_NO_PAGES = ("/bot", "/file", "/control")
# Long polls and event streams end at once on shutdown; only a delayed answer takes time.
_SHUTDOWN_SECONDS = 0.5
# Bytes of a call beside its file.
_MAX_FORM_OVERHEAD = 1 << 20
_GET: dict[str, _Route] = {
    "/control/people": routes.people,
    "/control/chats": routes.chats,
    "/control/chats/{chat_id}/messages": routes.messages,
    "/control/files/{file_id}": routes.file,
    "/control/events": routes.events,
    "/control/commands": routes.commands,
    "/control/bot": routes.bot,
    "/control/previews": news_routes.link_preview,
    "/control/faults": fault_routes.faults,
    "/control/report": fault_routes.report,
}
_POST: dict[str, _Route] = {
    "/control/people": routes.add_person,
    "/control/chats": routes.add_chat,
    "/control/threads": routes.add_thread,
    "/control/threads/change": routes.change_thread,
    "/control/messages": routes.say,
    "/control/documents": routes.send_document,
    "/control/presses": routes.press,
    "/control/inline": routes.ask_inline,
    "/control/inline/choose": routes.choose_inline,
    "/control/stories/continue": news_routes.continue_story,
    "/control/block": fault_routes.block,
    "/control/deactivate": fault_routes.deactivate,
    "/control/kick": fault_routes.kick,
    "/control/add": fault_routes.add,
    "/control/migrate": fault_routes.migrate,
    "/control/faults": fault_routes.add_fault,
    "/control/revoke": fault_routes.revoke,
    "/control/limits": fault_routes.limits,
}


def application(world: World) -> web.Application:
    """Return the application with all routes over one world."""
    app = web.Application(
        middlewares=[refuse_other_sites, _answer_errors],
        client_max_size=MAX_UPLOAD + _MAX_FORM_OVERHEAD,
    )
    app.router.add_get("/", _page)
    app.router.add_route("*", "/bot{token}/{method}", _bound(world, http.respond))
    app.router.add_get("/file/bot{token}/{path:.+}", _bound(world, http.download))
    for path, route in _GET.items():
        app.router.add_get(path, _bound(world, route))
    for path, route in _POST.items():
        app.router.add_post(path, _bound(world, route))
    app.router.add_delete("/control/faults", _bound(world, fault_routes.clear_faults))

    async def unknown_method(_: web.Request) -> web.Response:
        body = {"ok": False, "error_code": 404, "description": "Not Found"}
        return web.json_response(body, status=404)

    async def run_webhook(_: web.Application) -> AsyncIterator[None]:
        posting = asyncio.ensure_future(
            webhook.post_updates(world.webhook, world.updates, now=world.now)
        )
        try:
            yield
        finally:
            posting.cancel()
            with suppress(asyncio.CancelledError):
                await posting

    async def end_long_requests(_: web.Application) -> None:
        world.updates.interrupt(conflict="")
        world.events.close()

    # After `/bot{token}/{method}`: the first route that matches answers.
    app.router.add_route("*", "/bot{rest:.*}", unknown_method)
    app.cleanup_ctx.append(run_webhook)
    app.on_shutdown.append(end_long_requests)
    return app


@asynccontextmanager
async def serving(app: web.Application, *, port: int = 0) -> AsyncIterator[str]:
    """Serve on 127.0.0.1 while the block runs, and yield the URL; port 0 is any free one."""
    # Cancelled with its client: a long poll of a killed bot must not take the updates.
    runner = web.AppRunner(
        app, access_log=None, handler_cancellation=True, shutdown_timeout=_SHUTDOWN_SECONDS
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _bound(world: World, route: _Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await route(world, request)

    return handle


@web.middleware
async def refuse_other_sites(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Refuse what pages of other sites ask for in a browser of this machine, whatever the route.

    The name of another site that resolves to this address (DNS rebinding) shows in Host, a request
    by a script or form of another site in Origin. Without Origin are images and links: browsers
    name these in Sec-Fetch-Site, and a link may lead to a page alone.
    """
    origins = request.headers.getall("Origin", [])
    site = request.headers.get("Sec-Fetch-Site", "none")
    is_link = request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate"
    is_own = (
        _is_loopback(f"//{request.host}")
        and all(origin == f"{request.scheme}://{request.host}" for origin in origins)
        and (
            site in ("none", "same-origin") or (is_link and not request.path.startswith(_NO_PAGES))
        )
    )
    return await handler(request) if is_own else _error(403, "Only this machine may ask.")


@web.middleware
async def _answer_errors(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Answer the errors of control requests as JSON."""
    try:
        return await handler(request)
    except (FieldError, ActionError) as error:
        return _error(400, str(error))
    except LookupError as error:
        return _error(404, str(error.args[0]))


def _is_loopback(address: str) -> bool:
    try:
        name = urlsplit(address).hostname or ""
    except ValueError:
        return False
    # Names below localhost are this machine's too. Source: RFC 6761, section 6.3.
    return name in _LOOPBACK or name.endswith(".localhost")


def _error(status: int, reason: str) -> web.Response:
    return web.json_response({"error": reason}, status=status)


async def _page(_: web.Request) -> web.Response:
    """Answer with the chat page; its policy allows its own scripts and this server only."""
    text = _PAGE.read_text(encoding="utf-8")
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()) for script in scripts]
    sources = " ".join(f"'sha256-{hash_.decode()}'" for hash_ in hashes) or "'none'"
    policy = (
        f"default-src 'none'; script-src {sources}; style-src 'self' 'unsafe-inline'; "
        "connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return web.Response(text=text, content_type="text/html", headers=headers)
