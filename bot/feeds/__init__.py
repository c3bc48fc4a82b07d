"""A publisher's document becomes new articles: fetch, decode, parse, store."""
