"""What can go wrong, drawn once: classes differ by what the caller does about them.

ReadAlsoError
├── SetupError         the operator must act; the process ends with this one sentence
│   ├── MigrationError the database cannot be brought to the schema that the code needs
│   └── LockedError    another process holds the database
├── UnreadableError    an update is of a kind that our aiogram does not know; it is set aside
└── FeedError          one feed failed; it is recorded there and tried again later
    ├── FetchError     no document came
    │   ├── BusyError  the server asks us to come back later
    │   └── GoneError  the feed is gone for good
    └── ParseError     what came is not a feed
        └── KilledError reading it took so long, or so much memory, that we gave up
"""

from datetime import timedelta


class ReadAlsoError(Exception):
    """The root: everything that ReadAlso itself raises."""


class SetupError(ReadAlsoError):
    """The operator must act before the bot can run; the message says what to do."""


class MigrationError(SetupError):
    """The database cannot be brought to the schema that this code needs."""


class LockedError(SetupError):
    """Another process holds the database."""


class UnreadableError(ReadAlsoError):
    """An update is of a kind that our aiogram does not know; the message quotes nothing of it."""


class FeedError(ReadAlsoError):
    """A feed could not be read this time; the message is the reason in plain words."""


class FetchError(FeedError):
    """No document came."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        """Take the reason in plain words, and the HTTP status, None where there was none."""
        super().__init__(message)
        self.status = status


class BusyError(FetchError):
    """The server is there and asks us to come back after a while."""

    def __init__(self, message: str, *, retry_after: timedelta, status: int | None = None) -> None:
        """Take also how long the server asks us to wait."""
        super().__init__(message, status=status)
        self.retry_after = retry_after


class GoneError(FetchError):
    """The publisher says that the feed is gone for good: HTTP 410, or an expired JSON Feed."""


class ParseError(FeedError):
    """A document came, and it is not a feed."""


class KilledError(ParseError):
    """The process that read the document had to be killed, or died of it."""
