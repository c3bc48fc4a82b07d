"""Errors of the playground."""


class PlaygroundError(Exception):
    """The playground cannot be opened; the message says what the operator can do."""
