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
