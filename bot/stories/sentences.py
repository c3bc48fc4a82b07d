"""Sentences: boundaries, mending of blanks, broken quotations, dependence on context, asides."""

import re
from collections.abc import Iterable, Sequence
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
# After these a small letter begins an item of a list, or a sentence.
_LINE_ENDS = ".!?…:;»”\"')"
_CLOSERS = ".,!?…;:)]"
_OPENERS = "([—–-"

# Context dependence shows at the beginning of a sentence.
_MAX_READ_CHARS = 300
# A sentence that begins with one of them refers to the one before; so does one that has only a
# preposition in front, «По его словам», or a demonstrative soon after.
_REFERRING_WORDS = """
он она оно они его её ее ему ей их им ним ней них него нее неё нему нем нём ею нею ими ними
мы нас наш наша наше наши я при также кроме однако поэтому затем тогда хотя так таким еще ещё ведь
впрочем но а и или зато причем причём притом потом позже вскоре там здесь туда оттуда отсюда сам
сама сами другой другая другое другие другим других остальные остальных например именно
итак вдобавок вместо частности аналогичный аналогичная аналогичные соответственно следовательно
иначе оба обе
він вона воно вони його її йому їй їх їм ним ній них нього неї ньому нею ними ми нас наша
наші йдеться при також крім окрім однак проте тому потім тоді водночас втім утім хоча так таким ще
адже але а та й або зате натомість причому притому згодом потому пізніше невдовзі там тут туди
звідти звідси сам сама самі інший інша інше інші іншим інших решта наприклад саме отже тож
отож натомість зокрема аналогічний аналогічна аналогічні відповідно інакше обидва обидві
he she it they his her hers its their theirs him them himself herself themselves i we our us my
but and or however also meanwhile so although yet both then thus therefore hence moreover
furthermore nevertheless nonetheless instead otherwise later afterwards another others
additionally particular similarly consequently likewise still he's she's it's they're we're i'm
that's he'd she'd they've we've i've i'd i'll we'd we'll he'll she'll they'll they'd
"""
_REFERRING = frozenset(_REFERRING_WORDS.split())
# «Речь идёт о…», «Тим часом…».
_REFERRING_PAIRS = frozenset(
    {
        *(("речь", "идет"), ("речь", "идёт"), ("речь", "шла"), ("мова", "йде"), ("мова", "йшла")),
        *(
            ("the", "next"),
            ("the", "following"),
            ("the", "same"),
            ("either", "way"),
            ("as", "such"),
        ),
        *(("следующий", "день"), ("наступного", "дня"), ("того", "ж"), ("той", "же")),
        *(("тем", "не"), ("тем", "временем"), ("тем", "более"), ("тим", "часом"), ("тим", "не")),
    }
)
_COMPARING_WORDS = "another others ещё еще ще інший інша інше інші другой другая другое другие при"
_COMPARING = frozenset(_COMPARING_WORDS.split())
# "Speaking to the Courier, she said…".
_SPEAKING = re.compile(r"[A-Z][a-z]{2,15}(?:ing|ed)\b[^,.]{0,80}, (?:he|she|they|it)\b")
# «Відповідно до закону…».
_NOT_REFERRING = frozenset({("відповідно", "до"), ("вместо", "того"), ("instead", "of")})
_OPENING_QUOTES, _CLOSING_QUOTES = ("«", "“", '"', "„"), ("»", "”", '"')
_DEMONSTRATIVE_WORDS = """
это этот эта эти этого этой этом этому этим этими эту этих такой такая такие том того
це цей ця ці цього цієї цій цьому цим цими цю цією цих такий така такі тому того
this that these those such
"""
# Soon after the beginning they refer too: «Президент також заявив…».
_ADDING_WORDS = "також теж также тоже also though however однак однако проте натомість"
_ADDING = frozenset(_ADDING_WORDS.split())
_DEMONSTRATIVES = frozenset(_DEMONSTRATIVE_WORDS.split())
_MAX_DEMONSTRATIVE_POSITION = 5
_PREPOSITION_WORDS = """
по за на в у с со з із зі из для до о об про после після перед до от від к ко а під под над без
через из-за среди серед між между крім
among in on at by for from with after before of to as without under since
"""
_PREPOSITIONS = frozenset(_PREPOSITION_WORDS.split())
# «На этой неделе» refers to the calendar.
_CALENDAR_TERMS = """
недели неделе неделю месяца месяце году года дня день утром тижня тижні місяця місяці року році дня
week month year day morning evening summer winter spring autumn weekend season
"""
_CALENDAR_WORDS = frozenset(_CALENDAR_TERMS.split())

# Emoji and arrows are put before a line or into it.
_SYMBOLS = re.compile(
    "[\u2190-\u21ff\u2300-\u27bf\u2900-\u2bff\u3030\ufe0f\u200d\u20e3\U0001f000-\U0001faff•▪●]"
)
# The first list things, even before a small letter; others begin a line only after a stop.
_LIST_MARK = "[\u2192\u27a1\u27a4\u25b6▪•●▫◾◼🔹🔸🔻✔✅☑]\ufe0f?"
_BULLETS = re.compile(
    rf"(?:{_LIST_MARK}\s{{0,3}}){{1,9}}(?=[\"«“„]?\w)"
    rf"|(?:^|(?<=[.!?…:;])|(?<=[.!?…:;]\s))(?:{_SYMBOLS.pattern}\s{{0,3}}){{1,9}}(?=[\"«“„]?\w)"
)
_LIST_ITEM = re.compile(rf"\s{{0,3}}(?:{_LIST_MARK}|[-–—*]\s)")
_LETTER = "[^\\W\\d_]"
# Each with what stands in its place.
_MENDED = (
    # Markdown of posts, and doubled quotation marks.
    (re.compile(r"\[([^\[\]]{1,200})\]\(https?://[^()\s]{1,400}\)"), r"\1"),
    (re.compile(r"\*\*|__"), ""),
    (re.compile(r'"{2,3}(?=\w)|(?<=[\w.,!?…])"{2,3}'), '"'),
    # A blank before a stop or a closing mark, and after an opening one.
    (re.compile(r"(?<=\S) +(?=(?:[,.;:!?…»”)]|\.\.\.)(?:[\s,.;:!?…»”)]|$))"), ""),
    (re.compile(r"(?<=[«„“(]) +(?=\S)"), ""),
    # A stop, a comma or a closing mark with the next word glued to it.
    (
        re.compile(
            r"(?<=[a-zа-яёіїєґ]{3}[.!?…;:])(?=[«„“]?[А-ЯЁІЇЄҐ][а-яёіїєґ])(?![^«»\s]{0,30}»)"
        ),
        " ",
    ),
    (re.compile(r"(?<=[a-z]{3}[.!?…;:])(?=“?[A-Z](?!(?:et|om|rg|i|o|s|x|y)\b)[a-z]{0,30} )"), " "),
    (re.compile(r"(?<=[а-яёіїєґ],)(?=[а-яёіїєґА-ЯЁІЇЄҐ])"), " "),
    (re.compile(r"(?<=[.!?…][»”])(?=[A-ZА-ЯЁІЇЄҐ])"), " "),
    (re.compile(r"(?<=[»”)][.!?…])(?=[«„“]?[A-ZА-ЯЁІЇЄҐ])"), " "),
    (re.compile(rf"(?<={_LETTER}[»”])(?={_LETTER})"), " "),
)


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
        r"(?:раніше|ранее)\b"
        r"(?! (?:не|суд|\w{1,30}(?:[нм]ий|[нм]ый|[нм]ая|ної|[нм]ого|[нм]ому|[нм]ым)\b))",
        r"(?:before|prior to) (?:this|that)\b|(?:до|перед) (?:этого|цього|этим|цим)\b",
        r"earlier\b(?! (?:today|on|this|in)\b)|previously,|in an earlier\b",
        r"as (?:\w{1,30} ){0,4}(?:previously|earlier|already) (?:reported|said|noted)\b",
        r"as (?:we|\w{1,30}) (?:previously |earlier )?reported\b",
        # Teasers: for another article, a video, or the rest of this one.
        r"(?:читай|дивис[ья]|дивіться|смотри|дізнай(?:ся|теся)?|дізнавай(?:ся|теся)|узна(?:ва)?й)"
        r"(?:те)?\b",
        r"(?:розповідаємо|рассказываем|пояснюємо|объясняем|розбираємо|разбираем|показуємо"
        r"|показываем|ось що|вот что|ось як|вот как)\b",
        r"(?:чому|почему|як|как|що|что|хто|кто|навіщо|зачем) .{1,140}"
        r"(?:розповіда|рассказа|рассказыва|розповів|розповіл|пояснюва|пояснив|пояснил|объясни|дізнава|читайте)\w*.{0,60}$",
        r"(?:watch|listen|video|відео|видео)\s?:",
        r"if you (?:don['’]t|can['’]t|want|would like|have|see)\b",
        r"(?:watch|listen|read|see) (?:the|this|our|more|how|below|also|full|live|video|here|to)\b"
        r"|watch .{1,80}\b(?:live|on (?:bbc|itv|sky|youtube|our))\b"
        r"|(?:find out|learn more|click here|tap here|stay tuned|more to (?:follow|come))\b"
        r"|this (?:is a breaking|story (?:is|will) (?:being|be|developing))\b"
        r"|here(?:['’]s| is| are) (?:what|how|why|everything|all)\b",
        r"(?:подробиці|подробности|деталі|детали|details|докладніше|детальніше|подробнее|більше"
        r"|больше|more)\s?(?:[-–—:]|згодом|позже|пізніше|про це|об этом|on this|in our|below)",
        r"(?:інші |другие |more |further )?(?:подробиці|подробности|деталі|детали|details)\b"
        r".{0,60}\b(?:згодом|позже|пізніше|later|to follow|уточнюються|уточняются"
        r"|(?:не ?)?(?:відомі|известны)|(?:un|not )known)\b",
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
_RECALL = re.compile(
    r"\W{0,9}(?:нагада(?:ємо|ю|єм)|напомн(?:им|ю)|напоминаем|as a reminder)\b", re.IGNORECASE
)
# One with these words in it is none either.
_ASIDE_WORDS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:раніше|ранее) (?:(?:ми|мы|вже|уже) )?(?:повідомлял|писал|інформувал|сообщал"
        r"|информировал|розповідал|рассказывал|повідомляв|писав|стало відомо|стало известно)",
        r"\b(?:мы|ми) (?:(?:уже|вже|ранее|раніше) )?"
        r"(?:рассказыва|писал|сообщал|розповід|повідомл|згадув)",
        r"\b(?:станет|стане) (?:известно|відомо) (?:\w{1,12} ){0,2}(?:позже|пізніше|згодом)\b",
        r"\b(?:мы|ми|we) (?:созда|створи|запусти|вед|created|launched|have a)\w*\b.{0,90}"
        r"\b(?:telegram|телеграм|facebook|viber|вайбер|instagram|инстаграм|інстаграм|youtube)",
        r"\bwe (?:previously|earlier) reported\b|\b(?:previously|earlier) reported that\b",
        r"\b(?:читайте|дивіться|смотрите|дізнавайтеся|дізнайтеся|узнайте|узнавайте|слухайте"
        r"|слушайте|шукайте|ищите)\b.{0,80}\b(?:матеріал|материал|статт|стать|відео|видео|інтерв"
        r"|интерв|добір|подбор|текст|подкаст|посилан|ссылк|сайт|канал|нижче|ниже|далі|далее|наш)",
        r"\b(?:новин[ау]|новость|стаття|статья|матеріал|материал|інформація|информация|текст) "
        r"(?:буде |будет )?(?:доповн|дополн|онов|обнов|уточн)",
        r"\b(?:за (?:цим |цією )?посиланням|по (?:этой )?ссылке|у коментарях"
        r"|в комментариях|link in (?:the )?bio|at (?:this|the) link)\b",
        r"\b(?:у|в|in) (?:нашому|нашем|нашій|нашей|наш|our) (?:матеріал|материал|статт|стать|відео"
        r"|видео|telegram|телеграм|сюжет|канал|article|story|video|newsletter|podcast|live|channel)",
        r"\b(?:our live|live blog|live updates|live coverage)\b",
        r"\b(?:of|in) our .{1,40} series\b|\b(?:нашої|нашей) (?:серії|серии|рубри)",
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


def mended(line: str) -> tuple[str, ...]:
    """Return the line with single blanks where they belong; a bullet begins one of its own.

    Sentences that a page glued together are apart again: «міста.Мер» is «міста. Мер».
    """
    line = " ".join(_SYMBOLS.sub(" ", _BULLETS.sub("\0", line)).split())
    for pattern, replacement in _MENDED:
        line = pattern.sub(replacement, line)
    return tuple(part for each in line.split("\0") if (part := each.strip()))


def unquoted(text: str) -> str:
    """Return the text without the quotation marks around all of it, which tables put there.

    Those within it are doubled then, or there are none.
    """
    inner = text[1:-1]
    is_quoted = len(text) > 1 and text[0] == text[-1] == '"'
    return inner if is_quoted and '"' not in inner.replace('""', "") else text


def is_list_item(line: str) -> bool:
    """Tell whether the line begins with a bullet or an arrow."""
    return bool(_LIST_ITEM.match(line))


def unwrapped(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the lines with those joined that a page broke within a sentence."""
    joined: list[list[str]] = []
    for line in lines:
        if joined and line[:1].islower() and joined[-1][-1][-1:] not in _LINE_ENDS:
            joined[-1].append(line)
        else:
            joined.append([line])
    return tuple(map(" ".join, joined))


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


def opens_with_reference(sentence: str, *, is_first: bool = False) -> bool:
    """Tell whether the sentence begins by referring to the one before: «По нему…», "But…".

    The first of an article may compare with what everybody knows: "Another cloud of smoke…".
    """
    first_words = words(sentence[:_MAX_READ_CHARS])
    start = next((i for i, word in enumerate(first_words) if word not in _PREPOSITIONS), 0)
    first, following = (*first_words[start : start + 2], "", "")[:2]
    is_demonstrative = first in _DEMONSTRATIVES and following not in _CALENDAR_WORDS
    if (first, following) in _NOT_REFERRING or (is_first and first in _COMPARING):
        return False
    if first in _REFERRING or is_demonstrative or (first, following) in _REFERRING_PAIRS:
        return True
    if _SPEAKING.match(sentence):
        return True
    # A quotation without the name of who speaks.
    return sentence.startswith(_OPENING_QUOTES) and sentence.rstrip(".").endswith(_CLOSING_QUOTES)


def depends_on_context(sentence: str) -> bool:
    """Tell whether the sentence is understood only after the one before it."""
    first_words = words(sentence[:_MAX_READ_CHARS])[: _MAX_DEMONSTRATIVE_POSITION + 1]
    return (
        opens_with_reference(sentence)
        or not _ADDING.isdisjoint(first_words)
        or any(
            word in _DEMONSTRATIVES and following not in _CALENDAR_WORDS
            for word, following in pairwise(first_words)
        )
    )


def is_recall(sentence: str) -> bool:
    """Tell whether the sentence begins to recall old news: «Напомним, …»."""
    return bool(_RECALL.match(sentence))


def is_aside(sentence: str) -> bool:
    """Tell whether the sentence recalls old news, asks, teases, credits, or tells who spoke."""
    if sentence.rstrip(" \"'»”)").endswith("?"):
        return True
    beginning = sentence[:_MAX_ASIDE_CHARS]
    return any(pattern.match(beginning) for pattern in _ASIDE_OPENINGS) or any(
        pattern.search(beginning) for pattern in _ASIDE_WORDS
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
