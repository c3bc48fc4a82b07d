"""/start with a deep-link payload: a story or a topic; any other payload is a plain /start."""

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.filters import CommandObject, Filter
from aiogram.types import Message

from bot.i18n import speak
from bot.model import ChatId, Subscriber
from bot.storage.database import Database
from bot.storage.outbox import deliveries
from bot.storage.subscribers import absences, subscribers
from bot.telegram import context, deep_links
from bot.telegram.api.prepared_message import preview
from bot.telegram.api.startup import username_of
from bot.telegram.context import Now
from bot.telegram.deep_links import StoryLink, TopicLink
from bot.telegram.handlers.preferences.topics import chosen_text
from bot.telegram.handlers.routing import CommandNamed
from bot.telegram.handlers.start import start, welcome_text
from bot.telegram.keyboards.story import under_story
from bot.telegram.keyboards.topics import topic_choice
from bot.telegram.story_views import StoryViews
from bot.topics import Topic, Topics


class IsStoryLink(Filter):
    """Match a /start with a link to a story, whether or not that still exists."""

    async def __call__(self, _: Message, command: CommandObject) -> bool | dict[str, StoryLink]:
        """Return the link as the handler's argument `link`, or False."""
        link = deep_links.parse(command.args or "")
        return {"link": link} if isinstance(link, StoryLink) else False


class IsTopicLink(Filter):
    """Match a /start with a link to an existing topic."""

    async def __call__(
        self, _: Message, command: CommandObject, topics: Topics
    ) -> bool | dict[str, Topic]:
        """Return the topic as the handler's argument `topic`, or False."""
        link = deep_links.parse(command.args or "")
        topic = topics.get(link.slug) if isinstance(link, TopicLink) else None
        return {"topic": topic} if topic else False


def router() -> Router:
    """Return the router of deep links; it must precede that of /channel.

    A link acts for the person who opens it, not for a channel that the person manages.
    """
    routes = Router(name="links")
    is_private = F.chat.type == ChatType.PRIVATE
    routes.message.register(open_story, is_private, CommandNamed("start"), IsStoryLink())
    routes.message.register(open_topic, is_private, CommandNamed("start"), IsTopicLink())
    return routes


async def open_story(message: Message, link: StoryLink, bot: Bot, views: StoryViews) -> None:
    """Answer with the story, and greet a person who has no topics yet."""
    db, topics = views.db, views.topics
    subscriber = await _join(message, db, now=views.now)
    view = await views.show(subscriber, link.story_id, link.view)
    if view is None:
        await start(message, db, topics, views.now)
        return
    keyboard = under_story(view.buttons, bot_name=await username_of(bot), view=view.view)
    sent = await message.answer(
        view.text,
        reply_markup=keyboard,
        link_preview_options=preview(view.preview, is_picture=view.is_picture),
    )
    async with db.transaction() as tx:
        now = views.now()
        await deliveries.mark_shown(tx, subscriber.chat_id, link.story_id, sent.message_id, now=now)
    if not subscriber.topics and await context.managed_channel(db, message) is None:
        say = speak(subscriber.language)
        await message.answer(
            welcome_text(say), reply_markup=topic_choice(topics, (), say, is_greeting=True)
        )


async def open_topic(
    message: Message, topic: Topic, db: Database, topics: Topics, now: Now
) -> None:
    """Subscribe to the topic and show the choice of topics.

    No confirmation is asked for: the person has tapped START in Telegram.
    """
    before = await _join(message, db, now=now)
    async with db.transaction() as tx:
        await subscribers.set_topics(tx, before.chat_id, [topic.slug], wanted=True)
        await absences.resume(tx, before.chat_id, now=now())
        await subscribers.end_choice(tx, before.chat_id)
        subscriber = await subscribers.find(tx, before.chat_id) or before
    say = speak(subscriber.language)
    text = f"✅ {chosen_text(subscriber, topics, say)}"
    if not before.topics:
        text = f"{welcome_text(say)}\n\n{text}"
    # While a channel is managed, the buttons would change the topics of that.
    is_managing = await context.managed_channel(db, message) is not None
    await message.answer(
        text,
        reply_markup=None
        if is_managing
        else topic_choice(topics, subscriber.topics, say, is_greeting=True),
    )


async def _join(message: Message, db: Database, *, now: Now) -> Subscriber:
    """Return the person as a subscriber, created or reactivated if necessary."""
    chat_id, language = ChatId(message.chat.id), context.user_language(message)
    async with db.transaction() as tx:
        await subscribers.join(tx, chat_id, kind="private", language=language, now=now())
        subscriber = await subscribers.find(tx, chat_id)
    assert subscriber is not None
    return subscriber
