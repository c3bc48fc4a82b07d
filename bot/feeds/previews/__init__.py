"""Public preview pages of Telegram channels, read as feeds."""
