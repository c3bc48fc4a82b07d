"""Handlers of what a chat chooses."""
