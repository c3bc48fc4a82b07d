"""Newspaper sites with feeds, on loopback."""
