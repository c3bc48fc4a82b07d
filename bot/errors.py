"""What can go wrong, drawn once: classes differ by what the caller does about them.

ReadAlsoError
├── SetupError         the operator must act; the process ends with this one sentence
│   └── MigrationError the database cannot be brought to the schema that the code needs
└── FeedError          one feed failed; it is recorded there and tried again later
    ├── FetchError     no document came
    │   └── BusyError  the server asks us to come back later
    └── ParseError     what came is not a feed
"""

from datetime import timedelta


class ReadAlsoError(Exception):
    """The root: everything that ReadAlso itself raises."""


class SetupError(ReadAlsoError):
    """The operator must act before the bot can run; the message says what to do."""


class MigrationError(SetupError):
    """The database cannot be brought to the schema that this code needs."""


class FeedError(ReadAlsoError):
    """A feed could not be read this time; the message is the reason in plain words."""


class FetchError(FeedError):
    """No document came."""


class BusyError(FetchError):
    """The server is there and asks us to come back after a while."""

    def __init__(self, message: str, *, retry_after: timedelta) -> None:
        """Take the reason in plain words, and how long the server asks us to wait."""
        super().__init__(message)
        self.retry_after = retry_after


class ParseError(FeedError):
    """A document came, and it is not a feed."""
