"""Settings of the operator, from the environment or `.env`: validated once, then frozen."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, HttpUrl, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SetupError
from bot.model import ChatId
from bot.resources import RESOURCES

_TOKEN = re.compile(r"[0-9]+:[^\s]+")
_LISTEN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\s]+):(\d{1,5})")
# https://core.telegram.org/bots/api#setwebhook
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
# A person, not a group: a positive number of at most 52 bits, as the Bot API says.
_USER_ID = re.compile(r"[1-9][0-9]{0,15}")
# No query looks back further, so that deleted stories are not missed.
MIN_KEEP_DAYS = 30


class Settings(BaseSettings):
    """All settings; a test compares them with `.env.example`."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

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
    embeddings: bool = True
    messages_per_second: Annotated[float, Field(ge=0.01, le=1000)] = 28.0
    keep_days: Annotated[int, Field(ge=0, le=36500)] = 400
    admins: Annotated[frozenset[ChatId], NoDecode] = frozenset()
    log_format: Literal["text", "json"] = "text"

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


def read_settings(**overrides: object) -> Settings:
    """Return the settings; `overrides` take precedence over the environment, that over `.env`.

    Raises:
        SetupError: if a setting is invalid; the message has a clause for each of them.
    """
    try:
        return Settings.model_validate({**Settings().model_dump(), **overrides})
    except ValidationError as error:
        problems = [
            f"{str(details['loc'][0]).upper()}: {details['msg'].removeprefix('Value error, ')}"
            for details in error.errors()
        ]
        raise SetupError("; ".join(problems)) from None
    except UnicodeDecodeError:
        raise SetupError(".env: save it as UTF-8") from None


def _is_host_and_port(listen: str) -> bool:
    match = _LISTEN.fullmatch(listen)
    return match is not None and int(match[2]) <= 65535
