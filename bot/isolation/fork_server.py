"""What the fork server does before it forks: a worker whose bot has ended ends without a word.

Imported by the fork server alone, whose hook for uncaught errors its workers inherit.
"""

import sys
from types import TracebackType


def excepthook(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print the error, unless it says that the bot is gone from whom the worker was reading."""
    # Its pipe has ended, or the lock that it was to open has been deleted.
    if not isinstance(error, EOFError | OSError):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = excepthook
