"""What stands in an article's text and is not the article: links, appeals, credits. Pure."""

import re
from collections.abc import Iterator

from bot.web.html import MAX_TOGETHER, READ_ALSO, after_read_also

# Under a bare «ЧИТАЙТЕ ТАКЖЕ» stand the headlines that it is about.
_HEADLINE_CHARS = 160

_NOT_NEWS = tuple(
    re.compile(rf"\W*(?:{pattern})", re.IGNORECASE)
    for pattern in (
        # Appeals.
        r"подпи(?:сывайтесь|сывайся|шитесь|шись|саться)\b",
        r"підпи(?:суйтес[ья]|суйся|шіться|шись|сатися)\b",
        r"присоединяйтесь|приєднуйтес[ья]|долучайтес[ья]|следите за нами|стежте за нами",
        r"subscribe\b|sign up (?:for|to)\b|follow us\b|join us\b|support (?:us|our)\b|donate\b",
        # With a name such as ZN.ua, whose full stop ends no sentence.
        r"(?:поддержать|поддержите|підтримати|підтримайте)\b(?:[^.!?]|\.\w){0,30}$",
        # Menus: "UA / RU".
        r"(?:ua|ru|en|uk|рус|укр|eng)(?:\s*[/|]\s*(?:ua|ru|en|uk|рус|укр|eng))+\W*$",
        # Credits: "Фото: Reuters", "© AFP".
        r"(?:фото|відео|видео|скриншот|скріншот|источник|джерело|теги|photo|image|tags)\s*[:©/]|©",
        # Furniture.
        r"(?:фото|публикация|публікація|допис|пост) (?:опубликован|опублікован|от |від |@|из |з )",
        r"(?:загрузка|завантаження|loading|реклама|advertisement|powered by)\b[^.!?]{0,30}$",
        r"\d+ (?:комментар|коментар|просмотр|перегляд|comment|view)\w*\W*$",
        # What blog engines append.
        r"the post .* appeared first on ",
        r"(?:сообщение|запись|запис) .* (?:появил|з['’]явив)\w+ (?:сначала|впервые|спочатку)",
    )
)
# «…, читайте в статье Натальи Бутырской»: a teaser for another article.
_TEASER = re.compile(r"\b(?:читайте|подробнее|детальніше|докладніше) (?:в|у|на) ", re.IGNORECASE)
# So near to its end a teaser is what the paragraph was written for; a longer one tells news too.
_TEASER_CHARS = 120
_LURE_CHARS = 700
# «Об этом сообщает Yonhap.»
_ATTRIBUTION = re.compile(
    r"\W*(?:об этом|про це|this was|that is according)\b.{0,140}\b"
    r"(?:сообщ|повідом|інформ|информ|пиш|напис|переда|йдеться|говор|заяв|рассказ|розпов|розказ"
    r"|сказа|зазнач|отмет|наголос|подчеркн|стало відомо|стало известно|report|told|to)",
    re.IGNORECASE,
)
_ATTRIBUTION_CHARS = 220

# What feeds and pages leave inside a line.
_SCRIPT = re.compile(r"\(adsbygoogle\b[^)]*\)\.push\([^)]*\);?")
# With its capital letter: it is a button, not the end of a sentence.
_READ_ON = re.compile(
    r"\[?(?:Читать (?:далее|дальше)|Читати (?:далі|більше)|Подробнее|Детальніше|Докладніше"
    r"|Read more|Continue reading)[\s….→»>\])]*$"
)
_CUT_OFF = re.compile(r"(?:\[\s?(?:…|\.{2,9})\s?\]|(?<!\.)\.{3,}|…)$")
_SAYS = re.compile(
    r",\s*(?:[-–—]\s*)?(?:сообщает|сообщают|пишет|пишут|переда[её]т|передают|отмечает|уточняет"
    r"|повідомляє|повідомляють|пише|пишуть|передає|передають|зазначає|уточнює)"
    r"\s[^,!?]{2,60}(?=\.$)",
    re.IGNORECASE,
)


def paragraphs(text: str) -> tuple[str, ...]:
    """Return the lines of the text that belong to the article."""
    kept = tuple(_articles_own(text.splitlines()))
    return kept[:1] + tuple(line for line in kept[1:] if not _lures(line))


def is_filler(sentence: str) -> bool:
    """Tell whether the sentence only says who said it, or where to read on."""
    # Where a page was glued into one line, a headline stands behind its "Read also".
    if _TEASER.search(sentence) or READ_ALSO.match(sentence) or _is_not_news(sentence):
        return True
    return len(sentence) <= _ATTRIBUTION_CHARS and bool(_ATTRIBUTION.match(sentence))


def trim(sentence: str) -> str:
    """Return the sentence without «, сообщает Reuters» at its end."""
    return _SAYS.sub("", sentence)


def is_cut_off(sentence: str) -> bool:
    """Tell whether the feed broke the sentence off: it ends in "…" or "[...]"."""
    return bool(_CUT_OFF.search(sentence))


def without_cut(sentence: str) -> str:
    """Return the sentence without the "…" or "[...]" of `is_cut_off`."""
    return _CUT_OFF.sub("", sentence).rstrip()


def _articles_own(lines: list[str]) -> Iterator[str]:
    links = 0  # one more than the headlines that may follow
    for line in lines:
        cleaned = _READ_ON.sub("", _SCRIPT.sub("", line)).strip()
        headline = after_read_also(cleaned)
        if headline is not None:
            links = 0 if headline else MAX_TOGETHER + 1
        elif cleaned:
            links = links - 1 if links and _is_headline(cleaned) else 0
            if not links and not _is_not_news(cleaned):
                yield cleaned


def _lures(paragraph: str) -> bool:
    """Tell whether the whole paragraph leads up to «читайте в статье Натальи Бутырской»."""
    return len(paragraph) <= _LURE_CHARS and bool(_TEASER.search(paragraph[-_TEASER_CHARS:]))


def _is_headline(line: str) -> bool:
    return len(line) <= _HEADLINE_CHARS and not line.endswith((".", ":", ";", ","))


def _is_not_news(line: str) -> bool:
    return any(pattern.match(line) for pattern in _NOT_NEWS)
