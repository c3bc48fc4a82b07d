"""Inline mode: stories found by the words of the query, to be shared in any chat."""

from aiogram import Router
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InlineQueryResultUnion,
    InputTextMessageContent,
)

from bot.i18n import closest_language, speak
from bot.model import ChatId, Subscriber
from bot.rendering.story import render_story
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot.telegram.api.prepared_message import preview
from bot.telegram.context import Now
from bot.telegram.keyboards.common import MAX_SKIPPED
from bot.telegram.story_lists import StoryLists

# Telegram's limit: https://core.telegram.org/bots/api#answerinlinequery.
MAX_RESULTS = 50
# How long Telegram answers the same query of a person by itself.
CACHE_SECONDS = 60
# The payload of the /start that the button under empty results sends.
START_PARAMETER = "inline"


def router() -> Router:
    """Return the router of inline mode."""
    routes = Router(name="inline")
    routes.inline_query.register(answer_query)
    return routes


async def answer_query(query: InlineQuery, db: Database, lists: StoryLists, now: Now) -> None:
    """Answer with stories in the person's languages; if there are none, with a link to the bot."""
    chat_id = ChatId(query.from_user.id)
    language = closest_language(query.from_user.language_code)
    # A stranger is answered as a subscriber without topics.
    subscriber = await subscribers.find(db.reader, chat_id) or Subscriber(
        chat_id=chat_id,
        kind="private",
        language=language,
        news_languages=frozenset({language}),
        topics=frozenset(),
        paused=False,
    )
    say = speak(subscriber.language)
    # The offset comes back from a client, which may send anything.
    skipped = min(int(query.offset), MAX_SKIPPED) if query.offset.isdecimal() else 0
    words = " ".join(query.query.split())
    # One more than is shown tells whether there is another page.
    found = await lists.inline_results(subscriber, words, limit=MAX_RESULTS + 1, skipped=skipped)
    results: list[InlineQueryResultUnion] = [
        InlineQueryResultArticle(
            id=str(story.id),
            title=story.title,
            description=f"{story.source} · {say.age(story.published_at, now=now())}",
            input_message_content=InputTextMessageContent(
                message_text=render_story(
                    story, topic=lists.topics.get(story.topic), related=(), say=say, now=now()
                ),
                parse_mode=ParseMode.HTML,
                link_preview_options=preview(story.url),
            ),
        )
        for story in found[:MAX_RESULTS]
    ]
    button = InlineQueryResultsButton(
        text=say.plain("Nothing found. Open our chat"), start_parameter=START_PARAMETER
    )
    has_more = len(found) > MAX_RESULTS and skipped + MAX_RESULTS <= MAX_SKIPPED
    try:
        await query.answer(
            results,
            cache_time=CACHE_SECONDS,
            # Results depend on the person's languages and topics.
            is_personal=True,
            next_offset=str(skipped + MAX_RESULTS) if has_more else "",
            button=None if found or skipped else button,
        )
    except TelegramBadRequest as error:
        # The person has typed on, or closed the chat.
        if "query is too old" not in error.message:
            raise
