"""Owed stories -> messages that Telegram accepted."""
