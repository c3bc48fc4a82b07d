"""The admin of a channel, who manages it in the private chat with the bot."""

from bot.i18n import speak
from bot.model import Language
from bot_playground.state.chats import ChatMessage
from tests.telegram.conftest import Conversation


class ChannelOwner:
    """An admin of the channel @harbour_news who speaks the language, and what they see."""

    def __init__(self, conversation: Conversation, language: Language) -> None:
        self.conversation, self.say = conversation, speak(language)
        self.person = conversation.telegram.person("Ann", language=language)
        self.channel = conversation.telegram.channel(
            "Harbour", admins=[self.person], username="harbour_news"
        )

    async def write(self, text: str) -> ChatMessage:
        answer = await self.conversation.say(self.person, text)
        assert answer is not None
        return answer

    async def press(self, message: ChatMessage, label: str) -> ChatMessage:
        """Press the button; return the message as it is now."""
        await self.conversation.press(self.person, message, label)
        return self.conversation.shown(message)
