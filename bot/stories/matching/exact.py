"""Agreement of two articles of one address: whether the second still tells what the first did."""

from bot.stories.matching.fingerprint import fingerprint

# The share of a headline's words that the other article holds. Set by hand: a headline that was
# edited keeps more than half of them, and one of other news shares a name or two.
MIN_SHARED = 0.5


def agrees(title: str, text: str, *, known_title: str, known_text: str) -> bool:
    """Tell whether headline or text is about the same as that of the known article.

    A page may be used anew for other news, and a feed may lie about an address.
    """
    if title.split() == known_title.split():
        return True
    this, known = fingerprint(title, text), fingerprint(known_title, known_text)
    pairs = ((this.title, known.lead), (known.title, this.lead), (this.lead, known.lead))
    return any(keys and len(keys & others) >= MIN_SHARED * len(keys) for keys, others in pairs)
