"""Exception hierarchy: the classes differ by what the caller does about them.

ReadAlsoError
├── SetupError         the operator must act; the process ends with the message
│   ├── ConfigurationError  a setting, or a file that it names, must be corrected
│   ├── MigrationError the database cannot be migrated to the schema of the code
│   └── LockedError    another process has locked the database
├── UnreadableError    an update of a kind that aiogram does not know; a dead letter
└── FeedError          a feed failed; recorded in its row and retried later
    ├── FetchError     no document was received
    │   ├── BusyError  the server asks for a later retry
    │   └── GoneError  the feed is gone for good
    ├── DisallowedError robots.txt asks programs not to read a page
    └── ParseError     the document is not a feed
        └── KilledError parsing it took too much time or memory
"""

from datetime import timedelta
from pathlib import Path


def file_problem(path: Path, error: OSError) -> str:
    """Return in plain words why a file cannot be used; of missing folders the topmost is named."""
    if not isinstance(error, FileNotFoundError):
        return error.strerror or str(error)
    missing = [folder for folder in path.parents if not folder.exists()]
    return f"there is no folder {missing[-1]}" if missing else "there is no such file"


class ReadAlsoError(Exception):
    """Base class of all exceptions of ReadAlso."""


class SetupError(ReadAlsoError):
    """The operator must act before the bot can run; the message says what to do."""


class ConfigurationError(SetupError):
    """A setting, or a file that it names, must be corrected: to start again changes nothing."""


class MigrationError(SetupError):
    """The database cannot be migrated to the schema of this code."""


class LockedError(SetupError):
    """Another process has locked the database."""


class UnreadableError(ReadAlsoError):
    """An update is of a kind that aiogram does not know; the message quotes nothing of it."""


class FeedError(ReadAlsoError):
    """A feed could not be read; the message is the reason in plain words."""


class FetchError(FeedError):
    """No document was received; `status` is that of HTTP, None without an answer.

    `url` is the one that was answered so, after redirects; empty where it is the one requested.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        """Set the reason in plain words and the HTTP status."""
        super().__init__(message)
        self.status = status
        self.url = ""


class BusyError(FetchError):
    """The server asks for a retry after `retry_after`."""

    def __init__(self, message: str, *, retry_after: timedelta, status: int | None = None) -> None:
        """Set the reason, the status and the wait."""
        super().__init__(message, status=status)
        self.retry_after = retry_after


class GoneError(FetchError):
    """The feed is gone for good: HTTP 410, or a JSON Feed that has expired."""


class DisallowedError(FeedError):
    """The robots.txt of its site asks programs not to read a page."""


class ParseError(FeedError):
    """The document is not a feed."""


class KilledError(ParseError):
    """The worker process that parsed the document was killed, or crashed."""
