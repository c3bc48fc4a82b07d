"""Tokenisation and stemming of Ukrainian, Russian and English words.

Ukrainian letters are folded to Russian ones, so that most words that the two languages share
have one stem: «української» and «украинской». There are two stemmers. `stem` knows the table of
word forms; search, followed and muted words and the names of topics use it. `snowball_stem` works
by rules alone; the topic model, the weights of terms and the signatures of articles were counted
with it.
"""

import re
from collections.abc import Callable
from functools import lru_cache

import snowballstemmer

from bot.text.confusables import APOSTROPHES, fold_confusables, fold_numbered_name
from bot.text.forms import form_stem
from bot.text.normalization import normalize

# Far longer than any news article, so that a huge text costs no seconds.
MAX_CHARS = 20_000
MAX_WORD_CHARS = 40

# Function words, and the verbs and dates of reporting that every newspaper uses.
_STOP_WORDS = """
а або аби авжеж адже але без би був була були було бути в вам вас весь вже ви від він вона вони
воно все всі всіх вся встиг де для до є її їй їм їх його йому за з зі із й коли кого який яка
яке які яких якого якій якою хто мене мені ми між мій на над нам нас наш не ні нічого один одна
ось про по поки під після при проти перед саме свій свою своє свої своїх себе собі ся так також
такий така таке такі там те ти тим тих то того тоді той тому тут ту у усі усіх хоч це цей ця ці
цього цьому цим цих чи чим що щоб щодо як якщо раз ще лише через та і ж
и или бы был была были было быть вам ваш весь во вот все всех всё вся вы где да даже для до его
ее её ей ему если есть еще ещё же за здесь из или им их к ко когда которого которая которые
который которых которой кто ли либо между меня мне мы мой на над нам нас наш не него нее нет
ним них но ну о об один одна однако он она они оно от по под после потому почему при про против
с сам свой свою своя своих себя со сих так также такой такая такие там тем того тоже той только
тот ту ты уже у хотя чего чем что чтобы эта эти этих это этого этой этом этот эту я
a about after again all also an and any are as at be because been before being between both but
by can could did do does doing down during each few for from further had has have having he her
here hers him his how i if in into is it its itself just me more most my no nor not now of off
on once only or other our out over own same she should so some such than that the their them
then there these they this those through to too under until up us very was we were what when
where which while who whom why will with would you your it's don't i'm he's she's they're
заявив заявила заявили повідомив повідомила повідомили повідомляє повідомляють розповів
розповіла розповіли сказав сказала зазначив йдеться стало відомо сьогодні вчора нові новий рік
року років році зокрема може можуть буде будуть словами
заявил заявила заявили сообщил сообщила сообщили сообщает сообщают рассказал рассказала
рассказали сказал сказала отметил стало известно сегодня вчера новый новые год года лет году
может могут будет будут словам
said says say told tells announced year years today yesterday new one two may according
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

# A negation reverses a headline, so titles are compared with these stop words.
NEGATIONS = frozenset({"не", "ні", "нет", "без", "no", "not", "nor"})

_APOSTROPHES = str.maketrans(dict.fromkeys(APOSTROPHES, "'"))
# Stress marks, soft hyphens and zero-width characters occur within words.
_INVISIBLE = str.maketrans(dict.fromkeys("\u0301\u00ad\u200b\u200c\u200d\u2060\ufeff"))
# F-16, С-300: one or two letters, a hyphen and digits are one name; COVID-19 is two words.
_WORD = re.compile(r"[^\W\d_]{1,2}[-‑–]\d+(?![^\W_])|[^\W_]+(?:'[^\W_]+)*")
_NUMBERED_NAME = re.compile(r"[^\W\d_]{1,2}\d+")
# 93-тя, 5-го, 1990-х
_ORDINAL_ENDING = re.compile(r"(?<=\d)[-‑–][а-яёіїєґ]{1,3}(?![^\W_])", re.IGNORECASE)
_HYPHENS = re.compile(r"[-‑–]")
# Prefixes that one spelling joins and another sets off by a hyphen: топменеджер and топ-менеджер.
# Each before what it is set before, lest it is taken from топоніма, эксперта and вебера.
_PREFIX = re.compile(
    r"""(?<!\w)(?:
        (?:віце|вице)(?=[^\W\d_]{4})
        |топ(?=[мчпф]\w{4}|клуб|команд|комп|корупц|коррупц|трен|спис|дипл)
        |[еэ]кс(?=[мдчнбвжзр]\w{2}|г(?:ол|лав|уб|ра|ен)|с(?:п|уд|ек)|к(?:анц|ер|ом[абп])|тренер
            |оч|ол|п(?:рези|рем|рок|арт|осад|осол|омі|омо))
        |веб(?=сайт|портал|камер|стор|стран|ресурс|дизайн|серв|верс|дод|адрес)
        |прес(?=служб|центр|конф|секр|рел|аташе)|пресс(?=служб|центр|конф|секр|рел|атташе)
        |контр(?=адм)|обер(?=прок)
    )""",
    re.VERBOSE,
)

_FOLDED = str.maketrans("іїєґыэё", "ииегиее") | str.maketrans(dict.fromkeys("ьъ'"))
_DOUBLED = re.compile(r"([^\W\d_])\1")

# Ukrainian endings that Russian lacks, after folding, and the Russian ones.
_UKRAINIAN_ENDINGS = (("ои", "ой"), ("ист", "ост"), ("ови", ""), ("еви", ""))
# Exceptions to the rules, which would separate війна from война, Киев from Киева.
_EXCEPTIONS = {
    "вийн": "войн",
    "ки": "киев",
    "укра": "украин",
    "лвив": "лвов",
    "ирпин": "ирп",
    "ирпен": "ирп",
}
_LATIN = re.compile(r"[a-z']+")
# The stemmer takes -ов from «Харьков» but not from «Харькова»; this takes it from both.
_SURNAME_ENDING = re.compile(r"(?<=\w{4})(?:ов|ев|ив)$")

# использовать and использоваться are words of their own.
_REFLEXIVE = re.compile(r"(?<=\w{4})с[яь]$")
# Ukrainian adds a syllable to its present tense: називає, називається.
_NOT_REFLEXIVE = re.compile(r"(?<=[еє])ть$")
# The Ukrainian future is the infinitive with an ending: писатиме.
_FUTURE_ENDING = re.compile(r"(?<=\wти)м(?:у|еш|е|емо|ете|уть)$")

# Endings of nouns and adjectives of both languages.
_NOMINAL_ENDING = re.compile(
    r"""(?<=\w{3})(?:
        [аеєоиіїыуюя]?(?:й|[яюєеїиіы]|[еє][мюй]|[єе]в[иі]|я[мх]|ями|[иіїы][мх]|[иіїы]ми)
        |[оеє](?:го|му)|[ауо]|о[мю]|ов[иі]|а[мх]|ами|ь[оеє]ю|ь
    )$""",
    re.VERBOSE,
)
# Лавров and Лаврова, дронів and дрони; перець and перцю, китаєць and китайця; вартість, вартості.
_GENITIVE_OR_SURNAME = re.compile(r"(?<=\w{3})(?:ов|ев|ив){1,2}$")
_FLEETING_VOWEL = re.compile(r"(?<=\w)([аеиоу]?)ец$")
_ALTERNATING_VOWEL = re.compile(r"ист$")

_russian = snowballstemmer.stemmer("russian")
_english = snowballstemmer.stemmer("english")


def words(text: str) -> tuple[str, ...]:
    """Return the words and numbers of the text, casefolded, in their order.

    Apostrophes of all kinds become ', look-alike letters those of the word's script, and a name
    such as F-16 is one word, f16. Text beyond `MAX_CHARS` is not read, and words longer than
    `MAX_WORD_CHARS` are dropped.
    """
    normalized = normalize("NFC", text[:MAX_CHARS]).translate(_INVISIBLE)
    folded = fold_confusables(normalized.translate(_APOSTROPHES)).casefold()
    matches = (_HYPHENS.sub("", word) for word in _WORD.findall(_PREFIX.sub(r"\g<0> ", folded)))
    return tuple(
        fold_numbered_name(word) if _NUMBERED_NAME.fullmatch(word) else word
        for word in matches
        if len(word) <= MAX_WORD_CHARS
    )


def phrase_words(text: str) -> tuple[str, ...]:
    """Return `words` with each ordinal number as its number: 93-тя and 93-ї as 93."""
    return words(_ORDINAL_ENDING.sub("", text[:MAX_CHARS]))


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the stem that all forms of a casefolded word share; a number is its own.

    Of a form of several words it is the stem of the most frequent one.
    """
    form = word.replace("ё", "е").removesuffix("'s")
    return form_stem(form) or unlisted_stem(form, stem)


def unlisted_stem(form: str, base_stem: Callable[[str], str]) -> str:
    """Return the stem by rules of a form that is not listed.

    Verbs are listed, so that it is stemmed as a noun or an adjective. A reflexive form has the
    stem of that without -ся, and an ending of its own; the Ukrainian future has the infinitive's.
    """
    if _REFLEXIVE.search(form):
        base = _NOT_REFLEXIVE.sub("", _REFLEXIVE.sub("", form))
        return f"{base_stem(base)}ся"
    infinitive = _FUTURE_ENDING.sub("", form)
    return base_stem(infinitive) if infinitive != form else nominal_stem(form)


@lru_cache(maxsize=65_536)
def nominal_stem(word: str) -> str:
    """Return the stem of a casefolded noun, adjective or name by rules alone.

    Without the endings of verbs, which Snowball takes from «Орбан» and not from «Орбана».
    """
    if word.isascii():
        return snowball_stem(word)
    folded = fold(_NOMINAL_ENDING.sub("", word))
    stemmed = _FLEETING_VOWEL.sub(
        lambda match: f"{match[1]}йц" if match[1] else "ц", _GENITIVE_OR_SURNAME.sub("", folded)
    )
    return _DOUBLED.sub(r"\1", _ALTERNATING_VOWEL.sub("ост", stemmed))


@lru_cache(maxsize=65_536)
def snowball_stem(word: str) -> str:
    """Return the stem of a casefolded word by rules alone; a number is its own.

    Source: Snowball, https://snowballstem.org/algorithms/; it has no Ukrainian, hence the folding.
    """
    if _LATIN.fullmatch(word):
        return str(_english.stemWord(word)).replace("'", "")
    folded = fold(word)
    for ending, russian in _UKRAINIAN_ENDINGS:
        if len(folded) > len(ending) + 3 and folded.endswith(ending):
            folded = folded.removesuffix(ending) + russian
            break
    if len(folded) < 3:  # the stemmer takes ШІ and ИИ for endings
        return folded
    stemmed = _SURNAME_ENDING.sub("", str(_russian.stemWord(folded)))
    # Росія and Россия, Одеса and Одесса.
    undoubled = _DOUBLED.sub(r"\1", stemmed)
    return _EXCEPTIONS.get(undoubled, undoubled)


def fold(word: str) -> str:
    """Return the casefolded word with its Ukrainian letters replaced by Russian ones."""
    return word.translate(_FOLDED)


def snowball_stems(text: str) -> tuple[str, ...]:
    """Return the Snowball stems of the words of the text in their order, without stop words."""
    return tuple(snowball_stem(word) for word in words(text) if word not in STOP_WORDS)
