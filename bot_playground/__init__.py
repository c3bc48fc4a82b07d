"""Playground: a fake Telegram and newspaper sites on loopback, to try the bot without a token."""
