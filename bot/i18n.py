"""Translations (gettext): sentences, numbers, ages and names in a reader's language.

The code holds the English sentences; `bot/locales/*.po` hold their translations.
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
from babel.dates import format_skeleton, format_timedelta, get_day_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from bot.model import LANGUAGES, Language

# CLDR still has them under their former names.
_CLDR_ZONES = {"Europe/Kyiv": "Europe/Kiev", "Asia/Kolkata": "Asia/Calcutta"}
LOCALES = Path(__file__).parent / "locales"


@dataclass(frozen=True, slots=True)
class Translator:
    """Translates into one language: call it for Telegram HTML, `plain` for buttons and toasts.

    Handlers call it `say`: the message extractor looks for `say(...)`.
    """

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
        """Return the plural form for `count`, which the sentence may name as `{count}`."""
        return self._catalogue.ngettext(one, many, count).format(count=count)

    def age(self, instant: datetime, *, now: datetime) -> str:
        """Return how long ago that was: "2 hours ago"; at least "1 minute ago"."""
        age = max(now - instant, timedelta(minutes=1))
        return format_timedelta(
            -age, granularity="minute", add_direction=True, locale=self.language
        )

    def day(self, instant: datetime) -> str:
        """Return the day of the instant, in UTC: "8 July"."""
        return format_skeleton("MMMMd", instant, locale=self.language)

    def moment(self, instant: datetime) -> str:
        """Return the day and minute of the instant, in its own zone: "Mon, 7 December, 08:00"."""
        return f"{format_skeleton('MMMMEd', instant, locale=self.language)}, {instant:%H:%M}"

    def weekday(self, day: int) -> str:
        """Return the name of a day of the week, 0 is Monday: "Sunday", «неділя»."""
        return str(get_day_names("wide", "stand-alone", locale=self.language)[day])

    def number(self, count: int) -> str:
        """Return a number with separators: "1,204"."""
        return format_decimal(count, locale=self.language)

    def duration(self, length: timedelta) -> str:
        """Return a duration in words: "3 seconds", "2 hours"."""
        return format_timedelta(length, granularity="second", locale=self.language)

    def language_name(self, language: Language) -> str:
        """Return the name of a language: "Ukrainian", "українська"."""
        return str(Locale.parse(self.language).languages[language])

    def zone_name(self, zone: str) -> str:
        """Return the name of a time zone of `bot.timezones`: "Kyiv", or "UTC+03:00"."""
        if zone[:1] in "+-":
            return f"UTC{zone}"
        cldr_zone = _CLDR_ZONES.get(zone, zone)
        city = Locale.parse(self.language).time_zones.get(cldr_zone, {}).get("city")
        return str(city or zone.rpartition("/")[2].replace("_", " "))


@cache
def speak(language: Language) -> Translator:
    """Return the translator into a language."""
    with (LOCALES / f"{language}.po").open("rb") as source:
        catalogue = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translator(language, gettext.GNUTranslations(compiled))


def closest_language(code: str | None) -> Language:
    """Return the supported language for Telegram's IETF tag, English if there is none."""
    primary = (code or "").lower().partition("-")[0]
    # Belarusian and Kazakh readers are far more likely to read Russian than English.
    primary = {"be": "ru", "kk": "ru"}.get(primary, primary)
    return next((language for language in LANGUAGES if language == primary), "en")
