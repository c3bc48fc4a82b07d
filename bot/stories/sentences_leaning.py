"""Can a sentence be read without the one before it? Pure."""

from itertools import pairwise

from bot.text.stemming import words

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


def leans(sentence: str) -> bool:
    """Tell whether the sentence can only be read after the one before it."""
    said = words(sentence[:_READ_CHARS])[: _POINTING_WITHIN + 1]
    begun = next((place for place, word in enumerate(said) if word not in _BEFORE), 0)
    if not said or said[begun] in _LEANING:
        return bool(said)
    return any(word in _POINTING and following not in _TIMES for word, following in pairwise(said))
