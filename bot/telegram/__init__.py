"""Where people meet the bot: commands, buttons, and the channel by which stories leave."""
