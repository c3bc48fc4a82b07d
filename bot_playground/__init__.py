"""A Telegram look-alike and a newsstand on loopback: try the bot without a token."""
