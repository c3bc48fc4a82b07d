"""Handlers of reading: lists, stories, digests."""
