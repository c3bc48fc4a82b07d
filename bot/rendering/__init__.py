"""Telegram HTML and plain text of model values; below delivery and telegram."""
