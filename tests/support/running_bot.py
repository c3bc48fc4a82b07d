"""The whole bot in the process of the test, and its readers."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.app import run
from bot.settings import Settings
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.state.chats import Person


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[asyncio.Task[None]]:
    """Run the bot during the block, and end it by SIGTERM unless it has ended by then."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(run.run(settings))
        yield task
        if not task.done():
            os.kill(os.getpid(), signal.SIGTERM)


async def follow(telegram: FakeTelegram, topic: str = "war") -> Person:
    ann = telegram.person("Ann", language="en")
    telegram.say(ann, f"/topics {topic}")
    await telegram.wait_for(lambda: telegram.messages(ann, of_bot=True))
    return ann


def news(telegram: FakeTelegram, person: Person) -> list[str]:
    """Return the headlines that came to the person."""
    texts = [message.text for message in telegram.messages(person, of_bot=True)]
    return [text.partition("\n")[0] for text in texts if "Courier" in text]
