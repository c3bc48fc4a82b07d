"""To which topics does an article belong, and what says so? Pure but for reading the model."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Literal

from bot.model import Article, TopicSlug
from bot.stories.topics.model import NONE, TopicModel, likelihoods, read_model, spoken
from bot.text.stemming import stem, words
from bot.topics import Topics

# Between two names that a publisher glued together: «КолонкаЭкономика», "News/Sport".
_GLUE = re.compile(r"[/|,;>]|(?<=[a-zа-яёіїєґ])(?=[A-ZА-ЯЁІЇЄҐ])")

Spoken = Mapping[str, Collection[TopicSlug]]


# How many times likelier a topic becomes when the publisher files the article under it, when it
# adds it as a tag, and when it is the feed's usual one. Set by hand: the section yields only to
# words that are full of something else, the usual topic to clear words.
SAYS = {"section": exp(5.0), "tag": exp(2.5)}
USUAL = exp(2.0)
# What the words alone deem impossible may still be so when the publisher says it.
AT_LEAST = 0.01

# Of words that it never met the model says up to 0.152, for its likeliest topic. That is a guess:
# the article goes to the feed's usual topic, or to none.
ENOUGH = 0.155
# Peaceful news borrows the words of war ("price war"): one of them is not enough beside a
# listed word of such a topic.
WAR = TopicSlug("war")
WAR_WORDS = 2
PEACEFUL = tuple(
    map(TopicSlug, ["economy", "tech", "science", "health", "sports", "culture", "lifestyle"])
)
BORROWED = 0.5

# No news must be likelier than all topics together before we keep an article from everybody.
SURELY_NONE = 0.5
# A further topic must be a real one, and two of them are all.
ALSO = 0.15
MOST_OTHERS = 2

# An operator's own topic is not in the model; its listed words speak for it. A word in the
# headline, or two in the text, make it as likely as not; less is chance.
TITLE_COUNTS = 2.0
OWN_ENOUGH = 2.0

# So many of the words that speak for a topic are told.
_WORDS_TOLD = 5


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRules:
    """What speaks for topics: names of sections, as the stems of their words, and word stems."""

    slugs: frozenset[TopicSlug]
    sections: Mapping[tuple[str, ...], TopicSlug]
    words: Spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherSection:
    """What the publisher says: `name` is the section, or a tag, that means the topic."""

    topic: TopicSlug
    kind: Literal["section", "tag"]
    name: str


def gather(topics: Topics) -> TopicRules:
    """Return the evidence that the topics list, the other way round: what speaks for which."""
    sections: dict[tuple[str, ...], TopicSlug] = {}
    spoken_for: dict[str, list[TopicSlug]] = {}
    for topic in topics:
        for name in (topic.slug, *topic.names.values(), *topic.sections):
            sections[_stems(name)] = topic.slug
        for word in sorted(topic.words):
            spoken_for.setdefault(word, []).append(topic.slug)
    slugs = frozenset(topic.slug for topic in topics)
    return TopicRules(slugs=slugs, sections=sections, words=spoken_for)


def filed(article: Article, evidence: TopicRules) -> tuple[PublisherSection, ...]:
    """Return under which topics its publisher files it: the section first, the others are tags."""
    found: dict[TopicSlug, PublisherSection] = {}
    for name in _names(article):
        slug = evidence.sections.get(_stems(name))
        if slug is not None and slug not in found:
            found[slug] = PublisherSection(
                topic=slug, kind="tag" if found else "section", name=name.strip()
            )
    return tuple(found.values())


def telling(said: Collection[str], listed: Spoken) -> dict[TopicSlug, float]:
    """Count the listed words that speak for each topic, each stem once.

    One that speaks for two topics speaks half for each.
    """
    counts: defaultdict[TopicSlug, float] = defaultdict(float)
    for form in dict.fromkeys(stem(word) for word in said):
        slugs = listed.get(form, ())
        for slug in slugs:
            counts[slug] += 1 / len(slugs)
    return dict(counts)


def _names(article: Article) -> Iterator[str]:
    """Go through all that may name a section: categories first, then the address."""
    for category in article.categories:
        yield category
        yield from _GLUE.split(category)
    host, *path = re.split(r"[?#]", article.url.partition("://")[2])[0].split("/")
    yield from path[:-1]
    yield host.partition(".")[0]


def _stems(name: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in words(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A topic that an article belongs to: a score from 0 to 1, and what says so, in words."""

    topic: TopicSlug
    score: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicResult:
    """Where an article belongs: the main topic first, then up to two more.

    Where there is none, `refusal` says why in words.
    """

    topics: tuple[Scored, ...] = ()
    refusal: str | None = None

    @property
    def main(self) -> TopicSlug | None:
        """Return the main topic; None: it is no news, or nothing tells."""
        return self.topics[0].topic if self.topics else None

    @property
    def others(self) -> tuple[TopicSlug, ...]:
        """Return the further topics, the likelier first."""
        return tuple(scored.topic for scored in self.topics[1:])


Classify = Callable[[Article], TopicResult]


def classifier(topics: Topics) -> Classify:
    """Return the function that files an article, as `classify` does, by the shipped model.

    Raises:
        SetupError: if the model cannot be read.
    """
    evidence, model = gather(topics), read_model()
    return lambda article: classify(article, evidence, model)


def classify(article: Article, evidence: TopicRules, model: TopicModel) -> TopicResult:
    """File an article by what its publisher says and by its words.

    Where little speaks, it belongs to the feed's usual topic alone.
    """
    if kind := non_news_kind(article.title, article.text):
        return TopicResult(refusal=f"no news: {kind}")
    said = spoken(article.title, article.text)
    by_publisher = filed(article, evidence)
    usual = article.feed_topic if article.feed_topic in evidence.slugs else None
    by_words = _with_own(_known(said, evidence, model), article, said, evidence)
    scores = _weigh(by_words, by_publisher, usual)
    if scores.get(NONE, 0.0) > SURELY_NONE:
        return TopicResult(refusal="no news: its words are those of advertisements")
    main = _main(scores, usual)
    if main is None:
        return TopicResult(refusal="nothing tells its topic")
    # The publisher's word for the main topic does not make the others less likely.
    others = _weigh(by_words, [said for said in by_publisher if said.topic != main], None)
    chosen = {main: scores[main]} | _others(others, main, at_most=scores[main])
    return TopicResult(
        topics=tuple(
            Scored(
                topic=slug,
                score=score,
                evidence=(
                    *_publisher_says(slug, by_publisher, usual),
                    *_words_say(slug, said, evidence, by_words[slug]),
                ),
            )
            for slug, score in chosen.items()
        )
    )


def _known(
    said: tuple[str, ...], evidence: TopicRules, model: TopicModel
) -> dict[TopicSlug, float]:
    """Return what the model says, of the topics that there are; no word, no difference."""
    counts = telling(said, evidence.words)
    likely = likelihoods(model, said, counts)
    slugs = [slug for slug in model.topics if slug in evidence.slugs or slug == NONE]
    if not likely:
        return dict.fromkeys(slugs, 1 / max(len(slugs), 1))
    peaceful = max(counts.get(slug, 0.0) for slug in PEACEFUL)
    if 0 < counts.get(WAR, 0.0) < min(WAR_WORDS, peaceful + 1):
        likely[WAR] *= BORROWED
    return {slug: likely[slug] for slug in slugs}


def _with_own(
    likely: dict[TopicSlug, float], article: Article, said: tuple[str, ...], evidence: TopicRules
) -> dict[TopicSlug, float]:
    """Add the topics of which the model knows nothing, by their listed words."""
    own = evidence.slugs - likely.keys()
    if not own:
        return likely
    title = spoken(article.title, "")
    in_title = telling(title, evidence.words)
    counts = telling(said, evidence.words)
    added: dict[TopicSlug, float] = {}
    for slug in sorted(own):
        points = counts.get(slug, 0.0) + (TITLE_COUNTS - 1) * in_title.get(slug, 0.0)
        added[slug] = 1 - 0.5 ** (points / OWN_ENOUGH) if points >= OWN_ENOUGH else 0.0
    rest = 1 - max(added.values())
    return {slug: score * rest for slug, score in likely.items()} | added


def _weigh(
    by_words: Mapping[TopicSlug, float],
    by_publisher: Sequence[PublisherSection],
    usual: TopicSlug | None,
) -> dict[TopicSlug, float]:
    """Join what the words say with what the publisher says; the scores add up to 1."""
    scores = {slug: max(score, AT_LEAST) for slug, score in by_words.items()}
    for said in by_publisher:
        scores[said.topic] *= SAYS[said.kind]
    if usual is not None:
        scores[usual] *= USUAL
    total = sum(scores.values())
    return {slug: score / total for slug, score in scores.items()}


def _main(scores: Mapping[TopicSlug, float], usual: TopicSlug | None) -> TopicSlug | None:
    topics = sorted(scores.keys() - {NONE})
    best = max(topics, key=scores.__getitem__, default=None)
    return best if best is not None and scores[best] >= ENOUGH else usual


def _others(
    scores: Mapping[TopicSlug, float], main: TopicSlug, *, at_most: float
) -> dict[TopicSlug, float]:
    """Return the further topics, the likelier first; none is likelier than the main one."""
    rest = sorted(scores.keys() - {NONE, main}, key=lambda slug: (-scores[slug], slug))
    likely = [slug for slug in rest if scores[slug] >= ALSO]
    return {slug: min(scores[slug], at_most) for slug in likely[:MOST_OTHERS]}


def _publisher_says(
    slug: TopicSlug, by_publisher: Sequence[PublisherSection], usual: TopicSlug | None
) -> list[str]:
    said = [f"{one.kind} “{one.name}”" for one in by_publisher if one.topic == slug]
    return [*said, "the feed's usual topic"] if slug == usual else said


def _words_say(
    slug: TopicSlug,
    said: Sequence[str],
    evidence: TopicRules,
    likelihood: float,
) -> list[str]:
    """Tell the listed words that speak for a topic, and how likely all words make it."""
    listed = {stem(word): word for word in reversed(said)}
    told = [word for form, word in listed.items() if slug in evidence.words.get(form, ())]
    told.reverse()
    words = [f"words {', '.join(told[:_WORDS_TOLD])}"] if told else []
    return [*words, f"all words {likelihood:.0%}"]


def non_news_kind(title: str, text: str) -> str | None:
    """Return what kind of thing it is that is no news; None: it may be news."""
    for part in (title, text):
        opening = " ".join(words(part[:_OPENING_CHARS]))
        for kind, pattern in _KINDS:
            if pattern.match(opening):
                return kind
    if _MARKED.intersection(words(f"{title} {text[:_MARKED_CHARS]}")):
        return "an advertisement"
    return None
