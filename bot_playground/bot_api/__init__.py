"""Bot API of the fake Telegram: methods, parameters, errors."""
