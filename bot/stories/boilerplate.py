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

# A sentence that begins so is no part of the news: it recalls, teases, credits, or tells who spoke.
_ASIDE_OPENINGS = tuple(
    re.compile(rf"\W{{0,9}}(?:{pattern})", re.IGNORECASE)
    for pattern in (
        # Recall: «Нагадаємо, …», «Как сообщал Telegraf, …», "As previously reported, …".
        r"(?:нагада(?:ємо|ю|єм)|дода(?:мо|ємо|м)|зазначимо|зауважимо|відзначимо|уточнимо"
        r"|напомн(?:им|ю)|напоминаем|добавим|отметим|заметим|уточним|подчеркн[её]м"
        r"|до слова|до речі|к слову|кстати|as a reminder|recall that|by the way)\b",
        r"(?:як|как) (?:(?:ми|мы|раніше|ранее|уже|вже) ){0,2}"
        r"(?:повідомля|писа|інформува|розповіда|зазнача|сообща|информирова|рассказыва|отмеча)"
        r"(?:в|л[аио]?|лося|лось)\b",
        r"(?:як|как) (?:уже |вже |раніше |ранее )?(?:відомо|известно)\b",
        r"(?:раніше|ранее)\b(?! (?:не|суд|\w{1,30}(?:ий|ый|ая|ої|ого|ому|ым|им)\b))",
        r"(?:before|prior to) (?:this|that)\b|(?:до|перед) (?:этого|цього|этим|цим)\b",
        r"earlier\b(?! (?:today|on|this|in)\b)|previously,|in an earlier\b",
        r"as (?:\w{1,30} ){0,4}(?:previously|earlier|already) (?:reported|said|noted)\b",
        r"as (?:we|\w{1,30}) (?:previously |earlier )?reported\b",
        # Teasers: for another article, a video, or the rest of this one.
        r"(?:читай|дивис[ья]|дивіться|смотри|дізнай(?:ся|теся)?|дізнавай(?:ся|теся)|узна(?:ва)?й)"
        r"(?:те)?\b",
        r"(?:розповідаємо|рассказываем|пояснюємо|объясняем|розбираємо|разбираем|показуємо"
        r"|показываем|ось що|вот что|ось як|вот как)\b",
        r"(?:watch|listen|read|see) (?:the|this|our|more|how|below|also|full|live|video|here|to)\b"
        r"|(?:find out|learn more|click here|tap here|stay tuned|more to (?:follow|come))\b"
        r"|this (?:is a breaking|story (?:is|will) (?:being|be|developing))\b"
        r"|here(?:['’]s| is| are) (?:what|how|why|everything|all)\b",
        r"(?:подробиці|подробности|деталі|детали|details|докладніше|детальніше|подробнее|більше"
        r"|больше|more)\s?(?:[-–—:]|згодом|позже|пізніше|про це|об этом|on this|in our|below)",
        r"(?:(?:content )?warning|(?:editor['’]s )?note|correction|clarification|disclaimer):",
        # Credits.
        r"(?:ілюстративн|иллюстративн|архівн|архивн)\w{1,4} (?:фото|зображ|изображ|illustrat)",
        r"(?:фото|скріншот|скриншот|колаж|коллаж|інфографіка|инфографика|кадр|відео|видео|photos?"
        r"|photograph|picture|image|video|credit|screenshot|illustration)s?\s?"
        r"(?:[:/(|©]|(?:by|via|source|credit|courtesy|caption|ілюстративн\w*|иллюстративн\w*)\b"
        r"|(?:(?:із|з|из|від|от|с|getty|reuters|afp|ap|уніан|униан|пресслужб\w*|пресс-служб\w*)\b)"
        r".{0,45}$)",
        r".{0,60}\b(?:getty images|shutterstock|depositphotos|unsplash|ap photo)\b.{0,20}$",
        # Only who said so: "said Mr King".
        r"(?:said|says|added|told|wrote|explained|tweeted|according to (?:him|her|them|the report)"
        r"|сказав|сказала|сказал|додав|додала|добавил|добавила|заявив|заявила|заявил|зазначив"
        r"|зазначила|отметил|отметила|підкреслив|підкреслила|подчеркнул|подчеркнула|написав|написал"
        r"|написала|пояснив|пояснила|пояснил|повідомив|повідомила|сообщил|сообщила|рассказал"
        r"|рассказала|розповів|розповіла|уточнив|уточнил|уточнила|йдеться у|говорится в"
        r"|говориться в|наголосив|наголосила)\b.{0,140}$",
    )
)
# One with these words in it is none either.
_ASIDE_WORDS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:раніше|ранее) (?:(?:ми|мы|вже|уже) )?(?:повідомлял|писал|інформувал|сообщал"
        r"|информировал|розповідал|рассказывал|повідомляв|писав|стало відомо|стало известно)",
        r"\bwe (?:previously|earlier) reported\b|\b(?:previously|earlier) reported that\b",
        r"\b(?:читайте|дивіться|смотрите|дізнавайтеся|дізнайтеся|узнайте|узнавайте|слухайте"
        r"|слушайте|шукайте|ищите)\b.{0,80}\b(?:матеріал|материал|статт|стать|відео|видео|інтерв"
        r"|интерв|добір|подбор|текст|подкаст|посилан|ссылк|сайт|канал|нижче|ниже|далі|далее|наш)",
        r"\b(?:новин[ау]|новость|стаття|статья|матеріал|материал|інформація|информация|текст) "
        r"(?:буде |будет )?(?:доповн|дополн|онов|обнов|уточн)",
        r"\b(?:за посиланням|по ссылке|у коментарях|в комментариях|link in (?:the )?bio"
        r"|at (?:this|the) link)\b",
        r"\b(?:у|в|in) (?:нашому|нашем|нашій|нашей|наш|our) (?:матеріал|материал|статт|стать|відео"
        r"|видео|telegram|телеграм|сюжет|канал|article|story|video|newsletter|podcast|live|channel)",
        r"\b(?:our live|live blog|live updates|live coverage)\b",
        # Buttons, handles, addresses, and hashtags.
        r"[—–|-]\s?(?:підписатис[ья]|подписаться|підпишись|подпишись|subscribe)\W{0,5}$",
        r"(?<![\w.])(?:@\w{2}|#[^\W\d])|https?://|\bwww\.|\bt\.me/|\w@\w",
        # Credits.
        r"[/©|] ?(?:getty|reuters|afp|ap|epa|unian|уніан|униан|shutterstock|ілюстрац)\b",
        r"\((?:фото|відео|видео|photo|video|image)\b[^)]{0,60}\)",
    )
)
# Far longer than any sentence that is shown.
_MAX_ASIDE_CHARS = 1_000
_ATTRIBUTION_OPENING = re.compile(
    r"\W{0,9}(?:як|как) (?:повідомля(?:є|ють)|пиш(?:е|уть|ет|ут)|переда(?:є|ють|[её]т|ют)"
    r"|інформу(?:є|ють)|зазнача(?:є|ють)|сообща[ею]т|отмеча[ею]т|информиру[ею]т)\b[^,]{0,80},\s?(?=\w)",
    re.IGNORECASE,
)
_CAPITAL = "[A-ZА-ЯЁІЇЄҐ]"
# "LAKESIDE (Courier) — ", «ПРИРЕЧЬЕ, 5 авг — Маяк. ».
_DATELINE = re.compile(
    rf"{_CAPITAL}{{3,20}}(?: {_CAPITAL}{{2,20}}){{0,2}}"
    r"(?:(?:, [^—–()]{2,30})? ?\([A-Z][^()]{1,20}\) ?[—–-]{1,2} ?"
    r"|, \d{1,2} [^\W\d]{3,9}\.? ?[—–/-]{1,2} ?[^.]{2,30}\. )"
    r"|[A-Z][a-z]{2,8}\.? \d{1,2} \([A-Z]{2,9}\) ?[—–-]{1,2} ?"
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
    r"|@\w{1,40}|https?://[^)\]\s]{1,200})[)\]]",
    re.IGNORECASE,
)

_AFTER_HEADLINE = " .!?…:|\n\t–—-"

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

# A headline that names its source, an abbreviation or names, then a word that begins a sentence.
_GLUED_HEADLINE = re.compile(
    r"(?P<headline>.{15,200}? [—–-] (?:[A-ZА-ЯЁІЇЄҐ]{2,}|Генштаб|Reuters|Bloomberg|Axios|Politico"
    r"|[A-ZА-ЯЁІЇЄҐ][\w’'.-]+(?: (?!(?:On|In|At|The|After|За|На|Під|Із|По|Во|До|Від|Як|Після"
    r"|После|Как|От|Со|Об|Про)\b)[A-ZА-ЯЁІЇЄҐ][\w’'.-]+){0,3})) (?=[A-ZА-ЯЁІЇЄҐ]['’\w]*[ ,])"
)
_MAX_GLUED_CHARS = 300


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


def is_aside(sentence: str) -> bool:
    """Tell whether the sentence recalls old news, asks, teases, credits, or tells who spoke."""
    if sentence.rstrip(" \"'»”)").endswith("?"):
        return True
    beginning = sentence[:_MAX_ASIDE_CHARS]
    return any(pattern.match(beginning) for pattern in _ASIDE_OPENINGS) or any(
        pattern.search(beginning) for pattern in _ASIDE_WORDS
    )


def without_attribution(sentence: str) -> str:
    """Return the sentence without «, сообщает Reuters» at its end, or «Как сообщает Reuters,»."""
    bare = _ATTRIBUTION_OPENING.sub("", _TRAILING_ATTRIBUTION.sub("", sentence), count=1)
    return bare if bare[:1] == sentence[:1] else bare[:1].upper() + bare[1:]


def without_labels(line: str) -> str:
    """Return the line without dateline, glued subheading, and marks such as «(фото)»."""
    line = _MARKS.sub("", line)
    for label in (_SUBHEADING, _DATELINE):
        if found := label.match(line):
            line = line[found.end() :]
    return line


def without_headline(text: str, title: str) -> str:
    """Return the text without the headline that was joined to it as a line or a sentence."""
    rest = text.removeprefix(title)
    begins_a_sentence = rest[:1] in _AFTER_HEADLINE and rest.lstrip(_AFTER_HEADLINE)[:1].islower()
    return text if begins_a_sentence or rest[:1].isalnum() else rest.lstrip(_AFTER_HEADLINE)


def parted_post(title: str, text: str) -> tuple[str, str]:
    """Return headline and text of a post that has both in one line, without a stop between.

    Such a headline ends with its source: "Bridge opens — Harbour Office On Monday the mayor …". The
    title of such a post is the beginning of its text, and goes on into the first sentence.
    """
    glued = _GLUED_HEADLINE.match(text[:_MAX_GLUED_CHARS])
    if glued is None or not title.startswith(glued["headline"]):
        return title, text
    return glued["headline"], text[glued.end() :]


def is_truncated(sentence: str) -> bool:
    """Tell whether the feed truncated the sentence: it ends in "…" or "[...]"."""
    return bool(_ELLIPSIS.search(sentence))


def without_ellipsis(sentence: str) -> str:
    """Return the sentence without the "…" or "[...]" of `is_truncated`."""
    return _ELLIPSIS.sub("", sentence).rstrip()


def _is_boilerplate(line: str) -> bool:
    return any(pattern.match(line) for pattern in _BOILERPLATE)
