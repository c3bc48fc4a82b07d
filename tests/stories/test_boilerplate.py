import pytest

from bot.stories.boilerplate import (
    is_filler,
    is_truncated,
    paragraphs,
    parted_post,
    without_attribution,
    without_ellipsis,
    without_headline,
    without_labels,
)
from bot.stories.sentences import is_aside

NEWS = "Новий міст відкрили у понеділок зранку."


@pytest.mark.parametrize(
    "line",
    [
        "Читайте також: Міст закрили на ремонт",
        "Читайте такожУкраїна має новий міст",
        "Читайте также: Мост закрыли",
        "Смотрите также Мост с высоты",
        "Read also: The old bridge",
        "Також читайте: Міст закрили на ремонт",
        "Также смотрите Мост с высоты",
        "Фото опубликовано @harbour_courier",
        "See also: The old bridge",
        "Материалы по теме: мост, река",
        "Related: the old bridge",
        "Подписывайтесь на наш Telegram-канал!",
        "Підписуйтесь на нас у Facebook",
        "👉 Підпишіться на канал",
        "Приєднуйтесь до нас у Viber",
        "Subscribe to our newsletter.",
        "Follow us on Telegram",
        "UA / RU",
        "УКР | РУС | ENG",
        "Поддержать газету",
        "Поддержать ZN.ua",
        "Підтримати Lviv.Media",
        "Підтримайте нас",
        "Support us from one crown a month.",
        "Фото: пресслужба міста",
        "Источник: «Маяк Взморья»",
        "© Harbour Courier",
        "Загрузка…",
        "Реклама",
        "15 комментариев",
        "The post Bridge opens appeared first on Harbour Courier.",
        "Сообщение Мост открыт появились сначала на Маяк.",
        "(adsbygoogle = window.adsbygoogle || []).push({});",
        "Читати далі",
        "[Read more…]",
        "",
        "   ",
    ],
)
def test_boilerplate_is_left_out(line: str) -> None:
    assert paragraphs(f"{line}\n{NEWS}") == (NEWS,)


@pytest.mark.parametrize(
    "line",
    [
        "Читайте роман Толстого: школа вернула его в программу.",
        "Президент подписал закон о мостах.",
        "Підписання угоди відклали на тиждень.",
        "Фото мосту облетіли світ.",
        "Support for the bridge is growing.",
        "Subscribers of the library may borrow bicycles.",
        "Read the room, said the mayor.",
        "Мер обіцяв розповісти про це детальніше.",
        "Реклама на мосту заборонена: рада ухвалила рішення.",
    ],
)
def test_news_that_begins_like_an_appeal_is_kept(line: str) -> None:
    assert paragraphs(line) == (line,)


def test_the_headline_under_a_bare_read_also_is_removed_with_it() -> None:
    text = f"ЧИТАЙТЕ ТАКЖЕ\n\nМост закрыли на ремонт: что известно\n{NEWS}\nИ ещё одно."
    assert paragraphs(text) == (NEWS, "И ещё одно.")


def test_a_sentence_under_a_bare_read_also_is_kept() -> None:
    assert paragraphs(f"Читайте також:\n{NEWS}") == (NEWS,)


def test_a_read_more_button_is_removed_from_its_line() -> None:
    assert paragraphs(f"{NEWS} Читать далее…") == (NEWS,)


@pytest.mark.parametrize(
    "sentence",
    [
        "Об этом сообщает «Маяк Взморья».",
        "Про це повідомила пресслужба міста.",
        "Про це у соціальних мережах інформують рятувальники.",
        "This was reported by the Courier.",
        "О том, чем опасен мост, читайте в статье Дарины Ковганюк.",
        "Подпишитесь на рассылку.",
        "Про це сказав в ефірі телемарафону речник міської ради Тарас Гринчак.",
        "Об этом на открытии моста «Приречье-2026» рассказал глава области Лев Кораблёв.",
        "Також читайте Старий міст зачинено на ремонт",
    ],
)
def test_an_attribution_or_a_teaser_is_filler(sentence: str) -> None:
    assert is_filler(sentence)


@pytest.mark.parametrize(
    "sentence", [NEWS, "Про це мріяли давно.", "Об этом писали поэты. " + "Мост " * 30]
)
def test_other_sentences_are_no_filler(sentence: str) -> None:
    assert not is_filler(sentence)


@pytest.mark.parametrize(
    ("sentence", "trimmed"),
    [
        ("Мост открыли, сообщает «Маяк Взморья».", "Мост открыли."),
        ("Міст відкрили, повідомляє valmora.example.", "Міст відкрили."),
        ("Мост открыли, отмечает Associated Courier.", "Мост открыли."),
        ("Міст, пише газета, відкрили.", "Міст, пише газета, відкрили."),
    ],
)
def test_a_trailing_attribution_is_removed(sentence: str, trimmed: str) -> None:
    assert without_attribution(sentence) == trimmed


@pytest.mark.parametrize("ending", ["…", "...", " [...]", " […]", "....."])
def test_a_truncated_sentence_is_detected_by_its_ending(ending: str) -> None:
    assert is_truncated(f"Міст відкрили{ending}")
    assert without_ellipsis(f"Міст відкрили{ending}") == "Міст відкрили"
    assert not is_truncated("Міст відкрили.")


LURE = "Мосты строят давно. О том, чем опасен новый, читайте в статье Дарины Ковганюк."


def test_a_paragraph_that_ends_in_a_teaser_is_removed() -> None:
    assert paragraphs(f"{NEWS}\n{LURE}") == (NEWS,)


def test_the_only_paragraph_is_kept_even_with_a_teaser() -> None:
    assert paragraphs(f"{NEWS} {LURE}") == (f"{NEWS} {LURE}",)
    assert paragraphs(f"{NEWS}\n{NEWS * 20} {LURE}") == (NEWS, f"{NEWS * 20} {LURE}")


@pytest.mark.parametrize("count", [1, 3, 5])
def test_a_list_of_headlines_under_read_also_is_removed(count: int) -> None:
    headlines = "\n".join(f"- Старий міст {number} зачинено на ремонт" for number in range(count))
    assert paragraphs(f"{NEWS}\nЧитайте також:\n{headlines}") == (NEWS,)
    assert paragraphs(f"{NEWS}\nЧитайте також:\n{headlines}\n{NEWS}") == (NEWS, NEWS)


def test_a_list_longer_than_an_editors_is_kept() -> None:
    lines = [f"Рядок {number} без крапки" for number in range(9)]
    text = "\n".join(lines)
    assert paragraphs(f"{NEWS}\nЧитайте також:\n{text}") == (NEWS, *lines[5:])


def test_an_enumeration_in_the_article_is_kept() -> None:
    lines = ("Рух обмежать на вулицях:", "Північній, 48;", "Річковій, 21.")
    text = "\n".join(lines)
    assert paragraphs(f"{NEWS}\nЧитайте також:\n{text}") == (NEWS, *lines)


@pytest.mark.parametrize(
    "sentence",
    [
        NEWS,
        "Раніше невідомий твір композитора прозвучав на відкритті мосту.",
        "Ранее судимый житель Приречья нашёл клад под мостом.",
        "Earlier this week the bridge carried its first trams.",
        "Смотритель маяка заметил баржу у моста.",
        "Дізнавшись про ремонт, мешканці прийшли до мосту.",
        "Фото мосту облетіли світ.",
        "Video of the collapse shows two trams on the bridge.",
        "Watch sales rose after the bridge opened.",
        "Детали моста привезли на баржах из Заозерья.",
    ],
)
def test_news_that_begins_like_an_aside_is_none(sentence: str) -> None:
    assert not is_aside(sentence)


def test_a_headline_is_taken_off_the_text_unless_it_only_begins_a_sentence() -> None:
    assert without_headline(f"Міст відкрили. {NEWS}", "Міст відкрили") == NEWS
    assert without_headline(f"Міст відкрили\n{NEWS}", "Міст відкрили") == NEWS
    assert without_headline("Міст відкрили вчора.", "Міст відкрили") == "Міст відкрили вчора."
    assert without_headline("Мостами їздять.", "Мост") == "Мостами їздять."


def test_labels_are_taken_off_a_line() -> None:
    assert without_labels(f"Подробиці: {NEWS}") == NEWS
    assert without_labels(f"DNIPROHAI, Valmora (Courier) — {NEWS}") == NEWS
    assert without_labels("США — краина мостов.") == "США — краина мостов."


@pytest.mark.parametrize(
    ("headline", "rest"),
    [
        ("⚡️ У Приозерську відкрили новий міст, — ЗМІ", "У понеділок міст відкрили. Він довгий."),
        ("В Приозёрске открыли новый мост — Иван Лаптев", "Мэр приехал на велосипеде."),
        ("New bridge opens in Lakeside – Harbour Office", "On Monday the mayor came by bike."),
    ],
)
def test_a_headline_that_runs_into_the_first_sentence_of_a_post_is_parted_from_it(
    headline: str, rest: str
) -> None:
    text = f"{headline} {rest}"
    assert parted_post(text[: len(headline) + 12], text) == (headline, rest)
    assert parted_post("Another headline", text) == ("Another headline", text)


@pytest.mark.parametrize(
    "text", ["Міст, який будували десять років — диво. Його відкрили.", "Bridge — a Wonder", ""]
)
def test_a_post_that_is_a_sentence_stays_whole(text: str) -> None:
    assert parted_post(text, text) == (text, text)
