"""Boilerplate removal: links, appeals, credits and attributions in an article's text."""

import re
from collections.abc import Collection
from itertools import islice, pairwise

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
        r"start your (?:day|morning|week) with\b",
        r"get .{1,80} (?:delivered|straight to your|in your inbox)\b|\d+ issues for\b|click here\b",
        r"(?:отримуйте|получайте|передплатіть|передплачуйте|оформіть (?:перед|під)плат"
        r"|оформите подписк)\w*\b.{0,80}\b(?:новин|новост|випуск|выпуск|пошт|почт|видан|издан"
        r"|журнал|газет|передплат|підпис|подпис|розсил|рассыл)",
        # Up to a name such as ZN.ua, whose full stop ends no sentence.
        r"(?:поддержать|поддержите|підтримати|підтримайте)\b(?:[^.!?]|\.\w){0,30}$",
        # Menus: "UA / RU".
        r"(?:ua|ru|en|uk|рус|укр|eng)(?:\s*[/|]\s*(?:ua|ru|en|uk|рус|укр|eng))+\W*$",
        # Credits: "Фото: Reuters", "© AFP". A longer line begins with one and goes on.
        r"(?:(?:фото|відео|видео|скриншот|скріншот|источник|джерело|теги|photo|image|tags)\s*[:©/]"
        r"|©).{0,140}$",
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

_ATTRIBUTION_OPENING = re.compile(
    r"\W{0,9}(?:як|как) (?:повідомля(?:є|ють)|пиш(?:е|уть|ет|ут)|переда(?:є|ють|[её]т|ют)"
    r"|інформу(?:є|ють)|зазнача(?:є|ють)|сообща[ею]т|отмеча[ею]т|информиру[ею]т)\b[^,]{0,80},\s?(?=\w)",
    re.IGNORECASE,
)
_CAPITAL = "[A-ZА-ЯЁІЇЄҐ]"
# "LAKESIDE (Courier) — ", «ПРИРЕЧЬЕ, 5 авг — Маяк. », «ЗАОЗЕРЬЕ. ВЗМОРЬЕИНФОРМ – ».
_TOWN = rf"{_CAPITAL}[{_CAPITAL[1:-1]}-]{{2,20}}(?: {_CAPITAL}{{2,20}}){{0,2}}"
_DATELINE = re.compile(
    rf"(?:{_TOWN}(?:, [^—–():]{{2,30}})? ?\([^()]{{2,30}}\) ?(?:[—–-]{{1,2}}|:) ?"
    rf"|{_TOWN}, (?:\d{{1,2}} [^\W\d]{{3,9}}|[A-Z][a-z]{{2,8}}\.? \d{{1,2}})\.? ?"
    rf"(?:[—–/-]{{1,2}} (?:{_CAPITAL}[^.\s]{{1,29}}\. )?|, {_CAPITAL}[^.\s]{{1,29}}\. )"
    rf"|{_TOWN}[.,] \d{{1,2}} [^\W\d]{{3,9}}\. (?:(?:/[^/]{{2,20}}/\.?|{_CAPITAL}{{2,20}}\.) )?"
    rf"|{_CAPITAL}{{3,20}} [—–-] \d{{1,2}} [^\W\d]{{3,9}}\. "
    rf"|[A-Z][a-z]{{2,15}}(?: [A-Z][a-z]{{2,15}})? [—–-] (?=(?:The|An?) )"
    rf"|(?:{_TOWN}[.,] )?{_CAPITAL}{{6,20}} [—–-]{{1,2}} "
    rf"|{_CAPITAL}{{3,20}} {_CAPITAL}{{3,20}} [—–] "
    r"|[A-Z][a-z]{2,8}\.? \d{1,2} \([A-Z]{2,9}\) ?[—–-]{1,2} ?)"
    rf"(?=[\"'«“„]?{_CAPITAL}|\d)"
)
# What stands before "LAKESIDE (Courier) - " within a line is a caption and a byline.
_INNER_DATELINE = re.compile(rf".{{1,250}}? {_TOWN} \([A-Z][^()]{{2,20}}\) ?[—–-]{{1,2}} (?=[A-Z])")
# "by Mary Baker Monday, August 3, 2026 " before the first sentence.
_BYLINE = re.compile(
    r"(?:by|автор:?|текст:) [A-ZА-ЯЁІЇЄҐ][\w’'.-]{1,20} [A-ZА-ЯЁІЇЄҐ][\w’'.-]{1,20},? "
    r"(?:[A-Z][a-z]{3,9}, )?(?:[A-Z][a-z]{2,8} \d{1,2}|\d{1,2} [^\W\d]{3,9}),? \d{4}\W{0,3}\s",
    re.IGNORECASE,
)
# The same glued to the end of a subtitle: «… в порту Приречье, 17 мая.»
_TRAILING_DATELINE = re.compile(
    rf"(?<=[^\W\d_]) {_CAPITAL}[\w-]{{2,20}}, \d{{1,2}} "
    r"(?:січ|лют|бер|кв|трав|черв|лип|серп|вер|жовт|лист|груд|янв|фев|мар|апр|ма[яй]|июн|июл|авг|сен"
    r"|окт|ноя|дек)[^\W\d_]{0,7}(?=\.$)"
)
# «… 2,5 млрд. Фото: архів редакції»
_TRAILING_CREDIT = re.compile(
    r"(?<=[.!?…»”)]) (?:Фото|Відео|Видео|Джерело|Источник|Photo|Video|Source)"
    r"(?:, (?:фото|відео|видео))? ?[:©] ?[^.!?]{2,60}$"
)
# The caption of a picture, names alone, before the first sentence: «Лев и Анна Кораблёвы В порту…».
_CAPTION = re.compile(
    rf"(?:{_CAPITAL}[\w’'-]{{1,20}} (?:(?:и|та|і|and) )?){{2,5}}"
    r"(?=(?:В|Во|У|На|За|З|Із|С|По|До|От|Від|После|Після) \w)"
)
# «Фото: Оксана Гринчак У понеділок …»: `name_end` tells where the credit ends.
_CREDIT = re.compile(
    r"\W{0,3}(?:фото|відео|видео|скріншот|скриншот|джерело|источник|photo|image|video|source)"
    r"(?: by|:| ?©| ?/) ?",
    re.IGNORECASE,
)
# Headings that pages glue to the sentence after them.
_SUBHEADING = re.compile(
    r"(?:(?:Що|Что) (?:відомо|сталося|відбулося|кажуть|известно|случилось|произошло|говорят)"
    r"(?: про \w+| о \w+| об \w+)?|Деталі|Подробиці|Подробности|Детали|Контекст|Передісторія"
    r"|Предыстория|Чому це важливо|Почему это важно|Головне|Главное|Коротко|Наслідки|Последствия"
    r"|What (?:happened|we know|is known|to know)(?: so far| about \w+)?|Why it matters|Background"
    r"|Context|Details|The details|The big picture|Key points|What['’]s next|Go deeper"
    r"|The latest|In brief)\s*[:.—–-]?\s+(?=[\"«“„]?[A-ZА-ЯЁІЇЄҐ])"
)
# «(фото)», "(@harbour)", «[ВІДЕО]» within a sentence.
_MARKS = re.compile(
    r"\s?[(\[](?:(?:фото|відео|видео|photos?|video|оновлено|обновлено|updated)[^)\]]{0,40}"
    r"|укр\.|рос\.|рус\.|англ\."
    r"|@\w{1,40}|https?://[^)\]\s]{1,200})[)\]]",
    re.IGNORECASE,
)

_AFTER_HEADLINE = " .!?…:|\n\t–—-"

# Left within a line by feeds and pages.
_EXTERNAL = re.compile(r"(?<=[a-z,])external-link\b")
_SCRIPT = re.compile(r"\(adsbygoogle\b[^()]*\)\.push\([^)]*\);?")
# A button between two items of a list: each is a line of its own.
_INNER_READ_ON = re.compile(
    r"(?:Читать (?:далее|дальше)|Читати (?:далі|більше)|Read more)\s?(?:–>|->|→|…|>+|»)\s"
)
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

# Within a post of one line: a dash before its source, and how far such a headline may reach.
_DASH = re.compile(r"(?<=\S) [—–-] (?=\S)")
_MIN_GLUED_CHARS, _MAX_GLUED_CHARS = 20, 220
# A title of so many characters is cut from the beginning of its post, within the first sentence.
_CUT_TITLE_CHARS = 120
_MAX_NAME_WORDS = 7
_WORD = re.compile(r"\S{1,40}")
# With a capital, and without a stop before them, these begin a sentence.
_OPENING_WORDS = """
в во у на за з із зі с со по під під від от до об про при після после перед через внаслідок згідно
согласно через для під над між среди серед упродовж протягом наразі сейчас сьогодні сегодня вчора
вчера уночі вночі ночью зранку утром увечері вечером как якщо если щодо станом внаслідок також
президент прем'єр премьер міністр министр глава голова мер мэр
збірна сборная сили силы служба міністерство министерство збройні командувач речник речниця
очільник заступник нардеп депутат державний державна верховна верховный
in on at after the a an as according for from during under
"""
_OPENINGS = frozenset(_OPENING_WORDS.split())
# «Святошинський суд» begins a sentence; of another case it does not.
_NAMED_AFTER = re.compile(r"[сц](?:ь?кий|ька|кая|ькі|кие|ьке|кое)$")
_CONJUNCTIONS = frozenset(("та", "і", "й", "и", "and"))
_NAME_STOPS = (",", ".", ":", ";", "!", "?", "—", "–")


def paragraphs(text: str) -> tuple[str, ...]:
    """Return the lines of the text that belong to the article."""
    kept: list[str] = []
    n_links = 0  # one more than the headlines that may follow a "Read also"
    for line in _INNER_READ_ON.sub("\n", text).splitlines():
        cleaned = _without_credit(
            _READ_ON.sub("", _SCRIPT.sub("", _EXTERNAL.sub("", line))).strip()
        )
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
    """Return the sentence without «, сообщает Reuters» at its end, or «Как сообщает Reuters,»."""
    ended = _TRAILING_DATELINE.sub("", _TRAILING_ATTRIBUTION.sub("", sentence))
    bare = _ATTRIBUTION_OPENING.sub("", ended, count=1)
    return bare if bare[:1] == sentence[:1] else bare[:1].upper() + bare[1:]


def without_labels(line: str) -> str:
    """Return the line without dateline, byline, caption, glued subheading, marks: «(фото)»."""
    line = _TRAILING_CREDIT.sub("", _MARKS.sub("", line))
    for label in (_INNER_DATELINE, _SUBHEADING, _BYLINE, _DATELINE, _CAPTION):
        if found := label.match(line):
            line = line[found.end() :]
    return line


def without_headline(text: str, title: str) -> str:
    """Return the text without the headline that was joined to it as a line or a sentence."""
    if title and text.lstrip(" |").startswith(title):
        text = text.lstrip(" |")
    rest = text.removeprefix(title)
    begins_a_sentence = rest[:1] in _AFTER_HEADLINE and rest.lstrip(_AFTER_HEADLINE)[:1].islower()
    return text if begins_a_sentence or rest[:1].isalnum() else rest.lstrip(_AFTER_HEADLINE)


def parted_post(title: str, text: str) -> tuple[str, str]:
    """Return headline and text of a post that has both in one line, without a stop between.

    The title of such a post is the beginning of its text and goes on into the first sentence, or
    breaks off in it: "Bridge opens, — Harbour Office On Mon…". Without a boundary the headline is
    empty, and the sentence whole.
    """
    beginning = title.removesuffix("…").rstrip()
    is_broken_off = title.endswith("…") and text.startswith("…")
    whole = f"{beginning} {text[1:].lstrip()}" if is_broken_off else text
    line = whole.partition("\n")[0]
    if not whole.startswith(beginning) or (beginning and line.strip() == beginning):
        return title, text
    is_cut = len(title) >= _CUT_TITLE_CHARS or beginning in ("", title[:-1].rstrip())
    end = _headline_end(line, with_source=True)
    if end is None and is_cut:
        end = _headline_end(line, with_source=False)
    if end is not None and (is_cut or end <= len(title)):
        return whole[:end].strip(), whole[end:].lstrip()
    if beginning == title:
        return title, text
    first, *others = whole.splitlines()
    is_sentence = first.rstrip(" \"'»”)").endswith((*_NAME_STOPS, "…"))
    return "", "\n".join((first if is_sentence else f"{first.rstrip()}.", *others))


def name_end(text: str, start: int = 0, known: Collection[str] | None = None) -> int | None:
    """Return where the sentence after a name begins that nothing separates from it; None: nowhere.

    In «Білий дім Президент України заявив» that is before «Президент». A `known` word is of the
    headline, so a sentence that takes it up again begins with it. None: only a word that opens
    sentences tells.
    """
    found = list(islice(_WORD.finditer(text, start, start + 200), _MAX_NAME_WORDS + 1))
    places: list[int] = []
    for before, word, following in zip(found, found[1:], found[2:], strict=False):
        if before[0].endswith(_NAME_STOPS) or before[0] in _NAME_STOPS:
            break
        first, rest = _bare(word[0]), following[0]
        is_capital = first[:1].isupper() or first.isdigit()
        if before[0].casefold() in _CONJUNCTIONS or not is_capital or word[0].endswith(","):
            continue
        if _is_opening(first):
            return word.start()
        goes_on = not rest[:1].isupper()
        is_beginning = goes_on or not {first, _bare(rest)}.difference(known or ())
        if known is not None and (is_beginning or before[0].endswith("»")):
            places.append(word.start())
    return places[0] if places else None


def _without_credit(line: str) -> str:
    """Return the line without the credit that runs into its first sentence."""
    credit = _CREDIT.match(line)
    end = name_end(line, credit.end()) if credit else None
    return line if end is None else line[end:]


def _headline_end(text: str, *, with_source: bool) -> int | None:
    """Return where the first sentence begins: after the source, or at a word that opens one."""
    if with_source:
        for dash in _DASH.finditer(text, _MIN_GLUED_CHARS, _MAX_GLUED_CHARS):
            known = frozenset(map(_bare, text[: dash.start()].split()))
            if end := name_end(text, dash.end(), known):
                return end
        return None
    found = _WORD.finditer(text, _MIN_GLUED_CHARS, _MAX_GLUED_CHARS)
    return next(
        (
            word.start()
            for before, word in pairwise(found)
            if before[0][-1].isalnum()
            and word[0][0].isupper()
            and (_is_opening(_bare(word[0])) or _NAMED_AFTER.search(word[0]))
            and (before[0][0].islower() or not word[0].isascii())
        ),
        None,
    )


def _is_opening(word: str) -> bool:
    return word.casefold().replace("’", "'").partition("-")[0] in _OPENINGS


def _bare(word: str) -> str:
    return word.strip("«»“”„\"',.:;!?()")


def is_truncated(sentence: str) -> bool:
    """Tell whether the feed truncated the sentence: it ends in "…" or "[...]"."""
    return bool(_ELLIPSIS.search(sentence))


def without_ellipsis(sentence: str) -> str:
    """Return the sentence without the "…" or "[...]" of `is_truncated`."""
    return _ELLIPSIS.sub("", sentence).rstrip()


def _is_boilerplate(line: str) -> bool:
    return any(pattern.match(line) for pattern in _BOILERPLATE)
