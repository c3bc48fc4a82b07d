"""Topic classifier: a linear model, the publisher's sections, and listed words."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import exp, log
from typing import Literal, Protocol

from bot.model import Article, ArticleKind, TopicEvidence, TopicSlug
from bot.stories.kinds import article_kind, is_unpushed, is_urgent_service
from bot.stories.topics.model import (
    NON_NEWS,
    TopicModel,
    content_words,
    read_model,
    topic_probabilities,
)
from bot.text.stemming import snowball_stem, words
from bot.topics import Topics

# The factor of a topic's probability if the publisher files the article in it, adds it as a tag,
# and if it is the feed's usual one. Set by hand: a section yields only to a text full of words
# of another topic, the usual topic to clear words.
PUBLISHER_FACTORS = {"section": exp(10.0), "tag": exp(5.0)}
USUAL_TOPIC_FACTOR = exp(6.0)
# A lower probability by words is raised to this, so that the factors can act.
SCORE_FLOOR = 0.0001
# No probability is taken for less.
LEAST = 1e-6

# For unknown words the model's highest probability is up to 0.204. Below this, and without a
# listed word, an article gets the feed's usual topic, or none.
MIN_SCORE = 0.205
# Peaceful news borrows the words of war ("price war"): beside a listed word of such a topic, one
# of them is not enough.
WAR = TopicSlug("war")
MIN_WAR_WORDS = 2
PEACEFUL = tuple(
    map(TopicSlug, ["economy", "tech", "science", "health", "sports", "culture", "lifestyle"])
)
BORROWED_WORD_FACTOR = 0.5

# Above this, non-news is likelier than all topics together, and nobody gets the article.
MAX_NON_NEWS_SCORE = 0.5
# A further topic is shown if it is this share as likely as the main one; with a vector the
# probabilities are surer. War is shown earlier, as its readers miss it most.
MIN_OTHER_SHARE, MIN_OTHER_SHARE_WITH_VECTOR = 0.2, 0.06
MIN_WAR_SHARE = 0.03
MAX_OTHERS = 2
# The probabilities of the models are too modest by these powers, which were fitted on marked days.
SHARPNESS, SHARPNESS_WITH_VECTOR = 2.0, 2.5

# The model lacks an operator's own topics, so their listed words decide: one in the headline, or
# two in the text, make a topic as likely as not; less is chance.
TITLE_WORD_WEIGHT = 2.0
MIN_OWN_POINTS = 2.0

# The probability of each topic by the vector of the article; empty without one.
VectorTopics = Mapping[TopicSlug, float]
NO_VECTOR: VectorTopics = {}

_MAX_WORDS_SHOWN = 5

ListedWords = Mapping[str, Collection[TopicSlug]]
# A kind that is pushed to nobody; "advertising words": the topic model knows them; "no topic":
# nothing decides.
Rejection = Literal["service", "ad", "none", "digest", "advertising words", "no topic"]

# The boundary of two names in one category: «КолонкаЭкономика», "News/Sport".
_BOUNDARY = re.compile(r"[/|,;>]|(?<=[a-zа-яёіїєґ])(?=[A-ZА-ЯЁІЇЄҐ])")


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRules:
    """The rules of `topics.toml`: topics by the stems of section names, and by word stems."""

    slugs: frozenset[TopicSlug]
    sections: Mapping[tuple[str, ...], TopicSlug]
    words: ListedWords


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherSection:
    """A section or tag of the publisher that means a topic; `name` is the publisher's."""

    topic: TopicSlug
    kind: Literal["section", "tag"]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicScore:
    """A topic of an article, with a score from 0 to 1 and its evidence.

    `words` are listed words of the topic in the article, a few; `by_words` is its probability
    by all words, from 0 to 1.
    """

    topic: TopicSlug
    score: float
    section: PublisherSection | None
    is_usual: bool
    words: tuple[str, ...]
    by_words: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicResult:
    """The topics of an article: the main one, then up to `MAX_OTHERS`; or why it has none."""

    topics: tuple[TopicScore, ...] = ()
    rejection: Rejection | None = None
    evidence: TopicEvidence | None = None
    kind: ArticleKind = "news"

    @property
    def main(self) -> TopicSlug | None:
        """Return the main topic; None: the article was rejected."""
        return self.topics[0].topic if self.topics else None

    @property
    def others(self) -> tuple[TopicSlug, ...]:
        """Return the other topics, by descending score."""
        return tuple(scored.topic for scored in self.topics[1:])


class Classify(Protocol):
    """The function that classifies an article, by its vector too if that is known."""

    def __call__(self, article: Article, vector: VectorTopics = NO_VECTOR, /) -> TopicResult:
        """Return the topics of the article, or why it has none."""


def build_classifier(topics: Topics) -> Classify:
    """Return the function that classifies an article by the shipped model.

    Raises:
        SetupError: if the model cannot be read.
    """
    rules, model = build_rules(topics), read_model()
    return lambda article, vector=NO_VECTOR: classify(article, rules, model, vector)


def build_rules(topics: Topics) -> TopicRules:
    """Return the topics' section names and listed words, inverted."""
    sections: dict[tuple[str, ...], TopicSlug] = {}
    topics_of_word: dict[str, list[TopicSlug]] = {}
    for topic in topics:
        for name in (topic.slug, *topic.names.values(), *topic.sections):
            sections[_stems(name)] = topic.slug
        for word in sorted(topic.words):
            topics_of_word.setdefault(word, []).append(topic.slug)
    slugs = frozenset(topic.slug for topic in topics)
    return TopicRules(slugs=slugs, sections=sections, words=topics_of_word)


def classify(
    article: Article, rules: TopicRules, model: TopicModel, vector: VectorTopics = NO_VECTOR
) -> TopicResult:
    """Classify an article by its publisher's sections, its words, and its vector if there is one.

    Without clear evidence it gets the feed's usual topic alone.
    """
    kind = article_kind(article.title, article.text)
    if is_unpushed(kind) and not is_urgent_service(kind, article.title, article.text):
        return TopicResult(rejection=kind, kind=kind)
    article_words = content_words(article.title, article.text)
    sections = publisher_sections(article, rules)
    by_model, is_known = _by_model(article_words, rules, model)
    by_words = _with_own_topics(by_model, article.title, article_words, rules)
    evidence = TopicEvidence(
        by_words=by_words,
        sections={one.topic: PUBLISHER_FACTORS[one.kind] for one in sections},
        usual=article.feed_topic if article.feed_topic in rules.slugs else None,
        is_known=is_known
        or max(by_words.values(), default=0.0) > max(by_model.values(), default=0.0),
    )
    chosen = choose_topics(evidence, vector)
    if isinstance(chosen, str):
        kind = "ad" if chosen == "advertising words" else kind
        return TopicResult(rejection=chosen, evidence=evidence, kind=kind)
    section_of = {section.topic: section for section in sections}
    # Each stem in its first form, by its last occurrence.
    first_forms = {snowball_stem(word): word for word in reversed(article_words)}
    listed = [(word, rules.words.get(form, ())) for form, word in first_forms.items()][::-1]
    return TopicResult(
        topics=tuple(
            TopicScore(
                topic=slug,
                score=score,
                section=section_of.get(slug),
                is_usual=slug == evidence.usual,
                words=tuple([word for word, of in listed if slug in of][:_MAX_WORDS_SHOWN]),
                by_words=by_words[slug],
            )
            for slug, score in chosen.items()
        ),
        evidence=evidence,
        kind=kind,
    )


def choose_topics(
    evidence: TopicEvidence, vector: VectorTopics = NO_VECTOR
) -> dict[TopicSlug, float] | Rejection:
    """Return the topics to show with their scores, the main one first; or why there are none."""
    likely = _joined(evidence.by_words, vector)
    scores = _combine(likely, evidence.sections, evidence.usual)
    if scores.get(NON_NEWS, 0.0) > MAX_NON_NEWS_SCORE:
        return "advertising words"
    is_known = evidence.is_known or bool(vector or evidence.sections)
    best = max(sorted(scores.keys() - {NON_NEWS}), key=scores.__getitem__, default=None)
    main = best if best is not None and is_known else evidence.usual
    if main is None:
        return "no topic"
    # Without the publisher's section for the main topic, which would lower all others.
    sections = {slug: factor for slug, factor in evidence.sections.items() if slug != main}
    of_others = _combine(likely, sections, None)
    least = MIN_OTHER_SHARE_WITH_VECTOR if vector else MIN_OTHER_SHARE
    ranked = sorted(of_others.keys() - {NON_NEWS, main}, key=lambda slug: (-of_others[slug], slug))
    others = [
        slug
        for slug in ranked
        if is_known
        and of_others[slug] >= of_others[main] * (MIN_WAR_SHARE if slug == WAR else least)
    ][:MAX_OTHERS]
    return {main: scores[main]} | {slug: min(of_others[slug], scores[main]) for slug in others}


def publisher_sections(article: Article, rules: TopicRules) -> tuple[PublisherSection, ...]:
    """Return the publisher's sections that mean topics, one a topic: the first is the section.

    The others are tags. Sections are named by the categories, then by the address's path and
    subdomain.
    """
    names = []
    for category in article.categories:
        names += [category, *_BOUNDARY.split(category)]
    host, *path = re.split(r"[?#]", article.url.partition("://")[2])[0].split("/")
    names += [*path[:-1], host.partition(".")[0]]
    sections: dict[TopicSlug, PublisherSection] = {}
    for name in names:
        slug = rules.sections.get(_stems(name))
        if slug is not None and slug not in sections:
            sections[slug] = PublisherSection(
                topic=slug, kind="tag" if sections else "section", name=name.strip()
            )
    return tuple(sections.values())


def count_listed_words(
    article_words: Collection[str], listed: ListedWords
) -> dict[TopicSlug, float]:
    """Count the listed words of each topic, each stem once; one of two topics as a half each."""
    counts: defaultdict[TopicSlug, float] = defaultdict(float)
    for form in dict.fromkeys(snowball_stem(word) for word in article_words):
        slugs = listed.get(form, ())
        for slug in slugs:
            counts[slug] += 1 / len(slugs)
    return dict(counts)


def _by_model(
    article_words: tuple[str, ...], rules: TopicRules, model: TopicModel
) -> tuple[dict[TopicSlug, float], bool]:
    """Return the model's probability of each configured topic, and whether it knows the words."""
    counts = count_listed_words(article_words, rules.words)
    probabilities = topic_probabilities(model, article_words, counts)
    slugs = [slug for slug in model.topics if slug in rules.slugs or slug == NON_NEWS]
    if not probabilities:
        return dict.fromkeys(slugs, 1 / max(len(slugs), 1)), False
    peaceful = max(counts.get(slug, 0.0) for slug in PEACEFUL)
    if 0 < counts.get(WAR, 0.0) < min(MIN_WAR_WORDS, peaceful + 1):
        probabilities[WAR] *= BORROWED_WORD_FACTOR
    by_model = {slug: probabilities[slug] for slug in slugs}
    return by_model, bool(counts) or max(by_model.values(), default=0.0) >= MIN_SCORE


def _joined(by_words: Mapping[TopicSlug, float], by_vector: VectorTopics) -> dict[TopicSlug, float]:
    """Join the two opinions as equals, a topic that only one knows by that one; and sharpen."""
    if not by_words:
        return {}
    power = SHARPNESS_WITH_VECTOR / 2 if by_vector else SHARPNESS / 2
    logs = {
        slug: power * (log(max(p, LEAST)) + log(max(by_vector.get(slug, p), LEAST)))
        for slug, p in by_words.items()
    }
    highest = max(logs.values())
    total = sum(exp(value - highest) for value in logs.values())
    return {slug: exp(value - highest) / total for slug, value in logs.items()}


def _with_own_topics(
    by_model: dict[TopicSlug, float],
    title: str,
    article_words: tuple[str, ...],
    rules: TopicRules,
) -> dict[TopicSlug, float]:
    """Add the operator's own topics, which the model lacks, by their listed words."""
    own = rules.slugs - by_model.keys()
    if not own:
        return by_model
    in_title = count_listed_words(content_words(title, ""), rules.words)
    counts = count_listed_words(article_words, rules.words)
    added: dict[TopicSlug, float] = {}
    for slug in sorted(own):
        points = counts.get(slug, 0.0) + (TITLE_WORD_WEIGHT - 1) * in_title.get(slug, 0.0)
        added[slug] = 1 - 0.5 ** (points / MIN_OWN_POINTS) if points >= MIN_OWN_POINTS else 0.0
    rest = 1 - max(added.values())
    return {slug: score * rest for slug, score in by_model.items()} | added


def _combine(
    likely: Mapping[TopicSlug, float],
    sections: Mapping[TopicSlug, float],
    usual: TopicSlug | None,
) -> dict[TopicSlug, float]:
    """Multiply the probabilities with the publisher's factors; they add up to 1."""
    scores = dict(likely)
    for slug, factor in sections.items():
        scores[slug] = max(scores[slug], SCORE_FLOOR) * factor
    if usual is not None:
        scores[usual] = max(scores[usual], SCORE_FLOOR) * USUAL_TOPIC_FACTOR
    total = sum(scores.values())
    return {slug: score / total for slug, score in scores.items()}


def _stems(name: str) -> tuple[str, ...]:
    return tuple(snowball_stem(word) for word in words(name))
