import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import ArticleLanguage
from bot.stories.summary import MAX_CHARS, summarise

TITLE = "Новий міст через Веснянку відкрили"
LEAD = "У Дніпрогаї першими пройшли ним будівельники разом із родинами та друзями."
SECOND = "Споруда завдовжки 640 метрів має чотири смуги, трамвайну колію та велодоріжку."
THIRD = "Будівництво тривало три роки й коштувало місту 210 мільйонів крон."
FOURTH = "Стару переправу зачинять на ремонт уже наступного місяця, кажуть у мерії."


def test_the_first_sentences_come_in_their_order() -> None:
    assert summarise(TITLE, f"{LEAD}\n{SECOND} {THIRD}\n{FOURTH}") == f"{LEAD} {SECOND} {THIRD}"


def test_a_sentence_that_repeats_the_headline_is_left_out() -> None:
    text = f"Відкрили новий міст через Веснянку. {LEAD}"
    assert summarise(TITLE, text) == LEAD


def test_a_headline_joined_to_the_text_is_left_out() -> None:
    assert summarise(TITLE, f"{TITLE} {LEAD}") == LEAD


def test_a_text_that_only_repeats_the_headline_has_no_summary() -> None:
    assert summarise(TITLE, TITLE) == ""


@pytest.mark.parametrize("text", ["", " \n ", "UA / RU", "На зорі", "Читати далі"])
def test_a_text_without_information_has_no_summary(text: str) -> None:
    assert summarise(TITLE, text) == ""


def test_boilerplate_is_left_out() -> None:
    text = f"UA / RU\n{LEAD}\nЧитайте також: Старий міст зачинено\nПро це повідомляє мерія."
    assert summarise(TITLE, text) == LEAD


def test_a_subtitle_without_a_stop_gets_one() -> None:
    assert summarise(TITLE, f"{LEAD[:-1]}\n{SECOND}") == f"{LEAD} {SECOND}"


def test_a_truncated_sentence_is_dropped_if_another_is_whole() -> None:
    assert summarise(TITLE, f"{LEAD} Споруда завдовжки 640 метрів має чотири […]") == LEAD


@pytest.mark.parametrize("ending", ["…", "...", " [...]", " […] Читати далі"])
def test_a_truncated_sentence_alone_is_kept_with_an_ellipsis(ending: str) -> None:
    assert summarise(TITLE, LEAD[:-1] + ending) == f"{LEAD[:-1]}…"


def test_a_repetition_is_left_out() -> None:
    again = "Першими ним разом із родинами пройшли у Дніпрогаї будівельники."
    assert summarise(TITLE, f"{LEAD} {again} {SECOND}") == f"{LEAD} {SECOND}"


def test_recalled_news_ranks_below_new_information() -> None:
    recalled = "Нагадаємо, будівництво мосту розпочали за попереднього міського голови."
    text = f"{LEAD} {recalled} {SECOND} {THIRD}"
    assert recalled not in summarise(TITLE, text)


def test_a_broken_quotation_ranks_below_others() -> None:
    half = "«Це найкращий день мого життя, сказала мешканка лівого берега Оксана."
    assert summarise(TITLE, f"{half} {LEAD} {SECOND} {THIRD}") == f"{LEAD} {SECOND} {THIRD}"


def test_a_short_sentence_does_not_fill_up_a_summary() -> None:
    assert summarise(TITLE, f"{LEAD} Деталі уточнюють у поліції.") == LEAD


def test_a_short_sentence_is_better_than_none() -> None:
    assert summarise(TITLE, "Деталі уточнюють у поліції.") == "Деталі уточнюють у поліції."


def test_a_sentence_that_is_too_long_is_skipped_for_one_that_fits() -> None:
    assert summarise(TITLE, f"{LEAD[:-1]}{' дуже довга' * 60}. {SECOND}") == SECOND


def test_the_only_sentence_is_cut_at_a_word_if_it_is_too_long() -> None:
    made = summarise(TITLE, "Міст, який чекали " + "довгі-довгі роки, " * 60)
    assert len(made) <= MAX_CHARS
    assert made.endswith(("роки…", "довгі…"))


def test_one_endless_word_is_cut_at_the_limit() -> None:
    made = summarise(TITLE, "роки й роки два три чотири" + "ї" * 2 * MAX_CHARS)
    assert len(made) <= MAX_CHARS
    assert made.endswith("…")


def test_a_summary_has_three_sentences_at_most() -> None:
    text = """
        Вода в озері за літо потеплішала на два градуси.
        Рибалки цього тижня продають більше коропа.
        Туристи знімають човни на цілий світловий день.
        Школярі вивчають береги разом із біологами.
    """
    assert summarise(TITLE, text).count(".") == 3


def test_a_sentence_that_depends_on_context_comes_only_after_its_context() -> None:
    leaning = "Він завдовжки 640 метрів і має чотири смуги та трамвайну колію до станції."
    assert summarise(TITLE, f"{LEAD} {leaning}") == f"{LEAD} {leaning}"
    assert summarise(TITLE, f"{LEAD} Про це повідомила мерія. {leaning}") == LEAD


def test_a_sentence_within_a_quotation_is_left_out() -> None:
    middle = "Споруда стоятиме довше за нас усіх і за наших онуків у цьому місті."
    text = f"{LEAD} «Ми дуже раді. {middle} Дякуємо всім», сказав мер. {THIRD}"
    assert summarise(TITLE, text) == f"{LEAD} {THIRD}"


def test_a_quotation_alone_is_a_summary() -> None:
    half = "«Це найкращий день мого життя, сказала мешканка лівого берега Оксана."
    assert summarise(TITLE, half) == half


def test_a_teaser_for_another_article_is_left_out_with_its_paragraph() -> None:
    lure = "Мости у світі будують роками. Чому так довго, читайте у статті Дарини Ковганюк."
    assert summarise(TITLE, f"{LEAD}\n{lure}") == LEAD


RU_TITLE = "Новый мост через Веснянку открыли"
RU_LEAD = "В Днепрогае первыми прошли по мосту строители вместе с семьями и друзьями."
RU_NEXT = "Строительство длилось три года и стоило городу 210 миллионов крон."
EN_TITLE = "New bridge over the Vesnyanka opens"
EN_LEAD = "Builders and their families were the first to walk across it in Lakeside on Monday."
EN_NEXT = "Construction took three years and cost the city 210 million crowns."
NEWS: dict[ArticleLanguage, tuple[str, str, str]] = {
    "uk": (TITLE, LEAD, THIRD),
    "other": (RU_TITLE, RU_LEAD, RU_NEXT),
    "en": (EN_TITLE, EN_LEAD, EN_NEXT),
}
ASIDES: dict[ArticleLanguage, list[str]] = {
    "uk": [
        "Нагадаємо, будівництво мосту розпочали за попереднього міського голови.",
        "Додамо, що торік у місті відремонтували дві набережні та старий порт.",
        "Зазначимо, за три роки на будівництві змінилося п’ять підрядників.",
        "Раніше стало відомо, що міст освітлять кольоровими ліхтарями.",
        "Як повідомляв «Маяк», торік роботи зупиняли через повінь на річці.",
        "Як відомо, стару переправу збудували ще сто років тому.",
        "Раніше ми писали про те, скільки коштують мости сусідніх міст.",
        "А чи витримає споруда весняну повінь і вантажівки з портом?",
        "Читайте також, скільки коштують мости сусідніх міст.",
        "Дивіться відео з відкриття мосту на нашому каналі.",
        "Ось що відомо про вартість проїзду новим мостом для вантажівок.",
        "Подробиці — у матеріалі нашої кореспондентки Дарини Ковганюк.",
        "Більше фотографій мосту шукайте в нашому телеграмі.",
        "Новина буде доповнена після пресконференції міського голови.",
        "Більше новин міста читачі знаходять у @dniprogay_news щодня.",
        "Сторінка мосту з розкладом трамваїв: https://mist.example/rozklad.",
        "Фото: Оксана Гринчак, пресслужба міської ради Дніпрогая.",
        "Ілюстративне фото мосту через Веснянку з архіву редакції.",
        "Розповіла головна інженерка будівництва Оксана Гринчак.",
        "Сказав міський голова Тарас Гринчак під час відкриття.",
        "Ми вже розповідали, скільки коштують мости сусідніх міст.",
        "Подробиці аварії на лівому березі поки не відомі.",
        "Переглянути розмову з інженеркою можна за цим посиланням на сайті.",
        "Ми створили окремий канал про мости й трамваї в Telegram!",
        "Чому так довго будували, головна інженерка розповідала читачам «Маяка».",
        "Скільки коштуватиме проїзд, стане відомо трохи пізніше.",
    ],
    "other": [
        "Напомним, строительство моста начали при прежнем мэре города.",
        "Добавим, что в прошлом году в городе починили две набережные.",
        "Отметим, за три года на стройке сменилось пять подрядчиков.",
        "Ранее стало известно, что мост осветят цветными фонарями.",
        "Как сообщал «Маяк Взморья», год назад работы останавливал паводок.",
        "Как известно, старую переправу построили ещё сто лет назад.",
        "Ранее мы писали, сколько стоят мосты соседних городов.",
        "Выдержит ли сооружение весенний паводок и грузовики с портом?",
        "Смотрите видео с открытия моста на нашем канале.",
        "Вот что известно о стоимости проезда для тяжёлых грузовиков.",
        "Подробности — в материале нашей корреспондентки Дарьи Ковганюк.",
        "Рассказываем, сколько стоит проезд по новому мосту для грузовиков.",
        "Новость будет дополнена после пресс-конференции городского головы.",
        "Больше новостей города читатели находят в @dneprogay_news каждый день.",
        "Фото: Оксана Гринчак, пресс-служба городского совета Днепрогая.",
        "Иллюстративное фото моста через Веснянку из архива редакции.",
        "Рассказала главный инженер строительства Оксана Гринчак.",
        "Заявил городской голова Тарас Гринчак во время открытия.",
        "Мы уже рассказывали, сколько стоят мосты соседних городов.",
        "Подробности аварии на левом берегу пока неизвестны.",
        "Ранее американская газета получила премию за статьи о мостах.",
        "Посмотреть разговор с инженером можно по этой ссылке на сайте.",
        "Для водителей трамваев мы создали отдельную страничку в Telegram!",
        "Почему так долго строили, главный инженер рассказывал читателям «Маяка».",
        "Сколько будет стоить проезд, станет известно несколько позже.",
    ],
    "en": [
        "Earlier, the council had promised to light the embankment at night.",
        "As the Courier previously reported, a flood stopped the works last year.",
        "As a reminder, five contractors left the works within three years.",
        "We previously reported on the prices of bridges in other cities.",
        "Will the structure survive floods and lorries from the harbour?",
        "Watch the video of the opening on the channel of the council.",
        "Here's what drivers of heavy lorries will pay for each crossing.",
        "Details in our interview with chief engineer Oksana Hrynchak.",
        "Find out which bridges of other cities cost more than that.",
        "This story is being updated after a news conference of the council.",
        "Passengers share pictures of trams with @lakeside_council every day.",
        "Photo: Oksana Hrynchak, press office of Lakeside city council.",
        "Photo by Oksana Hrynchak of the Lakeside city council press office.",
        "Warning: Readers may find pictures of the works distressing.",
        "Said chief engineer Oksana Hrynchak during a ceremony on Monday.",
        "WATCH: Trams cross the Vesnyanka for the first time in twelve years.",
        "In the third of our Great Bridges series, the Courier tells of trams.",
        "Watch a tram cross the river live on BBC iPlayer this Wednesday.",
        "If you don't see a tram, try searching for a stop nearby.",
        "Further details of the accident near the left bank are not known.",
        "Said Mr King, who leads builders of Lakeside and other cities.",
    ],
}


@pytest.mark.parametrize(
    ("language", "aside"), [(language, each) for language in ASIDES for each in ASIDES[language]]
)
def test_what_recalls_teases_asks_or_credits_is_left_out(
    language: ArticleLanguage, aside: str
) -> None:
    title, lead, following = NEWS[language]
    whole = f"{lead} {following}"
    assert summarise(title, f"{lead} {aside} {following}", language=language) == whole
    assert summarise(title, f"{lead}\n{following}\n{aside}", language=language) == whole
    assert summarise(title, f"{aside}\n{lead}\n{following}", language=language) == whole


@pytest.mark.parametrize(
    ("language", "opening"),
    [
        ("uk", "По ньому вже поїхали перші трамваї з рожевими дзвіночками."),
        ("uk", "Йдеться про чотири смуги, трамвайну колію та велодоріжку."),
        ("uk", "Це вже другий великий об’єкт, який місто відкриває цього літа."),
        ("uk", "Тим часом рибалки скаржаться на шум і мутну воду."),
        ("uk", "Але рибалки скаржаться на шум і мутну воду біля берега."),
        ("uk", "«Ми чекали на трамвай дванадцять років і дуже раді»."),
        ("other", "По нему уже поехали первые трамваи с розовыми колокольчиками."),
        ("other", "Речь идёт о четырёх полосах, трамвайных путях и велодорожке."),
        ("other", "Это уже второй большой объект, который город сдаёт летом."),
        ("other", "Тем временем рыбаки жалуются на шум и мутную воду."),
        ("other", "И рыбаки жалуются на шум и мутную воду у берега."),
        ("other", "«Мы ждали трамвай двенадцать лет и очень рады»."),
        ("uk", "Зокрема, на правому березі збудують зупинку та паркінг."),
        ("uk", "На цій же річці торік закрили дві старі переправи."),
        ("other", "В частности, на правом берегу построят остановку и парковку."),
        ("other", "По этим же рельсам пойдут трамваи до старого порта."),
        ("en", "In particular, a stop and a car park will be built nearby."),
        ("en", "The next year a flood stopped all works on both banks."),
        ("en", "Speaking to the Courier on Monday, she said that lorries had to wait."),
        ("en", "Either way, lorries will use a tunnel near an old lighthouse."),
        ("en", "It has four lanes, tram tracks and a path for bicycles."),
        ("en", "But fishermen complain of noise and muddy water near banks."),
        ("en", "Instead, lorries will use a tunnel near an old lighthouse."),
        ("en", "“We waited twelve years for trams and could not be happier.”"),
    ],
)
def test_nothing_dangles(language: ArticleLanguage, opening: str) -> None:
    title, lead, following = NEWS[language]
    dropped = ASIDES[language][0]
    found = summarise(title, f"{opening} {lead} {dropped} {opening} {following}", language=language)
    assert found == f"{lead} {following}"


@pytest.mark.parametrize(
    ("language", "introduction", "reference"),
    [
        ("en", "Prosecutors read aloud {}messages of two engineers.", "The messages will be kept."),
        ("uk", "Прокурори зачитали {}листування двох інженерів.", "Листування долучать до справи."),
        ("other", "Прокуроры огласили {}переписку инженеров.", "Переписку приобщат к делу мостов."),
    ],
)
def test_a_sentence_about_something_that_was_left_out_is_left_out_too(
    language: ArticleLanguage, introduction: str, reference: str
) -> None:
    title, lead, following = NEWS[language]
    too_long = introduction.format("рідкісні rare " * 40)
    text = f"{lead} {too_long} {reference} {following}"
    assert summarise(title, text, language=language) == f"{lead} {following}"


@pytest.mark.parametrize(
    ("language", "heading"),
    [
        ("uk", "Що відомо про міст"),
        ("uk", "Подробиці"),
        ("uk", "Коли почнуть курсувати трамваї та автобуси"),
        ("other", "Что известно"),
        ("other", "Подробности строительства и судьба переправы"),
        ("en", "What we know so far"),
        ("en", "Why it matters"),
        ("en", "A crossing with a long history"),
    ],
)
def test_a_subheading_is_left_out(language: ArticleLanguage, heading: str) -> None:
    title, lead, following = NEWS[language]
    whole = f"{lead} {following}"
    assert summarise(title, f"{heading}\n{lead}\n{following}", language=language) == whole
    assert summarise(title, f"{lead}\n{heading}\n{following}", language=language) == whole


@pytest.mark.parametrize(
    ("language", "heading"),
    [
        ("uk", "Що відомо про міст"),
        ("uk", "Подробиці"),
        ("other", "Что известно о мосте"),
        ("other", "Контекст:"),
        ("en", "What we know so far"),
        ("en", "Why it matters:"),
    ],
)
def test_a_subheading_is_taken_off_the_sentence_that_it_is_glued_to(
    language: ArticleLanguage, heading: str
) -> None:
    title, lead, following = NEWS[language]
    text = f"{lead}\n{heading} {following}"
    assert summarise(title, text, language=language) == f"{lead} {following}"


@pytest.mark.parametrize("language", NEWS)
def test_blanks_are_mended_and_glued_sentences_are_parted(language: ArticleLanguage) -> None:
    title, lead, following = NEWS[language]
    whole = f"{lead} {following}"
    assert summarise(title, f"{lead}{following}", language=language) == whole
    assert summarise(title, f"{lead[:-1]} . {following[:-1]} .", language=language) == whole
    quoted = f"{lead[:-1]} «Маяк»"
    parted = f"{quoted}. {following}"
    assert summarise(title, f"{quoted}\n{following}", language=language) == parted
    assert summarise(title, f"{quoted}.{following}", language=language) == parted
    assert summarise(title, f"❗️ {lead} ➡️ {following} 👇", language=language) == whole


# The lead of each language, with a headline before it as posts have it in one line.
POSTS: dict[ArticleLanguage, list[str]] = {
    "uk": [
        "Новий міст через Веснянку відкрили для трамваїв, — Маяк {lead}",
        "⚡️ Новий міст через Веснянку відкрили, — Тарас Гринчак {lead}",
        "Новий міст через Веснянку відкрили — міський голова Дніпрогая {lead}",
        "Новий міст через Веснянку відкрили для трамваїв, — Білий дім {lead}",
        "Новий міст через Веснянку відкрили для трамваїв і пішоходів {lead}",
        "Новий міст через Веснянку відкрили для трамваїв, — «Маяк Взмор’я» {lead}",
        "Новий міст через Веснянку відкрили, — Президент Веснянки {lead}",
        "Новий міст через Веснянку відкрила для трамваїв ГРА, — Штаб ГРА {lead}",
    ],
    "other": [
        "Новый мост через Веснянку открыли для трамваев, — Маяк {lead}",
        "⚡️ Новый мост через Веснянку открыли, — Тарас Гринчак {lead}",
        "Новый мост через Веснянку открыли — городской голова Днепрогая {lead}",
        "Новый мост через Веснянку открыли для трамваев и пешеходов {lead}",
    ],
    "en": [
        "New bridge over the Vesnyanka opens to trams and people — Courier {lead}",
        "⚡️ New bridge over the Vesnyanka opens, — Harbour Office {lead}",
        "New bridge over the Vesnyanka opens to trams at last, — mayor of Lakeside {lead}",
    ],
}
# What begins with a word that opens sentences, and goes on after the title was cut.
POST_LEADS: dict[ArticleLanguage, str] = {
    "uk": "У Дніпрогаї першими пройшли ним будівельники разом із родинами, друзями та музикантами.",
    "other": "В Днепрогае первыми по нему прошли строители с семьями, друзьями и музыкантами.",
    "en": "On Monday builders of Lakeside and their families were the first to walk across it.",
}


@pytest.mark.parametrize("cut_at", [120, 140, 150])
@pytest.mark.parametrize(
    ("language", "post"), [(language, post) for language in POSTS for post in POSTS[language]]
)
def test_a_post_whose_headline_runs_into_its_first_sentence_keeps_that_sentence(
    language: ArticleLanguage, post: str, cut_at: int
) -> None:
    lead, following = POST_LEADS[language], NEWS[language][2]
    text = f"{post.format(lead=lead)} {following}"
    whole = f"{lead} {following}"
    assert summarise(text[:cut_at], text, language=language) == whole
    assert summarise(f"{text[:cut_at].rstrip()}…", text, language=language) == whole
    broken_off, rest = text[:cut_at].rpartition(" ")[0], text[:cut_at].rpartition(" ")[2]
    assert summarise(f"{broken_off}…", f"…{rest}{text[cut_at:]}", language=language) == whole


@pytest.mark.parametrize(
    ("language", "headline", "lead"),
    [
        (
            "uk",
            "Суддя відпустив підрядників мосту через Веснянку під заставу",
            "Приріченський суд відпустив підрядників під заставу в мільйон крон, а одного ні.",
        ),
        (
            "uk",
            "Міст через Веснянку, імовірно, відкриють у неділю, — Opta",
            "Збірна Дніпрогаю з веслування має право першою проплисти під ним із прапором міста.",
        ),
        (
            "other",
            "Судья отпустил подрядчиков моста через Веснянку под залог",
            "Приреченский суд отпустил двух подрядчиков под залог в миллион крон, а третьего нет.",
        ),
        (
            "en",
            "New bridge over the Vesnyanka opens to trams at last, — Sky News",
            "Lakeside builders were the first to walk across it with their families and friends.",
        ),
    ],
)
def test_a_headline_without_a_source_or_before_a_name_is_parted_too(
    language: ArticleLanguage, headline: str, lead: str
) -> None:
    text = f"{headline} {lead}"
    assert summarise(text[:130], text, language=language) == lead


@pytest.mark.parametrize(
    ("language", "lead"),
    [
        ("uk", "Ще один міст через Веснянку відкриють у Дніпрогаї наступного тижня."),
        ("uk", "При будівництві мосту в Дніпрогаї знайшли човен доби козацтва."),
        ("other", "Ещё один мост через Веснянку откроют в Днепрогае на будущей неделе."),
        ("other", "При строительстве моста в Днепрогае нашли лодку времён казаков."),
        ("en", "Another bridge over the Vesnyanka will open in Lakeside next week."),
    ],
)
def test_the_first_sentence_may_compare(language: ArticleLanguage, lead: str) -> None:
    following = NEWS[language][2]
    assert summarise("Мости", f"{lead} {following}", language=language) == f"{lead} {following}"


@pytest.mark.parametrize("language", NEWS)
def test_a_headline_of_its_own_line_is_not_parted(language: ArticleLanguage) -> None:
    _, lead, following = NEWS[language]
    headline = f"{NEWS[language][0]} — Oksana Гринчак про мости, о мостах and bridges of the 2020s"
    text = f"{headline}\n\n{lead}\n\n{following}"
    assert summarise(headline, text, language=language) == f"{lead} {following}"


@pytest.mark.parametrize("language", NEWS)
def test_a_title_that_broke_off_within_its_only_sentence_is_completed(
    language: ArticleLanguage,
) -> None:
    _, lead, following = NEWS[language]
    half = lead.index(" ", len(lead) // 2)
    title, text = f"🚁 {lead[:half]}…", f"…{lead[half + 1 : -1]}\n\n{following}"
    assert summarise(title, text, language=language) == f"{lead} {following}"


@pytest.mark.parametrize("language", NEWS)
def test_the_items_of_a_list_are_left_out_with_its_introduction(
    language: ArticleLanguage,
) -> None:
    title, lead, following = NEWS[language]
    items = ["Ferry 640 Днепрогай Дніпрогай тричі на день", "tram Маяк Веснянка двічі на годину"]
    inline = " ".join(f"➡️ {item}" for item in items)
    lines = "\n".join(f"• {item.lower()}" for item in items)
    for listed in (f"{following[:-1]}: {inline}", f"{following[:-1]}:\n{lines}"):
        assert summarise(title, f"{lead} {listed}", language=language) == lead


@pytest.mark.parametrize("language", NEWS)
def test_lines_that_a_page_broke_within_a_sentence_are_joined(language: ArticleLanguage) -> None:
    title, lead, following = NEWS[language]
    third, half = len(lead) // 3, len(following) // 2
    broken = lead[:third] + lead[third:].replace(" ", "\n", 1)
    text = f"{broken}\n{following[:half]}{following[half:].replace(' ', chr(10), 1)}"
    assert summarise(title, text.replace("\n2", " 2"), language=language) == f"{lead} {following}"


@pytest.mark.parametrize("language", NEWS)
def test_quotation_marks_of_a_table_around_a_text_are_no_quotation(
    language: ArticleLanguage,
) -> None:
    title, lead, following = NEWS[language]
    second = following.replace(" ", ' ""Маяк"" ', 1)
    whole = f"{lead} {second}".replace('""', '"')
    assert summarise(title, f'"{lead} {second}"', language=language) == whole


@pytest.mark.parametrize("language", NEWS)
def test_a_sentence_that_says_the_lead_again_in_more_words_is_left_out(
    language: ArticleLanguage,
) -> None:
    title, lead, following = NEWS[language]
    longer = f"{lead[:-1]}, {'Маяк, Взморье, Заозерье, Приречье, Hrynchak, Kovhaniuk, ' * 2}2026."
    assert summarise(title, f"{lead} {longer} {following}", language=language) == (
        f"{lead} {following}"
    )


@pytest.mark.parametrize(
    ("language", "appeal"),
    [
        ("uk", "Отримуйте новини міста щоранку на свою електронну пошту."),
        ("uk", "Деталі операції обіцяють розкрити згодом, кажуть у мерії."),
        ("other", "Получайте новости города каждое утро на свою почту."),
        ("other", "Подробности происшествия в полиции обещают сообщить позже."),
        ("en", "Get the Harbour Courier delivered through your letterbox every month."),
        ("en", "Start your day with the morning letter of the Harbour Courier."),
        ("en", "Further details of works on two banks will be announced later."),
    ],
)
def test_an_offer_or_a_promise_of_details_is_left_out(
    language: ArticleLanguage, appeal: str
) -> None:
    title, lead, following = NEWS[language]
    text = f"{lead} {appeal} {following}"
    assert summarise(title, text, language=language) == f"{lead} {following}"


@pytest.mark.parametrize(
    ("language", "adding"),
    [
        ("uk", "Міський голова також пообіцяв відремонтувати набережну та порт."),
        ("other", "Городской голова также пообещал отремонтировать набережную и порт."),
        ("en", "Recently, though, fishermen have complained of noise and muddy water."),
    ],
)
def test_what_adds_to_a_sentence_that_was_left_out_is_left_out_too(
    language: ArticleLanguage, adding: str
) -> None:
    title, lead, _ = NEWS[language]
    dropped = ASIDES[language][0]
    assert summarise(title, f"{lead} {dropped} {adding}", language=language) == lead


@pytest.mark.parametrize("language", NEWS)
def test_of_a_list_alone_nothing_is_told_but_its_headline(language: ArticleLanguage) -> None:
    title, lead, following = NEWS[language]
    items = f"▪️ {lead}\n▪️ {following[:1].lower()}{following[1:]}"
    assert summarise(f"{title}:", items, language=language) == ""
    assert summarise(title, f"{lead[:-1]}:\n{items}", language=language) == ""


def test_a_name_with_a_stop_within_quotation_marks_is_one() -> None:
    lead = "У Дніпрогаї суд заборонив «Маяк.Інфо» публікувати розслідування про мости міста."
    assert summarise(TITLE, f"{lead} {THIRD}") == f"{lead} {THIRD}"


@pytest.mark.parametrize("language", NEWS)
def test_what_a_late_sentence_recalls_goes_on_to_the_end_of_its_paragraph(
    language: ArticleLanguage,
) -> None:
    title, lead, following = NEWS[language]
    long = "На березі Lakeside Днепрогай " + "чекали ждали waited " * 30 + "."
    recalled = f"{ASIDES[language][{'en': 2}.get(language, 0)]} Тоді тогда then на березі 2019."
    text = f"{lead} {long} {following} {recalled}"
    assert summarise(title, text, language=language) == f"{lead} {following}"


@pytest.mark.parametrize("button", ["Читати далі –>", "Читать дальше >>", "Read more →"])
def test_a_button_between_two_items_is_left_out(button: str) -> None:
    assert summarise(TITLE, f"{LEAD} {button} {SECOND} {button}") == f"{LEAD} {SECOND}"


@pytest.mark.parametrize("language", NEWS)
def test_the_lead_is_kept_whatever_follows(language: ArticleLanguage) -> None:
    title, lead, following = NEWS[language]
    richer = [f"{following[:-1]}, {title} {number}." for number in range(100, 109)]
    assert summarise(title, " ".join((lead, *richer)), language=language).startswith(lead)


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        (f"Як повідомляє «Маяк», у{LEAD[1:]}", LEAD),
        (f"Как сообщает «Маяк», в{RU_LEAD[1:]}", RU_LEAD),
        (f"LAKESIDE (Courier) — {EN_LEAD}", EN_LEAD),
        (f"July 6 (HCN) -- {EN_LEAD}", EN_LEAD),
        (f"ДНЕПРОГАЙ, 5 авг — Маяк. {RU_LEAD}", RU_LEAD),
        (f"{LEAD[:-1]} (ФОТО).", LEAD),
        (f"MILAN, Nov 17 — {EN_LEAD}", EN_LEAD),
        (f"TOKYO (Nov 14): {EN_LEAD}", EN_LEAD),
        (f"Milan - The {EN_LEAD}", f"The {EN_LEAD}"),
        (f"1 / 22People at the river By Mary Baker LAKESIDE (Courier) - {EN_LEAD}", EN_LEAD),
        (f"РИАМО - 25 мая. {RU_LEAD}", RU_LEAD),
        (f"МАЯК, 17 мая. {RU_LEAD}", RU_LEAD),
        (f"{RU_LEAD[:-1]} (укр.).", RU_LEAD),
        (f"LAKESIDE — {EN_LEAD}", EN_LEAD),
        (f"NEW HARBOUR — {EN_LEAD}", EN_LEAD),
        (f"НЬЮ-ПРИРЕЧЬЕ, 6 мая (Маяк) - {RU_LEAD}", RU_LEAD),
        (f"ПРИРЕЧЬЕ. ВЗМОРЬЕИНФОРМ – {RU_LEAD}", RU_LEAD),
        (f"ПРИРЕЧЬЕ, 6 ноября, МаякПресс. {RU_LEAD}", RU_LEAD),
        (f"ДНІПРОГАЙ (Маяк) — {LEAD}", LEAD),
        (f"ПРИРЕЧЬЕ, 29 июня. /МАЯК/. {RU_LEAD}", RU_LEAD),
        (f"ДНІПРОГАЙ. 3 грудня. МВН. {LEAD}", LEAD),
        (f"{RU_LEAD[:-1]} Приречье, 17 мая.", RU_LEAD),
        (f"{LEAD[:-1]} Дніпрогай, 17 травня.", LEAD),
        (f"Лев и Анна Кораблёвы {RU_LEAD}", RU_LEAD),
        (f"Оксана Гринчак {LEAD}", LEAD),
        (f"Фото: Пошта Веснянки {LEAD}", LEAD),
        (f"Фото: Почта Взморья {RU_LEAD}", RU_LEAD),
        (f"Photo: Harbour Office At night b{EN_LEAD[1:]}", f"At night b{EN_LEAD[1:]}"),
        (f"by Mary Baker Monday, August 3, 2026 {EN_LEAD}", EN_LEAD),
        (f"Мости міста | {LEAD}", LEAD),
        (f"| | Мости міста. {LEAD}", LEAD),
        (f"{LEAD[:-1]} за 2 млрд. Фото: архів «Маяка»", f"{LEAD[:-1]} за 2 млрд."),
        (f"{RU_LEAD} Источник, фото: mayak.example", RU_LEAD),
        (f"{EN_LEAD} Photo: Harbour Office", EN_LEAD),
        (f"{LEAD[:10]}[{LEAD[10:20]}](https://mist.example/a?b=1){LEAD[20:]}", LEAD),
    ],
)
def test_who_reported_it_and_where_is_taken_off_the_lead(text: str, summary: str) -> None:
    assert summarise("Мости міста", text) == summary


def test_a_headline_that_only_begins_the_first_sentence_is_no_headline() -> None:
    sentence = f"{TITLE} у неділю, хоча добудувати його мали ще минулої весни."
    assert summarise(TITLE, f"{sentence} {LEAD}") == f"{sentence} {LEAD}"


def test_the_introduction_of_a_list_is_left_out() -> None:
    assert summarise(TITLE, f"{LEAD}\nРух обмежать на таких вулицях міста:\nпо Річковій;") == LEAD


def test_the_end_of_a_text_that_was_cut_is_left_out() -> None:
    assert summarise(TITLE, f"{LEAD} Споруда завдовжки 640 метрів має чотири") == LEAD


def test_english_news_comes_back_to_what_matters() -> None:
    lead = "The mayor of Lakeside opened a new bridge over the river on Monday morning."
    aside = "Children from three schools sang songs and ate ice cream all day long."
    weather = "Sunshine warmed visitors, and vendors sold lemonade beside colourful tents."
    parade = "Dancers followed drummers along the embankment towards an old lighthouse."
    main = "The bridge cost the city 210 million crowns, the mayor of Lakeside said on Monday."
    text = f"{lead} {aside} {weather} {parade} {main}"
    assert main in summarise("Lakeside celebrates", text, language="en")
    assert summarise("Lakeside celebrates", text, language="en").startswith(lead)


@pytest.mark.parametrize(
    "text",
    [
        "🎉" * 100_000,
        "слово " * 350_000,
        "Міст відкрили. " * 140_000,
        "«" * 100_000,
        '" ' * 100_000,
        "\n" * 2_000_000,
        "a\ud800b\0" * 1000,
        "Міст opens сегодня новий bridge через ріку. " * 9,
    ],
    ids=["emoji", "words", "sentences", "quotes", "marks", "lines", "surrogates", "mixed"],
)
def test_odd_and_endless_texts_have_plain_summaries(text: str) -> None:
    assert len(summarise(TITLE, text)) <= MAX_CHARS


@given(st.text(), st.text(max_size=3000), st.sampled_from(("en", "uk", "other")))
def test_a_summary_always_fits(title: str, text: str, language: ArticleLanguage) -> None:
    assert len(summarise(title, text, language=language)) <= MAX_CHARS


@given(st.permutations((LEAD, SECOND, THIRD, FOURTH, "Він довгий, як життя, і новий, як день.")))
def test_a_summary_is_whole_sentences_in_the_order_of_the_article(order: list[str]) -> None:
    chosen = [sentence for sentence in order if sentence in summarise(TITLE, " ".join(order))]
    assert summarise(TITLE, " ".join(order)) == " ".join(chosen)
    assert 1 <= len(chosen) <= 3


PAGE_TITLE = "Три города у Веснянки договорились о строгих правилах против сделки о песке"
PAGE = f"""UA / RU
Поддержать Harbour.example

{PAGE_TITLE}

Заозерье хочет от Приречья помощи в  постройке барж, тогда как Приречье ищет больше песка.

Послы трёх городов согласились ввести строгие правила для сделок. Об этом сообщает «Маяк».

Посол Лев Кораблёв встретился с коллегами в порту 22 сентября, чтобы обсудить торговлю песком.

Читайте также: Мэр Заозерья обсудил пути "полной и всесторонней" торговли песком

Ранее в этом месяце мэр Заозерья встретился с мэром Приречья на фоне растущего беспокойства.

Они пообещали работать вместе, чтобы жёстко отвечать на угрозы реке.

Читайте также: Совет Днепрогая вызвал посла Приречья из-за торговли песком

У реки встретились мэры. О том, «Чем опасен песок», читайте в статье Дарьи Ковганюк."""


def test_a_page_as_plain_text_has_a_clean_summary() -> None:
    assert summarise(PAGE_TITLE, PAGE) == (
        "Заозерье хочет от Приречья помощи в постройке барж, тогда как Приречье ищет больше песка."
        " Послы трёх городов согласились ввести строгие правила для сделок. Посол Лев Кораблёв"
        " встретился с коллегами в порту 22 сентября, чтобы обсудить торговлю песком."
    )
