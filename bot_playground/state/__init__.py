"""State of the fake Telegram."""
