"""ReadAlso: a Telegram news bot that tells each story once."""
