"""`readalso config`: the effective settings, and where each of them comes from."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.common import echo, exit_on_error

if TYPE_CHECKING:
    from bot.settings import LoadedSettings

HIDDEN = "(set, not shown)"
NOT_SET = "-"

# Of an address: user and password.
_CREDENTIALS = re.compile(r"(?<=://)[^/@]*@")


@click.command()
@click.option("--is-set", metavar="NAME", help="Print nothing; exit with 0 if NAME is set, else 1.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for a script.")
@click.pass_context
def config(context: click.Context, *, is_set: str | None, as_json: bool) -> None:
    """Show all settings and where each comes from; secrets are hidden."""
    from bot.settings import load_settings

    with exit_on_error():
        loaded = load_settings()
    if is_set is not None:
        name = is_set.lower()
        if name not in type(loaded.settings).model_fields:
            raise click.BadParameter(f"there is no setting {is_set}", param_hint="--is-set")
        context.exit(int(name not in loaded.origins))
    if as_json:
        echo(json.dumps(config_facts(loaded), ensure_ascii=False, indent=2))
        return
    echo("\n".join(config_lines(loaded)))


def config_facts(loaded: "LoadedSettings") -> dict[str, object]:
    """Return of each setting its value and its origin; what is not set has no value."""
    facts: dict[str, object] = {}
    for name, value in loaded.settings:
        text = shown_value(value)
        facts[name.upper()] = {
            "value": None if text == NOT_SET else text,
            "is_secret": text == HIDDEN,
            "origin": loaded.origins.get(name, "default"),
        }
    return {"settings": facts, "unknown": list(loaded.unknown_names)}


def config_lines(loaded: "LoadedSettings") -> list[str]:
    """Return a line for each setting, and one for each name in `.env` that is none."""
    rows = [
        (name.upper(), shown_value(value), loaded.origins.get(name, "default"))
        for name, value in loaded.settings
    ]
    names, values = (max(len(row[column]) for row in rows) for column in (0, 1))
    return [
        *(f"{name:{names}}  {value:{values}}  {origin}" for name, value, origin in rows),
        *(f"{name}: no setting of ReadAlso, changes nothing" for name in loaded.unknown_names),
    ]


def shown_value(value: object) -> str:
    """Return the value as one would write it into `.env`; no secret, and no password."""
    match value:
        case None:
            return NOT_SET
        case bool():
            return str(value).lower()
        case frozenset():
            return ", ".join(map(str, sorted(value))) or NOT_SET
        case str() | int() | float() | Path():
            return f"{value:g}" if isinstance(value, float) else str(value)
        case _ if hasattr(value, "get_secret_value"):
            return HIDDEN
        case _:
            return _CREDENTIALS.sub("***@", str(value))
