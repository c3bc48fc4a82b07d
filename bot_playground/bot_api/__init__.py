"""The Bot API as the look-alike serves it."""
