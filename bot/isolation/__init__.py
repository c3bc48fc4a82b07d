"""Running code that may hang, swell or crash outside of the process of the bot."""
