import click
import pytest

from bot.cli.common import exit_on_error
from bot.errors import FeedError, SetupError


@pytest.mark.parametrize("error", [SetupError("set BOT_TOKEN"), FeedError("set BOT_TOKEN")])
def test_an_error_of_readalso_ends_a_command_with_its_message(error: Exception) -> None:
    with pytest.raises(click.ClickException, match=r"^set BOT_TOKEN$"), exit_on_error():
        raise error


def test_any_other_error_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError), exit_on_error():
        raise ZeroDivisionError
