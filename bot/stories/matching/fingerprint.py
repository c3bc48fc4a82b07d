"""Fingerprint of an article: the term sets stored to match it with others; and its title key."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from bot.stories.matching.cleaning import clean
from bot.text.phonetics import find_names, phonetic_key
from bot.text.quantities import quantities
from bot.text.stemming import NEGATIONS, STOP_WORDS, snowball_stem, words
from bot.text.vocabulary import concept, event_verbs, idf, story_concept

# Bounds on what is stored: about 1.5 kB.
MAX_KEYS = 80
MAX_NAMES = 30
# Of a headline; a hostile one may have thousands of words.
MAX_HEAD_KEYS = 30
# The rarest keys, by which the search works: among 15,000 texts 12 keys find 98 to 100 in 100 of
# the articles on one event, 20 all but a few headlines, 30 no more.
MAX_SEARCH_KEYS = 30

# Headlines of fewer words may well be equal by chance: «Погода на завтра».
MIN_TITLE_WORDS = 3

# In title case, from this share of capitalised words on, capitals do not mark names; a word is
# taken for a name from this IDF on: that of one text in 150.
_TITLE_CASE_SHARE = 0.6
_MIN_NAME_IDF = 4.5

_OUTLET = re.compile(
    r"\b(?:reuters|bloomberg|axios|politico|wsj|cnn|bbc|afp|ap|nyt|ft|financial times|sky news"
    r"|washington post|the times|guardian|associated press|fox news|nbc|spiegel|bild|interfax"
    r"|centcom|інтерфакс|интерфакс|укрінформ|укринформ|тасс|риа)\b"
)
# What a headline shows of the kind of its article, by the words of the three languages.
_KINDS = {
    "feature": re.compile(
        r"\?|(?:^|[.:—–] )(?:why|how|what|who|opinion|analysis|interview|почему|как|что|кто|зачем"
        r"|чому|як|що|хто|навіщо|интервью|інтерв'ю|мнение|думка|история|історія)\b"
        r"|\b(?:explained|explainer|колонка)\b",
        re.IGNORECASE,
    ),
    "live": re.compile(
        r"\blive\b|\bонлайн\b|наживо|хронік|хроник|текстовая трансляция", re.IGNORECASE
    ),
    "digest": re.compile(
        r"\b(?:дайджест|головне за|главное за|підсумки|итоги|roundup|briefing|takeaways"
        r"|things to know|what to know|newsletter|новини дня|новости дня)\b",
        re.IGNORECASE,
    ),
}

# Parts of a stored fingerprint without quantities with units.
_EARLIER_PARTS = 6

# Labels that editors add to a headline.
_LABELS = """
breaking update updated live video photo photos watch exclusive urgent
срочно молния обновлено обновляется видео фото фоторепортаж эксклюзив онлайн дополнено
терміново блискавка оновлено оновлюється доповнено відео фото фоторепортаж ексклюзив наживо
"""
_NOT_IN_TITLE_KEY = (STOP_WORDS | frozenset(_LABELS.split())) - NEGATIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """The terms of an article's headline, and of headline and text together, both cleaned.

    Keys are concepts of `text/vocabulary.py`, names are = and a phonetic key, quantities those of
    `quantities.py`, events the event verbs of `text/vocabulary.py`. `outlets` are the newspapers
    and agencies that it quotes, `kinds` says whether it is a "feature", a "live" report or a
    "digest".
    """

    title: frozenset[str]
    lead: frozenset[str]
    title_names: frozenset[str]
    names: frozenset[str]
    title_quantities: frozenset[str]
    quantities: frozenset[str]
    title_events: frozenset[str]
    events: frozenset[str]
    outlets: frozenset[str]
    kinds: frozenset[str]


def fingerprint(title: str, text: str) -> Fingerprint:
    """Return the fingerprint of an article; only the beginning of the text is read."""
    head, body = clean(title, text)
    title_keys = frozenset(islice(_keys(head), MAX_HEAD_KEYS))
    title_names = _names(head, rarest=True)
    return Fingerprint(
        title=title_keys,
        lead=title_keys | frozenset(islice(dict.fromkeys(_keys(body)), MAX_KEYS)),
        title_names=title_names,
        names=frozenset(
            islice(dict.fromkeys((*title_names, *_names(body, rarest=False))), MAX_NAMES)
        ),
        title_quantities=quantities(head),
        quantities=quantities(body),
        title_events=event_verbs(head),
        events=event_verbs(body),
        outlets=frozenset(name.replace(" ", "") for name in _OUTLET.findall(body.casefold())),
        kinds=frozenset(kind for kind, pattern in _KINDS.items() if pattern.search(head)),
    )


def title_key(title: str) -> str:
    """Return a key that is equal for headlines of the same words, in any order and punctuation.

    Empty for a headline of fewer than `MIN_TITLE_WORDS` words besides stop words and labels.
    """
    if title.lstrip().startswith("["):  # "[Reuters]"
        title = title.partition("]")[2] or title
    title = title.rpartition(" | ")[0] or title  # "| BBC News"
    title_words = {word for word in words(title) if word not in _NOT_IN_TITLE_KEY}
    return " ".join(sorted(title_words)) if len(title_words) >= MIN_TITLE_WORDS else ""


def search_keys(print_: Fingerprint) -> tuple[str, ...]:
    """Return the keys by which the article is indexed and searches for others, the rarest first."""
    keys = print_.lead | print_.names
    return tuple(sorted(keys, key=lambda key: (-idf(key), key))[:MAX_SEARCH_KEYS])


def search_weights(print_: Fingerprint) -> dict[str, float]:
    """Return the search keys with their weights: the IDF, squared."""
    return {key: idf(key) ** 2 for key in search_keys(print_)}


def pack(print_: Fingerprint) -> str:
    """Return the stored form of a fingerprint: text of a few hundred to 2,000 bytes."""
    parts = (
        print_.title,
        print_.lead - print_.title,
        print_.names - print_.title_names,
        print_.title_names,
        print_.title_quantities,
        print_.quantities - print_.title_quantities,
        print_.title_events,
        print_.events,
        print_.outlets,
        print_.kinds,
    )
    return "\n".join(" ".join(sorted(part)) for part in parts)


def unpack(packed: str) -> Fingerprint:
    """Return the fingerprint of its stored form; version 1.2 and earlier stored fewer parts.

    Raises:
        ValueError: if it is not one.
    """
    parts = [frozenset(part.split()) for part in packed.split("\n")]
    if len(parts) == _EARLIER_PARTS:
        title, rest_of_lead, names, _, events_of_title, all_events = parts
        none: frozenset[str] = frozenset()
        parts = [
            title,
            rest_of_lead,
            names,
            none,
            none,
            none,
            events_of_title,
            all_events,
            none,
            none,
        ]
    title, rest_of_lead, other_names, title_names, title_quantities, other_quantities, *rest = parts
    title_events, events, outlets, kinds = rest
    return Fingerprint(
        title=title,
        lead=title | rest_of_lead,
        title_names=title_names,
        names=title_names | other_names,
        title_quantities=title_quantities,
        quantities=title_quantities | other_quantities,
        title_events=title_events,
        events=events,
        outlets=outlets,
        kinds=kinds,
    )


def _keys(text: str) -> Iterator[str]:
    return (story_concept(snowball_stem(word)) for word in words(text) if word not in STOP_WORDS)


def _names(text: str, *, rarest: bool) -> frozenset[str]:
    """Return the phonetic keys of the names in the text, and of its words too rare for others."""
    capitals = [word[:1].isupper() for word in text.split()[1:]]
    is_title_case = sum(capitals) >= _TITLE_CASE_SHARE * len(capitals)
    named = [] if is_title_case else list(find_names(text))
    if rarest:
        named += [
            word
            for word in words(text)
            if word not in STOP_WORDS and idf(concept(snowball_stem(word))) >= _MIN_NAME_IDF
        ]
    keys = (phonetic_key(name) for name in named)
    return frozenset(islice(dict.fromkeys(f"={key}" for key in keys if key), MAX_NAMES))
