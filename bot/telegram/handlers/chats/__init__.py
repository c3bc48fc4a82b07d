"""Handlers of chats: membership, channels, privacy."""
