"""Boilerplate removal: links, appeals, credits and attributions in an article's text."""

import re

from bot.web.html import MAX_BLOCK_LINKS, READ_ALSO, after_read_also

# A longer line under a bare «ЧИТАЙТЕ ТАКЖЕ» is no linked headline.
_MAX_HEADLINE_CHARS = 160

_BOILERPLATE = tuple(
    re.compile(rf"\W*(?:{pattern})", re.IGNORECASE)
    for pattern in (
        # Appeals.
        r"подпи(?:сывайтесь|сывайся|шитесь|шись|саться)\b",
        r"підпи(?:суйтес[ья]|суйся|шіться|шись|сатися)\b",
        r"присоединяйтесь|приєднуйтес[ья]|долучайтес[ья]|следите за нами|стежте за нами",
        r"subscribe\b|sign up (?:for|to)\b|follow us\b|join us\b|support (?:us|our)\b|donate\b",
        # Up to a name such as ZN.ua, whose full stop ends no sentence.
        r"(?:поддержать|поддержите|підтримати|підтримайте)\b(?:[^.!?]|\.\w){0,30}$",
        # Menus: "UA / RU".
        r"(?:ua|ru|en|uk|рус|укр|eng)(?:\s*[/|]\s*(?:ua|ru|en|uk|рус|укр|eng))+\W*$",
        # Credits: "Фото: Reuters", "© AFP".
        r"(?:фото|відео|видео|скриншот|скріншот|источник|джерело|теги|photo|image|tags)\s*[:©/]|©",
        # Widgets.
        r"(?:фото|публикация|публікація|допис|пост) (?:опубликован|опублікован|от |від |@|из |з )",
        r"(?:загрузка|завантаження|loading|реклама|advertisement|powered by)\b[^.!?]{0,30}$",
        r"\d+ (?:комментар|коментар|просмотр|перегляд|comment|view)\w*\W*$",
        # Appended by blog engines.
        r"the post .* appeared first on ",
        r"(?:сообщение|запись|запис) .* (?:появил|з['’]явив)\w+ (?:сначала|впервые|спочатку)",
    )
)
# «…, читайте в статье Натальи Бутырской»: a teaser for another article.
_TEASER = re.compile(r"\b(?:читайте|подробнее|детальніше|докладніше) (?:в|у|на) ", re.IGNORECASE)
# A paragraph that ends in a teaser only leads to it; a longer one reports news too.
_TEASER_CHARS = 120
_MAX_LURE_CHARS = 700
# «Об этом сообщает Yonhap.»
_ATTRIBUTION = re.compile(
    r"\W*(?:об этом|про це|this was|that is according)\b.{0,140}\b"
    r"(?:сообщ|повідом|інформ|информ|пиш|напис|переда|йдеться|говор|заяв|рассказ|розпов|розказ"
    r"|сказа|зазнач|отмет|наголос|подчеркн|стало відомо|стало известно|report|told|to)",
    re.IGNORECASE,
)
_MAX_ATTRIBUTION_CHARS = 220

# Left within a line by feeds and pages.
_SCRIPT = re.compile(r"\(adsbygoogle\b[^()]*\)\.push\([^)]*\);?")
# Case-sensitive: a button, not the end of a sentence.
_READ_ON = re.compile(
    r"\[?(?:Читать (?:далее|дальше)|Читати (?:далі|більше)|Подробнее|Детальніше|Докладніше"
    r"|Read more|Continue reading)[\s….→»>\])]*$"
)
_ELLIPSIS = re.compile(r"(?:\[\s?(?:…|\.{2,9})\s?\]|(?<!\.)\.{3,}|…)$")
_TRAILING_ATTRIBUTION = re.compile(
    r",\s*(?:[-–—]\s*)?(?:сообщает|сообщают|пишет|пишут|переда[её]т|передают|отмечает|уточняет"
    r"|повідомляє|повідомляють|пише|пишуть|передає|передають|зазначає|уточнює)"
    r"\s[^,!?]{2,60}(?=\.$)",
    re.IGNORECASE,
)


def paragraphs(text: str) -> tuple[str, ...]:
    """Return the lines of the text that belong to the article."""
    kept: list[str] = []
    n_links = 0  # one more than the headlines that may follow a "Read also"
    for line in text.splitlines():
        cleaned = _READ_ON.sub("", _SCRIPT.sub("", line)).strip()
        headline = after_read_also(cleaned)
        if headline is not None:
            n_links = 0 if headline else MAX_BLOCK_LINKS + 1
        elif cleaned:
            is_short = len(cleaned) <= _MAX_HEADLINE_CHARS
            is_headline = is_short and not cleaned.endswith((".", ":", ";", ","))
            n_links = n_links - 1 if n_links and is_headline else 0
            if not n_links and not _is_boilerplate(cleaned):
                kept.append(cleaned)
    # Not those that only lead up to «читайте в статье Натальи Бутырской».
    return tuple(kept[:1]) + tuple(
        line
        for line in kept[1:]
        if len(line) > _MAX_LURE_CHARS or not _TEASER.search(line[-_TEASER_CHARS:])
    )


def is_filler(sentence: str) -> bool:
    """Tell whether the sentence only names its source, or links to another article."""
    # Where a page was joined into one line, a headline follows its "Read also".
    if _TEASER.search(sentence) or READ_ALSO.match(sentence) or _is_boilerplate(sentence):
        return True
    return len(sentence) <= _MAX_ATTRIBUTION_CHARS and bool(_ATTRIBUTION.match(sentence))


def without_attribution(sentence: str) -> str:
    """Return the sentence without «, сообщает Reuters» at its end."""
    return _TRAILING_ATTRIBUTION.sub("", sentence)


def is_truncated(sentence: str) -> bool:
    """Tell whether the feed truncated the sentence: it ends in "…" or "[...]"."""
    return bool(_ELLIPSIS.search(sentence))


def without_ellipsis(sentence: str) -> str:
    """Return the sentence without the "…" or "[...]" of `is_truncated`."""
    return _ELLIPSIS.sub("", sentence).rstrip()


def _is_boilerplate(line: str) -> bool:
    return any(pattern.match(line) for pattern in _BOILERPLATE)
