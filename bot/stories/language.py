"""Which language an article is written in. Pure.

Alphabets tell Ukrainian from Russian, and little words tell English from its neighbours.
"""

from collections.abc import Collection

from bot.model import ArticleLanguage, Language
from bot.words import words

# A language shows itself soon; what follows may be quotations in another.
READ_CHARS = 1500
# A name tells nothing: "Samsung Galaxy".
ENOUGH_LETTERS = 12
ENOUGH_WORDS = 8
# A foreign letter may come with a name; so many are a foreign text.
FOREIGN_SHARE = 1 / 100
# Ukrainian has no ы and Russian no і; Belarusian has both, each more often than this.
BOTH_SHARE = 1 / 50
# One letter in 60 is ъ in Bulgarian, one in 2,500 in Russian; few letters prove nothing.
HARD_SIGN_SHARE = 1 / 150
ENOUGH_HARD_SIGNS = 3
# One letter in 13 is і, ї, є or ґ in Ukrainian: so many letters without one are Russian.
NO_UKRAINIAN_LETTERS = 80
# In English one word in three is a little one, in headlines one in six.
LITTLE_WORD_SHARE = 1 / 12

_UKRAINIAN = "іїєґ"
_RUSSIAN = "ыэёъ"
# Belarusian, Kazakh, Kyrgyz, Tatar, Tajik, Serbian and Macedonian.
_FOREIGN_CYRILLIC = "ўәғқңөұүһҗҳҷӣӯјљњћђџѓќѕ"
_ACCENTED = "àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿāăąćčďđęěğīįłńňőœřśşšťţűůźżžșțßı"

_LITTLE_WORDS = (
    "the of to and in for is on that with as by at from it was be are has have said after will an"
)
_FOREIGN_WORDS = """
der die das und ist nicht den von mit für ein eine auf le la les des et est une du dans pour qui
el los las que del por una con para il di che della sono não uma os em na se się nie jest ve bir
het een van niet och att som är og på si din la cu pe da je su za se ne bu bir için
"""
_UKRAINIAN_WORDS = frozenset({"та", "що", "й", "з", "зі", "від", "це", "його", "буде", "щоб"})
_RUSSIAN_WORDS = frozenset({"и", "что", "с", "из", "от", "о", "как", "его", "это", "чтобы"})
_ENGLISH = frozenset(_LITTLE_WORDS.split())
_NEIGHBOURS = frozenset(_FOREIGN_WORDS.split())


def detect(title: str, text: str, *, prior: Language) -> ArticleLanguage:
    """Return the language, or `prior`, the feed's own, where there is too little to tell by."""
    sample = f"{title} {text}"[:READ_CHARS].casefold()
    letters = sum(map(str.isalpha, sample))
    cyrillic = sum("\u0400" <= letter <= "\u052f" for letter in sample)
    latin = sum("a" <= letter <= "z" or letter in _ACCENTED for letter in sample)
    if letters < ENOUGH_LETTERS:
        return prior
    if max(cyrillic, latin) * 2 < letters:
        return "other"
    return _cyrillic(sample, prior) if cyrillic >= latin else _latin(sample, prior)


def _cyrillic(sample: str, prior: Language) -> ArticleLanguage:
    ukrainian, russian = _share(sample, _UKRAINIAN), _share(sample, _RUSSIAN)
    if _is_foreign(sample) or min(ukrainian, russian) > BOTH_SHARE:
        return "other"
    if ukrainian == russian:
        return _by_little_words(sample, prior)
    return "uk" if ukrainian > russian else "ru"


def _is_foreign(sample: str) -> bool:
    bulgarian = (
        "ы" not in sample
        and sample.count("ъ") >= ENOUGH_HARD_SIGNS
        and _share(sample, "ъ") > HARD_SIGN_SHARE
    )
    return bulgarian or _share(sample, _FOREIGN_CYRILLIC) > FOREIGN_SHARE


def _by_little_words(sample: str, prior: Language) -> Language:
    said = words(sample)
    ukrainian = sum(word in _UKRAINIAN_WORDS for word in said)
    russian = sum(word in _RUSSIAN_WORDS for word in said)
    if ukrainian != russian:
        return "uk" if ukrainian > russian else "ru"
    is_long = len(sample) >= NO_UKRAINIAN_LETTERS
    return "uk" if prior == "uk" and not is_long else "ru"


def _latin(sample: str, prior: Language) -> ArticleLanguage:
    said = words(sample)
    english = sum(word in _ENGLISH for word in said)
    foreign = sum(word in _NEIGHBOURS for word in said)
    if foreign > english or _share(sample, _ACCENTED) > FOREIGN_SHARE * 2:
        return "other"
    if english >= len(said) * LITTLE_WORD_SHARE:
        return "en"
    return prior if prior == "en" or len(said) < ENOUGH_WORDS else "other"


def _share(sample: str, letters: Collection[str]) -> float:
    return sum(letter in letters for letter in sample) / len(sample)
