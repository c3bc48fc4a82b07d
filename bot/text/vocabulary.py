"""Word tables: translations of stems into English, IDF, event verbs; and the terms of a query."""

from collections.abc import Callable
from functools import cache, lru_cache

from bot.resources import RESOURCES
from bot.text.phonetics import phonetic_key
from bot.text.stemming import (
    NEGATIONS,
    STOP_WORDS,
    phrase_words,
    snowball_stem,
    stem,
    words,
)

# The IDF of a term that the table lacks: it occurs in fewer than one text in 1,400.
MAX_IDF = 7.5
# A query of more words is a pasted article.
MAX_QUERY_WORDS = 8

# If one headline reports such an event and the other article does not, they are two events.
# Chosen by headline_pairs (train) and headline_relations: each is 3 to 20 times as frequent
# between different events as between articles on one.
DECISIVE_EVENTS = frozenset({"deny", "react", "free", "resume", "postpone", "bury", "appeal"})

# Matched by stem. Those that are not decisive count as weak evidence.
_EVENT_WORDS = {
    "deny": """denied denies refuted debunked fake опровергли опроверг опровергла опровергают
        опровержение опровергает исключил исключила исключили исключило отвергли отверг отрицает
        отрицают спростували спростував спростувала спростування заперечив заперечили фейк""",
    "react": """reacts reacted reaction responds responded comments commented отреагировали
        отреагировал отреагировала прокомментировал прокомментировала прокомментировали
        ответил ответила ответили высказался высказалась відреагував відреагувала відреагували
        прокоментував прокоментувала прокоментували відповів відповіла висловився""",
    "free": """acquitted freed released оправдан оправдали освобожден освободили освобождена
        отпустили выпустили виправдали звільнено відпустили випустили""",
    "resume": """resumed resumes reopened reopens возобновили возобновил возобновила возобновлены
        возобновлено возобновит відновив відновила відновили відновлено""",
    "postpone": """postponed postpones отложен отложили отложил отложена отложено відкладено
        відклали відклав""",
    "bury": """funeral buried похоронили похороны простились прощание поховали похорон
        попрощалися""",
    "appeal": """appealed appeals обжаловал обжаловали обжаловала обжалует обжалуют апелляцию
        оскаржив оскаржили апеляцію""",
    "will": "will будет будут буде будуть",
    "may": """may might could может могут предложили предложил предлагают хотят хочет планирует
        намерен намерены може можуть запропонували пропонують хочуть планує""",
    "die": """died dies dead умер умерла скончался скончалась погиб погибла погибли помер
        померла загинув загинула загинули""",
    "arrest": """arrested detained arrest задержан задержали задержаны арестован арестовали
        затримали затримано заарештували заарештовано""",
    "sentence": """sentenced jailed приговор приговорен осудили осужден приговорили вирок
        засудили засуджено""",
    "rise": """rises rose вырос выросла выросли поднялся повысил повысили подорожал зріс зросла
        зросли подорожчав підвищив""",
    "fall": """falls fell упал упала упали снизился снизилась снизились снизил подешевел впав
        впала знизився знизилась знизив""",
    "win": """won wins beat победил победила победили обыграл выиграл выиграла переміг перемогла
        обіграв виграв""",
    "lose": "lost loses проиграл проиграла проиграли уступил програв програла поступився",
    "begin": "starts begins began начался началась началось начали почався почалася почали",
    "end": "ends ended завершился завершилась завершены закончился завершився завершилася",
    "refuse": "refused refuses отказался отказалась отказались відмовився відмовилася відмовились",
    "lift": "lifted lifts снял сняла сняли зняв зняла зняли",
    "explain": """оценил оценила оценили объяснил объяснила объяснили оцінив оцінила пояснив
        пояснила explains explained""",
    "detail": "details подробности раскрыты раскрыл раскрыли раскрыта подробиці деталі",
}
# A negation in the text counts as an event too: «не умер».
_NEGATED = "no"


@lru_cache(maxsize=65_536)
def concept(stemmed: str) -> str:
    """Return the English stem that `concepts.txt` lists for a Snowball stem, else the stem."""
    return _concepts(snowball_stem).get(stemmed, stemmed)


@lru_cache(maxsize=65_536)
def index_term(word: str) -> str:
    """Return the term of a word in the search index, which all forms of the word share.

    The English stem if `concepts.txt` lists the word, else the word's own stem.
    """
    stemmed = stem(word)
    return _concepts(stem).get(stemmed, stemmed)


def query_terms(query: str) -> tuple[tuple[str, ...], ...]:
    """Return for each word of a query the index terms that it matches, as `related.terms` has them.

    Word forms, languages and spellings of a name share a term. Stop words are dropped; a query
    of stop words alone has no terms.
    """
    content_words = [word for word in dict.fromkeys(phrase_words(query)) if word not in STOP_WORDS]
    terms = []
    for word in content_words[:MAX_QUERY_WORDS]:
        key = phonetic_key(word)
        terms.append(tuple(filter(None, (index_term(word), f"={key}" if key else ""))))
    return tuple(terms)


@lru_cache(maxsize=65_536)
def story_concept(stemmed: str) -> str:
    """Return one stem for all words that newspapers choose between when they tell one event.

    By `story_words.txt`, else by `concept`.
    """
    table, known = _concepts(snowball_stem, "story_words.txt"), concept(stemmed)
    return table.get(stemmed) or table.get(known, known)


@cache
def places() -> frozenset[str]:
    """Return the concepts of `story_words.txt` that are cities and regions."""
    text = (RESOURCES / "story_words.txt").read_text("utf-8")
    section = text.partition("# Places")[2].partition("\n")[2].partition("\n#")[0]
    return frozenset(story_concept(snowball_stem(words(line)[0])) for line in section.splitlines())


def idf(term: str) -> float:
    """Return the inverse document frequency of a stem or phonetic key, in nats, 0.5 to `MAX_IDF`.

    Counted once in ../shared/data by `python -m quality.stem_counts`, so that similarities do not
    depend on the articles in the database.
    """
    return _idf_table().get(term, MAX_IDF)


def event_verbs(text: str) -> frozenset[str]:
    """Return the events that the text reports, by their English names, such as "deny"."""
    table, text_words = _event_table(), words(text)
    events = {table[form] for form in map(snowball_stem, text_words) if form in table}
    return frozenset(events | ({_NEGATED} if NEGATIONS & set(text_words) else set()))


@cache
def _concepts(stemmer: Callable[[str], str], name: str = "concepts.txt") -> dict[str, str]:
    text = (RESOURCES / name).read_text("utf-8")
    table: dict[str, str] = {}
    for line in text.splitlines():
        english, colon, others = line.partition(":")
        if not colon or line.startswith("#"):
            continue
        known, *more = (stemmer(word) for word in words(english))
        table |= dict.fromkeys((stemmer(word) for word in words(others)), known)
        table |= dict.fromkeys(more, known)
    return table


@cache
def _idf_table() -> dict[str, float]:
    text = (RESOURCES / "rarity.txt").read_text("utf-8")
    table: dict[str, float] = {}
    for line in text.splitlines():
        weight, *terms = line.split()
        table |= dict.fromkeys(terms, float(weight))
    return table


@cache
def _event_table() -> dict[str, str]:
    return {
        snowball_stem(word): event for event, forms in _EVENT_WORDS.items() for word in words(forms)
    }
