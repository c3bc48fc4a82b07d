"""Formats of the web: URLs, domains, charsets, HTML, OPML."""
