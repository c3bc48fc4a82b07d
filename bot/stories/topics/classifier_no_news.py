"""Is this no news at all: a greeting, a horoscope, an advertisement, a digest of everything? Pure.

Only what says so itself, in fixed words; the topic model answers "none" for the rest.
"""

import re

from bot.text.stemming import words

# What kind of thing it is, and how its headline or first words begin.
_OPENINGS = (
    ("a horoscope", r"(?:\w+ )?(?:гороскоп|астропрогноз|horoscope)"),
    (
        "a greeting",
        r"(?:доброго (?:ранку|дня|вечора)|добрий (?:ранок|вечір)|на добраніч"
        r"|доброе утро|с добрым утром|добрый (?:день|вечер)|доброй ночи|спокойной ночи"
        r"|good (?:morning|evening|night))"
        # What follows is whom one greets, not a name: «Доброе утро, Вьетнам» is a film.
        r"(?:$| (?:всем|всім|підписник\w*|подписчик\w*|друз\w*|україн[оцї]\w*|everyone|all|friends"
        r"|readers|сьогодні|сегодня|today)\b)",
    ),
    (
        "a digest of everything",
        r"(?:головн[еі]|главн[оы]е|основн[еі]|основные)(?: новини| новости| події| события)?"
        r" (?:(?:за )?(?:дня|день|доби|добу|суток|сутки|тижня|тиждень|недели|неделю)"
        r"|за (?:\d|ранок|утро|вечір|вечер|годину|час))"
        r"|(?:ранковий|вечірній|утренний|вечерний|щоденний|ежедневный) дайджест"
        r"|дайджест (?:новин|новостей|дня|за)"
        r"|(?:підсумки|итоги) (?:дня|доби|суток)"
        r"|(?:morning|evening|daily|news) (?:briefing|digest|roundup|rundown)"
        r"|(?:your|the) (?:morning|evening|daily) (?:briefing|digest)",
    ),
    (
        "an advertisement",
        r"(?:реклама|на правах реклами|на правах рекламы|партнерськ\w+ матеріал"
        r"|партн[её]рск\w+ материал|sponsored|advertorial|paid content)\b",
    ),
)
_KINDS = tuple((kind, re.compile(opening)) for kind, opening in _OPENINGS)

# Marks that the law, or the trade, puts on advertisements anywhere in the text.
_MARKED = frozenset({"erid", "промокод", "промокодом", "промокоду", "promocode"})
_MARKED_CHARS = 1500

_OPENING_CHARS = 120


def no_news(title: str, text: str) -> str | None:
    """Return what kind of thing it is that is no news; None: it may be news."""
    for part in (title, text):
        opening = " ".join(words(part[:_OPENING_CHARS]))
        for kind, pattern in _KINDS:
            if pattern.match(opening):
                return kind
    if _MARKED.intersection(words(f"{title} {text[:_MARKED_CHARS]}")):
        return "an advertisement"
    return None
