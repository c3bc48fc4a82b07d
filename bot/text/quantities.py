"""Quantities in a text: numbers with their units, in figures or in words, and dates."""

import math
import re
from collections.abc import Iterable, Sequence
from itertools import islice, product
from typing import TypeVar

T = TypeVar("T")

# Of a text; a hostile one may be nothing but numbers.
MAX_QUANTITIES = 24
# A unit stands among so many words after its number, or before: "killed at least 17".
_REACH = 3

# Values agree within the first share, and are near within the second, as rounded ones are.
_AGREE, _NEAR = 0.02, 0.15
# Smaller numbers without a unit are equal by chance.
_MIN_TELLING_NUMBER = 13

# The beginnings of the words of each unit. Of several in reach the first listed counts, since
# "17 people were killed" counts the killed.
_UNITS = {
    "killed": "загин загиб погиб убит вбит смерт kill dead death die fatal",
    "hurt": "поран постражд ранен ранени пострад травм injur wound hurt",
    "child": "діт дит дет реб child kid",
    "drone": "дрон бпла безпілот беспилот шахед drone uav shahed",
    "missile": "ракет missile rocket",
    "bomb": "каб авіабомб авиабомб бомб bomb",
    "prisoner": "полон плен prisoner pow",
    "ship": "суден судн судо корабл кораб танкер ship tanker vessel boat",
    "usd": "долар доллар dollar usd",
    "eur": "євро евро euro",
    "uah": "грн гривен гривн",
    "rub": "руб",
    "percent": "процент відсот percent",
    "km": "кілом килом км kilom miles",
    "year": "річн летн",
    "week": "тиж недел week",
    "day": "дн ден доб сут day night ноч",
    "hour": "годин час hour",
    "minute": "хвил минут minut",
    "country": "країн стран countr nation",
    "region": "област регіон регион region",
    "person": "люд осіб осо чолов челов people person",
}
_UNIT_BY_SIGN = {"$": "usd", "€": "eur", "₴": "uah", "₽": "rub", "%": "percent", "£": "gbp"}
_UNIT_BEGINNINGS = tuple(
    (beginning, unit) for unit, beginnings in _UNITS.items() for beginning in beginnings.split()
)
# "One" is an article and "second" a word of sequence, so they do not count.
_NUMBER_WORDS = {
    word: value
    for value, forms in {
        2: "два дві двоє двох двое две двум двома two both",
        3: "три троє трьох трое трех трёх трьома three",
        4: "чотири четверо чотирьох четыре четырех four",
        5: "п'ять пʼять п'ятеро п'яти пять пятеро пяти five",
        6: "шість шестеро шести шесть six",
        7: "сім семеро семи семь seven",
        8: "вісім восьмеро восьми восемь eight",
        9: "дев'ять девять девяти дев'яти nine",
        10: "десять десяти десятеро ten",
        11: "одинадцять одиннадцать eleven",
        12: "дванадцять двенадцать twelve",
        20: "двадцять двадцать twenty",
        100: "сто сотня сотні сотни hundred",
    }.items()
    for word in forms.split()
}
_SCALES = {
    "тис": 1e3, "тыс": 1e3, "thousand": 1e3, "k": 1e3,
    "млн": 1e6, "мільйон": 1e6, "миллион": 1e6, "million": 1e6, "m": 1e6,
    "млрд": 1e9, "мільярд": 1e9, "миллиард": 1e9, "billion": 1e9, "bn": 1e9,
    "трлн": 1e12, "трильйон": 1e12, "триллион": 1e12, "trillion": 1e12,
}  # fmt: skip
_SCALE_BEGINNINGS = tuple((word, scale) for word, scale in _SCALES.items() if len(word) > 1)
_TOKEN = re.compile(
    r"(?P<sign>[$€₴₽£])?\s?(?P<number>(?<![\w.,‑–-])\d{1,12}(?:[ \u00a0\u202f]\d{3}(?!\d)){0,3}"
    r"(?:[.,]\d{1,3}){0,4})(?P<after>\s?[%$€₴₽]|[kmKM](?![a-z])|bn)?|(?P<word>[^\W\d_][\w'’ʼ]*)"
)
_MONTHS = (
    "січ янв jan", "лют фев feb", "берез март mar", "квіт апрел apr", "трав мая may",
    "черв июн jun", "лип июл jul", "серп авг aug", "верес сент sep", "жовт окт oct",
    "листоп нояб nov", "груд дек dec",
)  # fmt: skip
_MONTH_BEGINNINGS = tuple(
    (beginning, month)
    for month, beginnings in enumerate(_MONTHS, start=1)
    for beginning in beginnings.split()
)
_YEARS = range(1900, 2101)
_DAYS = range(1, 32)


def quantities(text: str) -> frozenset[str]:
    """Return the quantities in the text, as "killed:17", and its dates, as "date:7-14".

    A number without a unit is "n:17"; years and parts of names, such as F-16, are none.
    """
    tokens = list(islice(_TOKEN.finditer(text), 600))
    found = (_quantity(tokens, place) for place in range(len(tokens)))
    return frozenset(islice(dict.fromkeys(filter(None, found)), MAX_QUANTITIES))


def quantity_evidence(
    titles: tuple[frozenset[str], frozenset[str]], leads: tuple[frozenset[str], frozenset[str]]
) -> dict[str, float]:
    """Return how far the quantities of two headlines, and of two leads, agree and differ."""
    in_titles, anywhere = _agreement(*titles), _agreement(*leads)
    dates, other_dates = ({each for each in lead if each.startswith("date:")} for lead in leads)
    n_telling = sum(
        not quantity.startswith("date:") and _number(quantity) >= _MIN_TELLING_NUMBER
        for quantity in leads[0] & leads[1]
    )
    return {
        "title_quantities_agree": min(2.0, in_titles[0]),
        "title_quantities_differ": 0.0 if in_titles[0] else min(2.0, in_titles[2]),
        "quantities_agree": math.log1p(anywhere[0]),
        "quantities_near": math.log1p(anywhere[1]),
        "quantities_differ": 0.0 if anywhere[0] else math.log1p(anywhere[2]),
        "telling_numbers": math.log1p(n_telling),
        "dates_agree": float(bool(dates & other_dates)),
        "dates_differ": float(bool(dates and other_dates and not dates & other_dates)),
    }


def says_more(new: tuple[frozenset[str], frozenset[str]], known: frozenset[str]) -> bool:
    """Return whether a text corrects what is known, or its headline counts what was not counted.

    `new` are the quantities of the headline, and of headline and text. "2 people" are no news
    where 2 dead are known.
    """
    in_title, anywhere = map(_by_unit, new)
    earlier = _by_unit(known)
    known_values = [value for values in earlier.values() for value in values]
    return any(
        all(_apart(*pair) > _AGREE for pair in product(values, earlier.get(unit, known_values)))
        for unit, values in anywhere.items()
        if unit != "n" and (unit in earlier or unit in in_title)
    )


def _quantity(tokens: list[re.Match[str]], place: int) -> str | None:
    value = _value(tokens[place])
    if value is None:
        return None
    before, following = (
        [(token["word"] or "").casefold() for token in near]
        for near in (tokens[max(0, place - _REACH) : place], tokens[place + 1 :][: _REACH + 1])
    )
    after = (tokens[place]["after"] or "").strip().casefold()
    value *= _listed(following[:1], _SCALE_BEGINNINGS) or _SCALES.get(after, 1.0)
    sign = tokens[place]["sign"] or after
    month = _listed(following[:1], _MONTH_BEGINNINGS)
    if sign in _UNIT_BY_SIGN:
        return f"{_UNIT_BY_SIGN[sign]}:{value:g}"
    if month and value in _DAYS:
        return f"date:{month}-{value:g}"
    unit = _listed(following, _UNIT_BEGINNINGS) or _listed(before, _UNIT_BEGINNINGS)
    if unit is None and (tokens[place]["word"] or value in _YEARS):
        return None
    return f"{unit or 'n'}:{value:g}"


def _value(token: re.Match[str]) -> float | None:
    if token["word"]:
        return _NUMBER_WORDS.get(token["word"].casefold().replace("’", "'").replace("ʼ", "'"))
    digits = re.sub(r"[ \u00a0\u202f]", "", token["number"])
    whole, comma, rest = digits.replace(",", ".").rpartition(".")
    if not comma:
        return float(digits)
    # 1,200 and 1.200.000 are thousands, 1.2 and 1,25 are not.
    if len(rest) == 3 and whole.replace(".", "") != "0":
        return float(whole.replace(".", "") + rest)
    return float(f"{whole.replace('.', '') or 0}.{rest}")


def _listed(near: Sequence[str], beginnings: Iterable[tuple[str, T]]) -> T | None:
    """Return the meaning of the first listed beginning that one of the words has."""
    return next(
        (
            meaning
            for beginning, meaning in beginnings
            if any(word.startswith(beginning) for word in near)
        ),
        None,
    )


def _agreement(these: frozenset[str], those: frozenset[str]) -> tuple[int, int, int]:
    """Return in how many units the values agree, are near, and differ."""
    counts = [0, 0, 0]
    if these and those:
        ours, theirs = _by_unit(these), _by_unit(those)
        for unit in ours.keys() & theirs.keys() - {"n", "date"}:
            apart = min(_apart(a, b) for a in ours[unit] for b in theirs[unit])
            counts[(apart > _AGREE) + (apart > _NEAR)] += 1
    return counts[0], counts[1], counts[2]


def _apart(one: float, other: float) -> float:
    return abs(one - other) / max(one, other, 1e-9)


def _by_unit(found: Iterable[str]) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {}
    for quantity in found:
        if not quantity.startswith("date:"):
            values.setdefault(quantity.partition(":")[0], []).append(_number(quantity))
    return values


def _number(quantity: str) -> float:
    return float(quantity.partition(":")[2])
