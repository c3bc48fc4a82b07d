"""Every sentence said to a person, in the person's language. Pure but for reading catalogues.

The code holds the English sentences; `bot/locales/*.po` hold what they are in each language.
`make messages` collects new ones, and a test compares the catalogues.
"""

import gettext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.dates import format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from bot.model import LANGUAGES, Language

# CLDR still knows them by their former names.
_PLACES = {"Europe/Kyiv": "Europe/Kiev", "Asia/Kolkata": "Asia/Calcutta"}
LOCALES = Path(__file__).parent / "locales"


@dataclass(frozen=True, slots=True)
class Translator:
    """Says things in one language: call it for Telegram HTML, `plain` for buttons and toasts."""

    language: Language
    _catalogue: gettext.NullTranslations

    def __call__(self, sentence: str, **values: str) -> str:
        """Return the sentence as HTML; it may hold markup, and its `{values}` are escaped."""
        escaped = {name: escape(value) for name, value in values.items()}
        return self._catalogue.gettext(sentence).format(**escaped)

    def plain(self, sentence: str, **values: str) -> str:
        """Return the sentence as plain text."""
        return self._catalogue.gettext(sentence).format(**values)

    def plural(self, one: str, many: str, count: int) -> str:
        """Return the form that goes with `count`, which the sentence may name as `{count}`."""
        return self._catalogue.ngettext(one, many, count).format(count=count)

    def age(self, instant: datetime, *, now: datetime) -> str:
        """Return how long ago that was, in words: "2 hours ago", "1 minute ago" at the least."""
        ago = max(now - instant, timedelta(minutes=1))
        return format_timedelta(
            -ago, granularity="minute", add_direction=True, locale=self.language
        )

    def number(self, count: int) -> str:
        """Return a number as the language writes it: "1,204"."""
        return format_decimal(count, locale=self.language)

    def duration(self, length: timedelta) -> str:
        """Return a length of time in words: "3 seconds", "2 hours"."""
        return format_timedelta(length, granularity="second", locale=self.language)

    def language_name(self, language: Language) -> str:
        """Return what a language is called: "Ukrainian", "українська"."""
        return str(Locale.parse(self.language).languages[language])

    def place(self, zone: str) -> str:
        """Return the name of a time zone of `bot.timezones` in words: "Kyiv", or "UTC+03:00"."""
        if zone[:1] in "+-":
            return f"UTC{zone}"
        known = _PLACES.get(zone, zone)
        place = Locale.parse(self.language).time_zones.get(known, {}).get("city")
        return str(place or zone.rpartition("/")[2].replace("_", " "))


@cache
def speak(language: Language) -> Translator:
    """Return the voice for a language."""
    with (LOCALES / f"{language}.po").open("rb") as source:
        catalogue = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translator(language, gettext.GNUTranslations(compiled))


def closest_language(code: str | None) -> Language:
    """Return our language for Telegram's IETF tag, English for all that we do not speak."""
    spoken = (code or "").lower().partition("-")[0]
    # Belarusian and Kazakh readers are far more likely to read Russian than English.
    spoken = {"be": "ru", "kk": "ru"}.get(spoken, spoken)
    return next((language for language in LANGUAGES if language == spoken), "en")
