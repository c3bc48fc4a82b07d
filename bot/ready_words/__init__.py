"""Ready-made words: lists that a reader follows or mutes by one tap, as one word."""
