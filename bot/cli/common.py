"""How does a command end that cannot go on? With one sentence, and no traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from bot.errors import ReadAlsoError


@contextmanager
def exit_on_error() -> Iterator[None]:
    """End with the one sentence that says what to do."""
    try:
        yield
    except ReadAlsoError as error:
        raise click.ClickException(str(error)) from None
