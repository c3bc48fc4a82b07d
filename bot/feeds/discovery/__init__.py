"""A typed address or a web page -> the feed behind it."""
