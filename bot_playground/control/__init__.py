"""Control API: JSON routes of the chat page."""
