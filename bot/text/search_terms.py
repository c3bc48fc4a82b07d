"""Search terms of a query: the words that a reader typed, as terms of the full-text index."""

from bot.text.phonetics import phonetic_key
from bot.text.stemming import STOP_WORDS, words
from bot.text.vocabulary import index_term

# A query of more words is a pasted article.
MAX_WORDS = 8


def query_terms(query: str) -> tuple[tuple[str, ...], ...]:
    """Return for each word of a query the index terms that it matches, as `related.terms` has them.

    Word forms, languages and spellings of a name share a term. Stop words are dropped; a query
    of stop words alone has no terms.
    """
    content_words = [word for word in dict.fromkeys(words(query)) if word not in STOP_WORDS]
    terms = []
    for word in content_words[:MAX_WORDS]:
        key = phonetic_key(word)
        terms.append(tuple(filter(None, (index_term(word), f"={key}" if key else ""))))
    return tuple(terms)
