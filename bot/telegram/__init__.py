"""Where people meet the bot: commands, buttons, and the channel by which stories leave."""

from bot.telegram.lazy_types import import_aiogram

# Before any part of this package imports it.
import_aiogram()
