"""Settings of the operator, from the environment or `.env`: validated once, then frozen."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    ValidationError,
    field_validator,
)

from bot.env_file import EnvFile, nearest_name, parse_env_file
from bot.errors import ConfigurationError
from bot.model import ChatId
from bot.resources import RESOURCES
from bot.storage.backups.rotation import parse_schedule

_TOKEN = re.compile(r"[0-9]+:[^\s]+")
_LISTEN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\s]+):(\d{1,5})")
# https://core.telegram.org/bots/api#setwebhook
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
# A person, not a group: a positive number of at most 52 bits, as the Bot API says.
_USER_ID = re.compile(r"[1-9][0-9]{0,15}")
ENV_FILE = Path(".env")
LogFormat = Literal["text", "json"]
# What compose.yaml and Docker Compose itself read from the same file.
_NAMES_OF_COMPOSE = ("REPLICA_URL", "LITESTREAM_", "COMPOSE_", "COMMIT", "WEBHOOK_HOST")
# By pydantic's types of errors, with what it tells of each.
_FAULTS = {
    **dict.fromkeys(
        ("int_parsing", "int_parsing_size", "int_from_float", "int_type"),
        "should be a whole number",
    ),
    **dict.fromkeys(("float_parsing", "float_type", "finite_number"), "should be a number"),
    **dict.fromkeys(("bool_parsing", "bool_type"), "should be true or false"),
    **dict.fromkeys(
        ("url_parsing", "url_scheme", "url_type", "url_too_long"),
        "should be an address like https://bot.example.com",
    ),
    "greater_than_equal": "should be at least {ge:g}",
    "less_than_equal": "should be at most {le:g}",
    "literal_error": "should be {expected}",
    "value_error": "{error}",
}
# No query looks back further, so that deleted stories are not missed.
MIN_KEEP_DAYS = 30


class Settings(BaseModel):
    """All settings; a test compares them with `.env.example`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bot_token: SecretStr | None = None
    telegram_api: HttpUrl = HttpUrl("https://api.telegram.org")
    webhook_url: HttpUrl | None = None
    webhook_listen: str = "127.0.0.1:8081"
    webhook_secret: SecretStr | None = None
    database: Path = Path("data/readalso.db")
    feeds: Path = RESOURCES / "feeds.toml"
    topics: Path | None = None
    http_listen: str = "127.0.0.1:8080"
    poll_floor: Annotated[int, Field(ge=1, le=7 * 24 * 3600)] = 300
    allow_private_addresses: bool = False
    obey_robots: bool = True
    channel_previews: bool = False
    channel_preview_url: HttpUrl = HttpUrl("https://t.me")
    embeddings: bool = True
    messages_per_second: Annotated[float, Field(ge=0.01, le=1000)] = 28.0
    keep_days: Annotated[int, Field(ge=0, le=36500)] = 400
    backups: str = "daily:3"
    admins: frozenset[ChatId] = frozenset()
    reload: bool = True
    log_format: LogFormat = "text"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("database", "feeds", "topics")
    @classmethod
    def _expand_home(cls, path: Path | None) -> Path | None:
        if path is None:
            return None
        try:
            return path.expanduser()
        except RuntimeError:
            raise ValueError(f"nobody here has the home folder {path.parts[0]}") from None

    @field_validator("database")
    @classmethod
    def _validate_database(cls, path: Path) -> Path:
        if path.is_dir():
            raise ValueError(f"{path} is a folder; name a file in it")
        if any(folder.exists() and not folder.is_dir() for folder in path.parents):
            raise ValueError(f"{path.parent} is not a folder")
        return path

    @field_validator("bot_token")
    @classmethod
    def _validate_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token and not _TOKEN.fullmatch(token.get_secret_value()):
            raise ValueError("should look like 123456:ABC-DEF; copy it from @BotFather")
        return token

    @field_validator("keep_days")
    @classmethod
    def _validate_keep_days(cls, days: int) -> int:
        if 0 < days < MIN_KEEP_DAYS:
            raise ValueError(f"should be 0, for ever, or at least {MIN_KEEP_DAYS}")
        return days

    @field_validator("backups")
    @classmethod
    def _validate_backups(cls, backups: str) -> str:
        parse_schedule(backups)
        return backups

    @field_validator("admins", mode="before")
    @classmethod
    def _parse_admins(cls, admins: object) -> object:
        if not isinstance(admins, str):
            return admins
        words = admins.replace(",", " ").split()
        if not all(_USER_ID.fullmatch(word) for word in words):
            raise ValueError(
                "should be numbers of people, like 123456789; @userinfobot tells yours"
            )
        return frozenset(map(int, words))

    @field_validator("webhook_listen")
    @classmethod
    def _validate_webhook_listen(cls, listen: str) -> str:
        if not _is_host_and_port(listen):
            raise ValueError("should look like 127.0.0.1:8081")
        return listen

    @field_validator("http_listen")
    @classmethod
    def _validate_http_listen(cls, listen: str) -> str:
        if listen != "off" and not _is_host_and_port(listen):
            raise ValueError("should look like 127.0.0.1:8080, or off")
        return listen

    @field_validator("webhook_secret")
    @classmethod
    def _validate_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and not _SECRET.fullmatch(secret.get_secret_value()):
            raise ValueError("should be 1 to 256 letters, digits, _ and -")
        return secret


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings, where each comes from, and the names in `.env` that are no settings."""

    settings: Settings
    origins: Mapping[str, str]
    unknown_names: tuple[str, ...]


def read_settings(**overrides: object) -> Settings:
    """Return the settings; `overrides` take precedence over the environment, that over `.env`.

    Raises:
        ConfigurationError: if anything is invalid; the message has a line for each fault.
    """
    return load_settings(**overrides).settings


def load_settings(**overrides: object) -> LoadedSettings:
    """Return the settings with their origins; otherwise as `read_settings`."""
    file = _read_env_file(ENV_FILE)
    environment = {name.upper(): text.strip() for name, text in os.environ.items()}
    faults = [f"{ENV_FILE}, line {line}: should be NAME=value" for line in file.unreadable_lines]
    faults += [
        f"{name}: there is no such setting in {ENV_FILE}, line {file.variables[name].line};"
        f" {meant} is meant"
        for name, meant in _misspelt(file.variables)
    ]
    faults += [
        f"{name}: there is no such setting; in the environment, {meant} is meant"
        for name, meant in _misspelt(environment.keys() - file.variables.keys())
    ]
    # An empty setting is none.
    texts = {
        **{name: variable.value for name, variable in file.variables.items() if variable.value},
        **{name: text for name, text in environment.items() if text},
    }
    origins = {
        **{name: f"{ENV_FILE}, line {each.line}" for name, each in file.variables.items()},
        **{name: "environment" for name, text in environment.items() if text},
    }
    given = {name: texts[name.upper()] for name in Settings.model_fields if name.upper() in texts}
    try:
        settings = Settings.model_validate({**given, **overrides})
    except ValidationError as error:
        for details in error.errors():
            name = str(details["loc"][0]).upper()
            # In our own words; a secret is never quoted.
            words = _FAULTS.get(details["type"], "cannot be used: {msg}")
            words = words.format(msg=details["msg"], **details.get("ctx", {}))
            faults.append(f"{name}: {words}{f' ({origins[name]})' if name in origins else ''}")
        raise ConfigurationError("\n".join(faults)) from None
    if faults:
        raise ConfigurationError("\n".join(faults))
    return LoadedSettings(
        settings,
        {name: origins[name.upper()] for name in given.keys() - overrides.keys()},
        tuple(name for name in file.variables if not _is_known(name)),
    )


def wanted_log_format() -> LogFormat:
    """Return the form of the log also where another setting is wrong."""
    text = os.environ.get("LOG_FORMAT", "").strip()
    with suppress(ConfigurationError):
        variable = _read_env_file(ENV_FILE).variables.get("LOG_FORMAT")
        text = text or (variable.value if variable else "")
    return "json" if text == "json" else "text"


def require_token(settings: Settings) -> str:
    """Return the bot's token.

    Raises:
        ConfigurationError: if it is not set.
    """
    if settings.bot_token is None:
        raise ConfigurationError(
            "BOT_TOKEN is not set: get a token from @BotFather and put it into .env"
            " (or try the bot without one: make run, or readalso playground)"
        )
    return settings.bot_token.get_secret_value()


def _read_env_file(path: Path) -> EnvFile:
    try:
        return parse_env_file(path.read_bytes())
    except FileNotFoundError:
        return EnvFile({})
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: save it as UTF-8") from None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None


def _is_known(name: str) -> bool:
    return name.lower() in Settings.model_fields or name.startswith(_NAMES_OF_COMPOSE)


def _misspelt(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each name that is nearly that of a setting, with that one."""
    known = [name.upper() for name in Settings.model_fields]
    for name in sorted(names):
        if not _is_known(name) and (meant := nearest_name(name, known)):
            yield name, meant


def _is_host_and_port(listen: str) -> bool:
    match = _LISTEN.fullmatch(listen)
    return match is not None and int(match[2]) <= 65535
