"""@bot words: stories to send on in any chat, found by the words; without any, the day's best."""

from aiogram import Router
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InlineQueryResultUnion,
    InputTextMessageContent,
    LinkPreviewOptions,
)

from bot.i18n import Translator, closest_language, speak
from bot.model import ChatId, Story, Subscriber
from bot.rendering.story import render
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot.telegram.context import Now
from bot.telegram.keyboards.common import MAX_SKIPPED
from bot.telegram.story_lists import StoryLists

# As many as Telegram takes: https://core.telegram.org/bots/api#answerinlinequery.
MAX_RESULTS = 50
# News changes by the minute; whoever types the same within one is not worth asking us again.
CACHE_SECONDS = 60
# By this we could tell who came from here.
START_PARAMETER = "inline"


def router() -> Router:
    """Return the router of inline mode."""
    routes = Router(name="inline")
    routes.inline_query.register(answer_query)
    return routes


async def answer_query(query: InlineQuery, db: Database, lists: StoryLists, now: Now) -> None:
    """Offer stories in the languages of whoever asks; where there are none, the way to us."""
    subscriber = await _reader(db, query)
    say, skipped = speak(subscriber.language), _skipped(query.offset)
    asked = " ".join(query.query.split())
    # One more than is shown tells whether others follow.
    found = await lists.inline_results(subscriber, asked, limit=MAX_RESULTS + 1, skipped=skipped)
    results: list[InlineQueryResultUnion] = [
        _result(story, lists, say, now) for story in found[:MAX_RESULTS]
    ]
    has_more = len(found) > MAX_RESULTS and skipped + MAX_RESULTS <= MAX_SKIPPED
    try:
        await query.answer(
            results,
            cache_time=CACHE_SECONDS,
            # By his languages and topics.
            is_personal=True,
            next_offset=str(skipped + MAX_RESULTS) if has_more else "",
            button=None if found or skipped else _way_to_us(say),
        )
    except TelegramBadRequest as error:
        # He has typed on, or looked away.
        if "query is too old" not in error.message:
            raise


async def _reader(db: Database, query: InlineQuery) -> Subscriber:
    """Return the person's own subscription, or one of a stranger of his language."""
    user, chat_id = query.from_user, ChatId(query.from_user.id)
    language = closest_language(user.language_code)
    return await subscribers.find(db.reader, chat_id) or Subscriber(
        chat_id=chat_id,
        kind="private",
        language=language,
        news_languages=frozenset({language}),
        topics=frozenset(),
        paused=False,
    )


def _skipped(offset: str) -> int:
    """Return how many stories were shown: the offset is ours, and may be anyone's."""
    return min(int(offset), MAX_SKIPPED) if offset.isdecimal() else 0


def _result(story: Story, lists: StoryLists, say: Translator, now: Now) -> InlineQueryResultArticle:
    return InlineQueryResultArticle(
        id=str(story.id),
        title=story.title,
        description=f"{story.source} · {say.age(story.published_at, now=now())}",
        input_message_content=InputTextMessageContent(
            message_text=render(
                story,
                topic=lists.topics.get(story.topic),
                related=(),
                say=say,
                now=now(),
            ),
            parse_mode=ParseMode.HTML,
            link_preview_options=LinkPreviewOptions(url=story.url, prefer_small_media=True),
        ),
    )


def _way_to_us(say: Translator) -> InlineQueryResultsButton:
    text = say.plain("Nothing found. Open our chat")
    return InlineQueryResultsButton(text=text, start_parameter=START_PARAMETER)
