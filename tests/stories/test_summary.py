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


def test_a_headline_glued_before_the_text_is_left_out() -> None:
    assert summarise(TITLE, f"{TITLE} {LEAD}") == LEAD


def test_a_text_that_only_repeats_the_headline_has_no_summary() -> None:
    assert summarise(TITLE, TITLE) == ""


@pytest.mark.parametrize("text", ["", " \n ", "UA / RU", "На зорі", "Читати далі"])
def test_a_text_that_says_nothing_has_no_summary(text: str) -> None:
    assert summarise(TITLE, text) == ""


def test_what_is_not_the_article_is_left_out() -> None:
    text = f"UA / RU\n{LEAD}\nЧитайте також: Старий міст зачинено\nПро це повідомляє мерія."
    assert summarise(TITLE, text) == LEAD


def test_a_subtitle_gets_the_stop_that_it_lacks() -> None:
    assert summarise(TITLE, f"{LEAD[:-1]}\n{SECOND}") == f"{LEAD} {SECOND}"


def test_the_sentence_that_the_feed_broke_off_goes_when_another_is_whole() -> None:
    assert summarise(TITLE, f"{LEAD} Споруда завдовжки 640 метрів має чотири […]") == LEAD


@pytest.mark.parametrize("ending", ["…", "...", " [...]", " […] Читати далі"])
def test_a_broken_sentence_alone_stays_and_ends_in_dots(ending: str) -> None:
    assert summarise(TITLE, LEAD[:-1] + ending) == f"{LEAD[:-1]}…"


def test_what_was_said_already_is_not_said_again() -> None:
    again = "Першими ним разом із родинами пройшли у Дніпрогаї будівельники."
    assert summarise(TITLE, f"{LEAD} {again} {SECOND}") == f"{LEAD} {SECOND}"


def test_old_news_gives_way_to_what_is_new() -> None:
    recalled = "Нагадаємо, будівництво мосту розпочали за попереднього міського голови."
    text = f"{LEAD} {recalled} {SECOND} {THIRD}"
    assert recalled not in summarise(TITLE, text)


def test_half_a_quotation_gives_way() -> None:
    half = "«Це найкращий день мого життя, сказала мешканка лівого берега Оксана."
    assert summarise(TITLE, f"{half} {LEAD} {SECOND} {THIRD}") == f"{LEAD} {SECOND} {THIRD}"


def test_a_short_remark_does_not_fill_up_a_summary() -> None:
    assert summarise(TITLE, f"{LEAD} Деталі уточнюють у поліції.") == LEAD


def test_a_short_sentence_is_better_than_none() -> None:
    assert summarise(TITLE, "Деталі уточнюють у поліції.") == "Деталі уточнюють у поліції."


def test_a_sentence_too_long_is_passed_over_for_one_that_fits() -> None:
    assert summarise(TITLE, f"{LEAD[:-1]}{' дуже довга' * 60}. {SECOND}") == SECOND


def test_a_sentence_too_long_is_cut_at_a_word_when_there_is_no_other() -> None:
    made = summarise(TITLE, "Міст, який чекали " + "довгі-довгі роки, " * 60)
    assert len(made) <= MAX_CHARS
    assert made.endswith(("роки…", "довгі…"))


def test_one_endless_word_is_cut_where_it_must_be() -> None:
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


def test_a_sentence_that_leans_comes_only_after_the_one_it_leans_on() -> None:
    leaning = "Він завдовжки 640 метрів і має чотири смуги та трамвайну колію до станції."
    assert summarise(TITLE, f"{LEAD} {leaning}") == f"{LEAD} {leaning}"
    assert summarise(TITLE, f"{LEAD} Про це повідомила мерія. {leaning}") == LEAD


def test_a_sentence_out_of_the_middle_of_a_quotation_is_left_out() -> None:
    middle = "Споруда стоятиме довше за нас усіх і за наших онуків у цьому місті."
    text = f"{LEAD} «Ми дуже раді. {middle} Дякуємо всім», сказав мер. {THIRD}"
    assert summarise(TITLE, text) == f"{LEAD} {THIRD}"


def test_a_quotation_alone_is_better_than_nothing() -> None:
    half = "«Це найкращий день мого життя, сказала мешканка лівого берега Оксана."
    assert summarise(TITLE, half) == half


def test_a_teaser_for_another_article_is_left_out_with_its_paragraph() -> None:
    lure = "Мости у світі будують роками. Чому так довго, читайте у статті Дарини Ковганюк."
    assert summarise(TITLE, f"{LEAD}\n{lure}") == LEAD


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
