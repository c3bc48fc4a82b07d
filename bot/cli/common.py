"""How does a command end that cannot go on? With one sentence, and no traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from bot.errors import ReadAlsoError


@contextmanager
def plain_errors() -> Iterator[None]:
    """End with the one sentence that says what to do."""
    try:
        yield
    except ReadAlsoError as error:
        raise click.ClickException(str(error)) from None
