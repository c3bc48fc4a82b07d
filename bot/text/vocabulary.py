"""Which turns of events does a text tell? A follow-up shares every name with its story. Pure."""

from functools import cache, lru_cache

from bot.resources import RESOURCES
from bot.text.stemming import NEGATIONS, stem, words

# A headline that tells one of these is no second telling of one that does not. Chosen by
# headline_pairs (train) and headline_relations: each is 3 to 20 times as frequent between
# different events as between tellings of one.
DECISIVE = frozenset({"deny", "react", "free", "resume", "postpone", "bury", "appeal"})

# Words are looked up by their stems. The others count as a little evidence each.
_OUTCOMES = {
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
# «не» before an outcome is another outcome: «не умер».
_NOT = "no"


# The weight of what the table lacks: it is in fewer than one text in 1,400.
RAREST = 7.5


def event_verbs(text: str) -> frozenset[str]:
    """Return the turns of events of which the text has a word, by their English names."""
    table, said = _table(), words(text)
    found = {table.get(stem(word), "") for word in said}
    if NEGATIONS & set(said):
        found.add(_NOT)
    return frozenset(found - {""})


@cache
def _table() -> dict[str, str]:
    return {stem(word): name for name, forms in _OUTCOMES.items() for word in words(forms)}


@lru_cache(maxsize=65_536)
def meaning(stemmed: str) -> str:
    """Return the English stem of a stem that the list knows, and any other as it is."""
    return _concepts().get(stemmed, stemmed)


@cache
def _concepts() -> dict[str, str]:
    text = (RESOURCES / "concepts.txt").read_text("utf-8")
    table: dict[str, str] = {}
    for line in text.splitlines():
        english, colon, others = line.partition(":")
        if not colon or line.startswith("#"):
            continue
        known, *more = (stem(word) for word in words(english))
        table |= dict.fromkeys((stem(word) for word in words(others)), known)
        table |= dict.fromkeys(more, known)
    return table


def idf(key: str) -> float:
    """Return the inverse document frequency of a stem or a sound, in nats, from 0.5 to `RAREST`.

    Counted once in ../shared/data by `python -m quality.stem_counts`, so that likeness does not
    depend on what happens to be stored.
    """
    return _idf_table().get(key, RAREST)


@cache
def _idf_table() -> dict[str, float]:
    text = (RESOURCES / "rarity.txt").read_text("utf-8")
    table: dict[str, float] = {}
    for line in text.splitlines():
        weight, *keys = line.split()
        table |= dict.fromkeys(keys, float(weight))
    return table
