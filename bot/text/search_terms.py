"""By what is an article found that a reader asks for in a few words? Pure."""

from bot.text.phonetics import sound
from bot.text.stemming import STOP_WORDS, stem, words
from bot.text.vocabulary import meaning

# More are no search; a person may paste an article.
MAX_WORDS = 8


def asked_terms(said: str) -> tuple[tuple[str, ...], ...]:
    """Return for each of the words the terms by which `related.terms` would know it.

    Word forms, languages and spellings of a name meet in them. Words that say nothing are left
    out; what has no others is an empty search.
    """
    telling = [word for word in dict.fromkeys(words(said)) if word not in STOP_WORDS]
    return tuple(_terms(word) for word in telling[:MAX_WORDS])


def _terms(word: str) -> tuple[str, ...]:
    heard = sound(word)
    return tuple(filter(None, (meaning(stem(word)), f"={heard}" if heard else "")))
