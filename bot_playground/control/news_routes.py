"""Control routes of the news: the preview of a link, and what comes next of a story."""

from aiohttp import web

from bot_playground.control import fields
from bot_playground.control.fields import answer, read_body
from bot_playground.state.world import Newsstand, World


async def link_preview(world: World, request: web.Request) -> web.StreamResponse:
    """Return what Telegram shows of a page of the newspapers."""
    return answer(_newsstand(world).link_preview(fields.text(request.query, "url")))


async def continue_story(world: World, request: web.Request) -> web.StreamResponse:
    """Publish the next event of a story."""
    body = await read_body(request)
    return answer({"event": _newsstand(world).continue_story(fields.text(body, "event"))})


def _newsstand(world: World) -> Newsstand:
    if world.newsstand is None:
        raise LookupError("There are no newspapers here.")
    return world.newsstand
