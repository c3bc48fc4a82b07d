"""JSON API of the chat page."""
