"""When two headlines say the same in the same words. Pure."""

from bot.text.stemming import NEGATIONS, STOP_WORDS, words

# Of fewer words, two headlines may well be alike by chance: «Погода на завтра».
ENOUGH_WORDS = 3

# What editors put before a headline, or hang on it, without saying more.
_TAGS = """
breaking update updated live video photo photos watch exclusive urgent
срочно молния обновлено обновляется видео фото фоторепортаж эксклюзив онлайн дополнено
терміново блискавка оновлено оновлюється доповнено відео фото фоторепортаж ексклюзив наживо
"""
_SILENT = (STOP_WORDS | frozenset(_TAGS.split())) - NEGATIONS


def title_key(title: str) -> str:
    """Return what is equal for headlines of the same words, in any order and punctuation.

    Empty for a headline of fewer than `ENOUGH_WORDS` words that say something.
    """
    said = {word for word in words(_without_source(title)) if word not in _SILENT}
    return " ".join(sorted(said)) if len(said) >= ENOUGH_WORDS else ""


def _without_source(title: str) -> str:
    """Drop "[Reuters]" at the beginning and "| BBC News" at the end."""
    if title.lstrip().startswith("["):
        title = title.partition("]")[2] or title
    return title.rpartition(" | ")[0] or title
