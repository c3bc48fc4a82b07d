from io import StringIO

import click
import pytest

from bot.cli.common import CommandFailure, exit_on_error
from bot.errors import ConfigurationError, FeedError, ReadAlsoError, SetupError


@pytest.mark.parametrize("error", [SetupError("set BOT_TOKEN"), FeedError("set BOT_TOKEN")])
def test_an_error_of_readalso_ends_a_command_with_its_message(error: Exception) -> None:
    with pytest.raises(click.ClickException, match=r"^set BOT_TOKEN$"), exit_on_error():
        raise error


@pytest.mark.parametrize(
    ("error", "code"),
    [(ConfigurationError("set BOT_TOKEN"), 78), (SetupError("stop it"), 1), (FeedError("no"), 1)],
)
def test_the_exit_code_tells_a_wrong_configuration_from_another_fault(
    error: ReadAlsoError, code: int
) -> None:
    with pytest.raises(CommandFailure) as caught, exit_on_error():
        raise error
    assert caught.value.exit_code == code


def test_each_line_of_a_message_is_printed_as_an_error() -> None:
    output = StringIO()
    CommandFailure("set BOT_TOKEN\nset ADMINS").show(output)
    assert output.getvalue() == "Error: set BOT_TOKEN\nError: set ADMINS\n"


def test_any_other_error_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError), exit_on_error():
        raise ZeroDivisionError
