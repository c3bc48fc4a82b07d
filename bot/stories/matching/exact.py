"""Articles of one address or one headline: whether they tell the same news.

A page may be used anew for other news, a feed may lie about an address, and daily reports have the
same headline every day.
"""

from collections.abc import Iterable
from datetime import timedelta

from bot.model import Article, ExactMatch
from bot.stories.matching.clustering import Decision
from bot.stories.matching.fingerprint import fingerprint
from bot.stories.matching.similarity import hours_between

# The share of a headline's words that the other article holds. Set by hand: a headline that was
# edited keeps more than half of them, and one of other news shares a name or two.
MIN_SHARED = 0.5
# A source that repeats a headline after so long may have another day's report; then what it says
# decides. Set by hand.
SAME_SOURCE_WITHIN = timedelta(hours=12)
AT_ONCE = timedelta(hours=1)
# What a source says again under a headline of its own shares this much with what it said; the
# second alert of a day does not. Set by hand.
MIN_REPEATED = 0.8


def decide_exactly(article: Article, matches: Iterable[ExactMatch]) -> Decision | None:
    """Return which story the article joins or continues by address or headline; None: neither."""
    for match in matches:
        if is_same_news(article, match):
            return Decision(relation="same", story_id=match.story_id)
        if is_next_chapter(article, match):
            return Decision(relation="chapter", story_id=match.story_id)
    return None


def is_same_news(article: Article, match: ExactMatch) -> bool:
    """Tell whether an article of the same address or the same headline tells the same news."""
    if match.by_address:
        return agrees(article.title, article.text, known_title=match.title, known_text=match.text)
    gap = _gap(article, match)
    return article.source != match.source or (
        gap <= SAME_SOURCE_WITHIN and not is_next_chapter(article, match)
    )


def is_next_chapter(article: Article, match: ExactMatch) -> bool:
    """Tell whether a source says something else under a headline of the same day: a second alert.

    Within an hour it is the same article in another section of the source.
    """
    is_own = not match.by_address and article.source == match.source
    if not is_own or not AT_ONCE < _gap(article, match) <= SAME_SOURCE_WITHIN:
        return False
    # One without words says no less.
    leads = (fingerprint("", text).lead for text in (article.text, match.text))
    shorter, longer = sorted(leads, key=len)
    return len(shorter & longer) < MIN_REPEATED * len(shorter)


def _gap(article: Article, match: ExactMatch) -> timedelta:
    return timedelta(hours=hours_between(article.published_at, match.published_at))


def agrees(title: str, text: str, *, known_title: str, known_text: str) -> bool:
    """Tell whether headline or text is about the same as that of the known article."""
    if title.split() == known_title.split():
        return True
    this, known = fingerprint(title, text), fingerprint(known_title, known_text)
    pairs = ((this.title, known.lead), (known.title, this.lead), (this.lead, known.lead))
    return any(keys and len(keys & others) >= MIN_SHARED * len(keys) for keys, others in pairs)
