"""/latest: the newest stories, of one's own topics or of one that is named."""

from collections.abc import Callable
from datetime import datetime

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import LinkPreviewOptions, Message

from bot.model import Story
from bot.storage import stories
from bot.storage.database import Database
from bot.telegram import audience
from bot.telegram.audience import Now
from bot.telegram.handlers.routing import on_command
from bot.telegram.replies import quote
from bot.texts import Say, speak
from bot.topics import Topics

LISTED = 7

# Stories, a heading in HTML, the voice and the instant -> Telegram HTML.
RenderList = Callable[[tuple[Story, ...], str, Say, datetime], str]


def router() -> Router:
    """Return the router of looking back."""
    made = Router(name="latest")
    on_command(made, "latest", latest)
    return made


async def latest(
    message: Message,
    command: CommandObject,
    db: Database,
    topics: Topics,
    render_list: RenderList,
    now: Now,
) -> None:
    """List headlines of the named topics, or of those the chat follows, or of all."""
    subscriber = await audience.join(db, message, now=now())
    say = speak(subscriber.language)
    found = topics.find(command.args or "")
    if found.unknown and not found.slugs:
        known = ", ".join(topic.names[say.language] for topic in topics)
        await message.answer(
            say(
                "I know no topic called “{words}”. The topics are: {topics}.",
                words=quote(found.unknown),
                topics=known,
            )
        )
        return
    wanted = found.slugs or subscriber.topics or [topic.slug for topic in topics]
    newest = await stories.newest(
        db.reader, topics=wanted, languages=subscriber.news_languages, limit=LISTED
    )
    heading = say("<b>The newest</b>")
    await message.answer(
        render_list(newest, heading, say, now())
        if newest
        else say("Nothing yet. I will write as soon as there is news."),
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
