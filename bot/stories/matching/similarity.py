"""Similarity of two articles: the evidence for and against their telling one event.

Nothing here decides: contradictions are evidence with a weight, as likeness is.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.model import ArticleLanguage
from bot.stories.matching.fingerprint import Fingerprint
from bot.stories.matching.story_model import story_model
from bot.stories.matching.vectors import VECTOR_BYTES, Cosines, cosines
from bot.text.quantities import quantity_evidence
from bot.text.vocabulary import DECISIVE_EVENTS, idf, places

# The evidence of a pair of articles by name.
Evidence = Mapping[str, float]

# With fewer keys beyond its headline, an article is bare: it is its headline.
_MIN_TEXT_KEYS = 5
# A source gives out a daily report in the same words, a day later.
_DAILY_HOURS = (18.0, 30.0)
_MIN_DAILY_COSINE = 0.5
_MAX_RAREST = 3
_MIN_RARE_WEIGHT = 20.0
# A key that many of the compared articles have tells little, however rare it is in other years:
# the name of the day. Of n articles, those with it are weighed as one text in n + _PRIOR.
_PRIOR = 60
_SMOOTHING = 0.3

_DAY = timedelta(days=1)
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedArticle:
    """The data of an article that is compared.

    `vector` is that of the headline, followed by that of headline and text; None: embeddings are
    off.
    """

    language: ArticleLanguage
    fingerprint: Fingerprint
    vector: bytes | None = None
    source: str = ""
    published_at: datetime = _EPOCH


@dataclass(frozen=True, slots=True)
class _Weights:
    """Squared weights of keys: by their rareness in all years, and among the articles compared."""

    in_general: Mapping[str, float]
    at_present: Mapping[str, float]

    @classmethod
    def of(cls, prints: Sequence[Fingerprint]) -> "_Weights":
        """Return the weights of the keys of these articles."""
        counts = Counter(key for print_ in prints for key in (*print_.lead, *print_.names))
        total = len(prints) + _PRIOR
        most = {count: math.log(total / (count + _SMOOTHING)) for count in set(counts.values())}
        rarities = {key: idf(key) for key in counts}
        return cls(
            in_general={key: rarity**2 for key, rarity in rarities.items()},
            at_present={key: min(rarities[key], most[n]) ** 2 for key, n in counts.items()},
        )


@dataclass(frozen=True, slots=True)
class _Squares:
    """Sums of the squared weights of an article's keys."""

    title: float
    lead: float
    title_names: float
    names: float


@dataclass(frozen=True, slots=True)
class _Profile:
    """An article with what each of its comparisons needs, computed once."""

    article: ComparedArticle
    print_: Fingerprint
    at_present: _Squares
    in_general: _Squares
    rare_title: frozenset[str]
    is_bare: bool


def gather_evidence(
    article: ComparedArticle, others: Sequence[ComparedArticle]
) -> tuple[Evidence, ...]:
    """Return the evidence for the article and each of the others.

    Names that begin with "vector" are missing where one of the two has no vector.
    """
    weights = _Weights.of([article.fingerprint, *(other.fingerprint for other in others)])
    new, all_cosines = _profile(article, weights), _all_cosines(article, others)
    return tuple(
        {
            **_words(new, old, weights),
            **_names(new, old, weights),
            **quantity_evidence(
                (article.fingerprint.title_quantities, old.print_.title_quantities),
                (article.fingerprint.quantities, old.print_.quantities),
            ),
            **_circumstances(new, old, weights),
            **_vectors(article, old.article, all_cosines.get(place)),
        }
        for place, old in enumerate(_profile(other, weights) for other in others)
    )


def hours_between(one: datetime, other: datetime) -> float:
    """Return the hours between them; of a time that is midnight only the day is known."""
    earlier, later = sorted((one, other))
    if not (earlier.hour or earlier.minute or earlier.second):
        earlier = min(later, earlier + _DAY)
    return (later - earlier).total_seconds() / 3600


def _profile(article: ComparedArticle, weights: _Weights) -> _Profile:
    print_ = article.fingerprint
    at_present = weights.at_present
    return _Profile(
        article=article,
        print_=print_,
        at_present=_squares(print_, at_present),
        in_general=_squares(print_, weights.in_general),
        rare_title=frozenset(key for key in print_.title if at_present[key] >= _MIN_RARE_WEIGHT),
        is_bare=len(print_.lead) - len(print_.title) < _MIN_TEXT_KEYS,
    )


def _squares(print_: Fingerprint, weights: Mapping[str, float]) -> _Squares:
    return _Squares(
        title=_sum(print_.title, weights),
        lead=_sum(print_.lead, weights),
        title_names=_sum(print_.title_names, weights),
        names=_sum(print_.names, weights),
    )


def _words(new: _Profile, old: _Profile, weights: _Weights) -> Evidence:
    one, other = new.print_, old.print_
    present, general = weights.at_present, weights.in_general
    titles, leads = one.title & other.title, one.lead & other.lead
    shared = _sum(leads, present)
    said_less, said_more = sorted(
        (
            _ratio(_sum(one.title & other.lead, present), new.at_present.title),
            _ratio(_sum(other.title & one.lead, present), old.at_present.title),
        )
    )
    are_apart = (
        new.rare_title
        and old.rare_title
        and not (new.rare_title & other.lead or old.rare_title & one.lead)
    )
    n_rare = min(len(new.rare_title), len(old.rare_title))
    return {
        "title_cosine": _cosine(_sum(titles, present), new.at_present.title, old.at_present.title),
        "lead_cosine": _cosine(shared, new.at_present.lead, old.at_present.lead),
        "lead_cosine_general": _cosine(
            _sum(leads, general), new.in_general.lead, old.in_general.lead
        ),
        "title_said_less": said_less,
        "title_said_more": said_more,
        "lead_overlap": _ratio(shared, min(new.at_present.lead, old.at_present.lead)),
        "rarest_shared": _rarest(leads, present),
        "rarest_shared_general": _rarest(leads, general),
        "rare_words_apart": math.log1p(n_rare) if are_apart else 0.0,
        "title_length": math.log1p(min(len(one.title), len(other.title))),
    }


def _names(new: _Profile, old: _Profile, weights: _Weights) -> Evidence:
    one, other = new.print_, old.print_
    present, general = weights.at_present, weights.in_general
    shared, titles = one.names & other.names, one.title_names & other.title_names
    in_other = (
        _ratio(_sum(one.title_names & other.names, present), new.at_present.title_names),
        _ratio(_sum(other.title_names & one.names, present), old.at_present.title_names),
    )
    n_apart = 0 if shared else min(len(one.title_names), len(other.title_names))
    return {
        "names_cosine": _cosine(_sum(shared, present), new.at_present.names, old.at_present.names),
        "names_cosine_general": _cosine(
            _sum(shared, general), new.in_general.names, old.in_general.names
        ),
        "title_names_cosine": _cosine(
            _sum(titles, present), new.at_present.title_names, old.at_present.title_names
        ),
        "names_said": max(in_other),
        "names_shared": math.log1p(len(shared)),
        "names_apart": math.log1p(n_apart),
        "rarest_names_shared": _rarest(shared, present),
    }


def _circumstances(new: _Profile, old: _Profile, weights: _Weights) -> Evidence:
    one, other = new.article, old.article
    print_, other_print = new.print_, old.print_
    hours = hours_between(one.published_at, other.published_at)
    is_same_source = bool(one.source) and one.source == other.source
    titles = _sum(print_.title & other_print.title, weights.in_general)
    is_daily = (
        is_same_source
        and _DAILY_HOURS[0] <= hours <= _DAILY_HOURS[1]
        and _cosine(titles, new.in_general.title, old.in_general.title) >= _MIN_DAILY_COSINE
    )
    kinds = print_.kinds | other_print.kinds
    languages = {one.language, other.language}
    here, there = print_.title & places(), other_print.title & places()
    are_apart = here and there and not (here & other_print.lead or there & print_.lead)
    unmatched = (print_.title_events - other_print.events) | (
        other_print.title_events - print_.events
    )
    return {
        "events_shared": float(len(print_.title_events & other_print.title_events)),
        "events_unmatched": float(len(unmatched)),
        "events_decisive": float(bool(unmatched & DECISIVE_EVENTS)),
        "places_apart": float(bool(are_apart)),
        "hours": math.log1p(hours),
        "daily": float(is_daily),
        "same_source": float(is_same_source),
        "same_outlet": float(bool(print_.outlets & other_print.outlets)),
        "both_bare": float(new.is_bare and old.is_bare),
        "one_bare": float(new.is_bare != old.is_bare),
        "lead_length": math.log1p(min(len(print_.lead), len(other_print.lead))),
        "feature": float("feature" in kinds),
        "live": float("live" in kinds),
        "digest": float("digest" in kinds),
        "uk_ru": float(languages == {"uk", "ru"}),
        "uk_en": float(languages == {"uk", "en"}),
        "ru_en": float(languages == {"ru", "en"}),
        "both_ru": float(languages == {"ru"}),
        "both_en": float(languages == {"en"}),
    }


def _all_cosines(article: ComparedArticle, others: Sequence[ComparedArticle]) -> dict[int, Cosines]:
    """Return the cosines with those of the others that have vectors, by their places."""
    length = 2 * VECTOR_BYTES
    if article.vector is None or len(article.vector) != length:
        return {}
    vectors = {
        place: other.vector
        for place, other in enumerate(others)
        if other.vector is not None and len(other.vector) == length
    }
    return dict(zip(vectors, cosines(article.vector, list(vectors.values())), strict=True))


def _vectors(one: ComparedArticle, other: ComparedArticle, of_both: Cosines | None) -> Evidence:
    spreads = story_model().unrelated.get((one.language, other.language))
    if of_both is None or spreads is None:
        return {}
    titles, leads = spreads[0].standardise(of_both[0]), spreads[1].standardise(of_both[3])
    less, more = sorted(map(spreads[2].standardise, of_both[1:3]))
    return {
        "vector_titles": titles,
        "vector_leads": leads,
        "vector_crossed": more,
        "vector_most": max(titles, leads, more),
        "vector_mean": (titles + leads + less + more) / 4,
    }


def _sum(keys: Iterable[str], weights: Mapping[str, float]) -> float:
    return sum(map(weights.__getitem__, keys))


def _rarest(keys: Iterable[str], weights: Mapping[str, float]) -> float:
    rarest = sorted(map(weights.__getitem__, keys), reverse=True)[:_MAX_RAREST]
    return math.fsum(map(math.sqrt, rarest)) / 10


def _cosine(shared: float, one: float, other: float) -> float:
    return _ratio(shared, math.sqrt(one * other))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
