"""Article number: the one that a publisher's system gives an article, in its address or guid.

It stays when an editor renames the article, and another article has another one.
"""

import re
from datetime import date

# A shorter one may count anything: a page, a section, the dead.
_MIN_DIGITS, _MAX_DIGITS = 5, 18
# A number by itself, or after a letter or two: "/n728743", "id728743".
_NUMBER = re.compile(
    rf"(?<![^\W_])[a-z]{{0,2}}(\d{{{_MIN_DIGITS},{_MAX_DIGITS}}})(?![^\W_])",
    re.IGNORECASE | re.ASCII,
)
_UUID = re.compile(r"[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}", re.IGNORECASE | re.ASCII)
# Dates are written with eight digits or six, and a time of day may follow.
_DATE_FORMS = {8: ("YMD", "DMY", "MDY"), 6: ("yMD", "DMy", "YM"), 12: ("YMD",), 14: ("YMD",)}
_WIDTHS = {"Y": 4, "y": 2, "M": 2, "D": 2}
_YEARS = range(1990, 2100)
# A year of two digits is a recent one: six digits are an article number more often than a date.
_SHORT_YEARS = range(2015, 2040)


def article_number(text: str) -> str:
    """Return the article number in a path or guid, without zeros before it; empty: there is none.

    It has at least five digits and is no date. Of several the longest counts, of those the last.
    """
    found = _NUMBER.findall(_UUID.sub("", text))
    numbers = [number.lstrip("0") for number in found if not is_date(number)]
    long = [number for number in numbers if len(number) >= _MIN_DIGITS]
    return max(reversed(long), key=len, default="")


def is_date(digits: str) -> bool:
    """Return whether the digits may be a date: 20261130, 30112026, 261130, 202611300830, 202611."""
    return any(_reads_as(form, digits) for form in _DATE_FORMS.get(len(digits), ()))


def _reads_as(form: str, digits: str) -> bool:
    parts, at = {"D": 1}, 0
    for letter in form:
        parts[letter] = int(digits[at : at + _WIDTHS[letter]])
        at += _WIDTHS[letter]
    year = parts.get("Y", 2000 + parts.get("y", 0))
    try:
        date(year, parts["M"], parts["D"])
    except ValueError:
        return False
    return year in (_YEARS if "Y" in parts else _SHORT_YEARS)
