"""Same article: weighs what agrees and disagrees between an item and a known article.

One key that agrees proves little: a headline comes twice a day, a page is filled anew, an
editor renames an address. From the strongest to the weakest: article number, guid, link, title.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from bot.feeds.polling.article_number import article_number
from bot.feeds.polling.item_keys import KeyName, extract_keys, path_of
from bot.model import Entry
from bot.text.stemming import words
from bot.web.urls import canonical

# Texts that share this much say the same, edited; those that share less than the other have
# nothing to do with each other.
SAME, EDITED = 0.8, 0.4
# Two articles of one headline lie further apart; an article that is stored twice does not.
MIN_GAP = timedelta(hours=1)

_MAX_WORDS = 300
_MIN_LETTERS = 4
# Inflected words are compared by their beginnings.
_STEM_LETTERS = 4
# A text of fewer words says too little to be compared, and one of fewer than the latter, as "Read
# more on our site", too little to outweigh a headline of which nothing is left.
_MIN_WORDS, _MIN_TELLING_WORDS = 3, 12
# The share of a text's words that stand in the longer one that it was cut from.
_MIN_CONTAINED, _MIN_CONTAINED_WORDS = 0.9, 5

_IDENTITIES: frozenset[KeyName] = frozenset({"guid", "bare_guid", "number", "pair"})


@dataclass(frozen=True, slots=True)
class _Likeness:
    """How much of two entries is alike; a text of None: one of them has too little of it.

    The `telling_text` is None where the text of one is too short to prove anything.
    """

    title: float
    text: float | None
    telling_text: float | None

    @property
    def something_else(self) -> bool:
        """Whether title and text both have nothing to do with the other's."""
        return self.title < EDITED and self.text is not None and self.text < EDITED

    @property
    def nothing_alike(self) -> bool:
        """Whether the title has nothing to do with the other's, and no text proves otherwise."""
        return self.title < EDITED and (self.telling_text or 0) < EDITED

    @property
    def edited(self) -> bool:
        """Whether title or text is that of the other, if edited."""
        return max(self.title, self.text or 0) >= EDITED

    @property
    def same_text(self) -> bool:
        """Whether the texts do not speak against it."""
        return self.text is None or self.text >= SAME


def is_same_article(
    entry: Entry,
    known: Entry,
    agreeing: Collection[KeyName],
    *,
    weak: Collection[str],
    is_listed: bool,
    has_left: bool = False,
) -> bool:
    """Return whether the entry is the known article, of which the keys `agreeing` are its own.

    `weak` are the kinds of keys that do not identify in the feed; `is_listed`: the article stands
    in the document too, as another item. `has_left`: an item of that title stood in the last
    document and stands in this one no more.
    """
    likeness = _Likeness(
        title=_likeness(entry.title, known.title, min_words=1) or 0,
        text=_likeness(entry.text, known.text, min_words=_MIN_WORDS),
        telling_text=_likeness(entry.text, known.text, min_words=_MIN_TELLING_WORDS),
    )
    gap = entry.published_at - known.published_at if entry.dated else timedelta(0)
    numbers = article_number(path_of(entry.url)), article_number(path_of(known.url))
    has_other_number = all(numbers) and numbers[0] != numbers[1]
    # The first page of a site is the address of no article, and "top" is the guid of many.
    has_own_address = numbers[0] or path_of(entry.url).strip("/")
    is_elsewhere = canonical(entry.url) != canonical(known.url) and (
        not numbers[0] or numbers[0] != numbers[1]
    )
    is_used_again = likeness.nothing_alike and (is_elsewhere or not has_own_address)
    if "full" in agreeing or is_used_again:
        return "full" in agreeing
    if not _IDENTITIES.isdisjoint(agreeing):
        # A guid or an address that is used again names another article.
        return not likeness.something_else if has_other_number else not _replaced(likeness, gap)
    if "link" in agreeing:
        guids = extract_keys(entry).guid, extract_keys(known).guid
        # They differ, and say more than the link does.
        has_other_guid = (
            "guid" not in weak
            and None not in guids
            and guids[0] != guids[1]
            and any(canonical(one.guid) != canonical(one.url) for one in (entry, known))
        )
        if not has_other_guid:
            return not _replaced(likeness, gap)
        return likeness.edited and (
            gap < MIN_GAP or (likeness.title >= SAME and likeness.same_text)
        )
    # The title alone agrees, and its day.
    # Listed twice it is two, unless the text, too, is the same.
    is_distinctive = extract_keys(entry).distinctive
    is_alone = is_listed and likeness.text is None
    if not likeness.same_text or is_alone or not (is_distinctive or has_left):
        return False
    # A publisher that issues all its articles anew keeps their dates.
    max_gap = MIN_GAP if is_distinctive and not has_other_number else timedelta(0)
    return abs(gap) <= max_gap or {"guid", "link"} <= set(weak)


def _replaced(likeness: _Likeness, gap: timedelta) -> bool:
    return likeness.something_else and gap > timedelta(0)


def _likeness(text: str, other: str, *, min_words: int) -> float | None:
    """Return the share of words that two texts have in common, from 0 to 1.

    A text that was cut from the other is the same; one of other numbers is not.
    None: one of them has fewer words than `min_words`.
    """
    ours, theirs = _words(text), _words(other)
    shorter = min(len(ours), len(theirs))
    if shorter < min_words:
        return None
    common = len(ours & theirs)
    share = 2 * common / (len(ours) + len(theirs))
    if shorter >= _MIN_CONTAINED_WORDS and common >= _MIN_CONTAINED * shorter:
        share = max(share, SAME)
    has_other_numbers = all(
        any(map(str.isdecimal, alone)) for alone in (ours - theirs, theirs - ours)
    )
    return EDITED if share >= SAME and has_other_numbers else share


def _words(text: str) -> frozenset[str]:
    """Return what a text is compared by: the beginnings of its longer words, and its numbers."""
    return frozenset(
        word[:_STEM_LETTERS] if word.isalpha() else word
        for word in words(text)[:_MAX_WORDS]
        if len(word) >= _MIN_LETTERS or not word.isalpha()
    )
