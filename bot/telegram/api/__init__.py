"""Calls of the Bot API: clients, sending, errors."""
