"""ReadAlso: a Telegram news bot that tells each story once."""

__version__ = "1.0.0"
