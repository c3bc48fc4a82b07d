"""Cleaning of an article's headline and text before they are compared: what tells no news goes."""

import re

# Of a cleaned headline and a cleaned text as many characters are compared.
MAX_HEAD_CHARS = 170
MAX_BODY_CHARS = 600
# Far longer than what is compared, so that a huge text costs nothing.
_MAX_READ_CHARS = 3_000

# Emoji and arrows stand between the parts of a post, so each ends a line.
_SYMBOLS = re.compile(
    "[\u2190-\u21ff\u2300-\u27bf\u2900-\u2bff\u3030\ufe0f\u20e3\U0001f000-\U0001faff]+"
)
_LINKS = re.compile(r"(?:https?://|www\.|t\.me/)\S+|(?<![\w.])@\w+", re.IGNORECASE)
# "(ВІДЕО)", "[Reuters]", "#Київ" says what is beside the text.
_MEDIA = re.compile(
    r"[(\[]\s*(?:фото|відео|видео|photos?|video|інфографіка|инфографика|оновлено|обновлено|updated)"
    r"[^)\]\n]{0,40}[)\]]",
    re.IGNORECASE,
)
_SPACES = re.compile(r"[^\S\n]+")
# A line with these words asks for something, or names where the text is from.
_MAX_FOOTER_CHARS = 90
_SUBSCRIBE = (
    r"підписатис[ья]|підписуйтес[ья]|підписуйся|підпишіться|підпишись|підписка на|наш канал"
    r"|подписаться|подписывайтесь|подписывайся|подпишись|подпишитесь|подписка на"
    r"|надіслати новину|прислать новость|всі новини|все новости|subscribe|sign up|follow us|join us"
    r"|all news"
)
_FOOTER = re.compile(rf"\b(?:{_SUBSCRIBE})\b", re.IGNORECASE)
_APPEAL = re.compile(rf"\b(?:{_SUBSCRIBE}|читайте також|читайте также|read more)\b", re.IGNORECASE)
_CREDIT = re.compile(
    r"\W*(?:фото|відео|видео|джерело|источник|скріншот|скриншот|source|video|photo|image|via)\s*[:©]",
    re.IGNORECASE,
)


def clean(title: str, text: str) -> tuple[str, str]:
    """Return the headline, and headline and text together, each as far as it is compared.

    Emoji, links, handles and footers are dropped. A text that begins with its headline, as that of
    a post does, is not preceded by it again.
    """
    head = " ".join(_lines(title))
    body = " ".join(_lines(text))
    start = head.rstrip("….! ")[:MAX_HEAD_CHARS]
    if not body.startswith(start):
        body = f"{head.rstrip('. ')}. {body}" if body else head
    return head[:MAX_HEAD_CHARS], body[:MAX_BODY_CHARS]


def without_footers(text: str) -> str:
    """Return the lines of the text, as symbols part them, without those that ask to subscribe."""
    lines = _SYMBOLS.sub("\n", text).splitlines()
    kept = (line for line in lines if len(line) > _MAX_FOOTER_CHARS or not _FOOTER.search(line))
    return "\n".join(kept)


def _lines(text: str) -> list[str]:
    without = _MEDIA.sub(" ", _LINKS.sub(" ", text[:_MAX_READ_CHARS]))
    lines = (_SPACES.sub(" ", line).strip() for line in _SYMBOLS.sub("\n", without).splitlines())
    return [
        line
        for line in lines
        if line
        and not (len(line) <= _MAX_FOOTER_CHARS and (_APPEAL.search(line) or _CREDIT.match(line)))
    ]
