"""Model -> Telegram HTML; below delivery and telegram."""
