import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import LANGUAGES, ArticleLanguage, Language
from bot.stories.language import detect_language


@pytest.mark.parametrize(
    ("title", "language"),
    [
        ("У Дніпрогаї відкрили новий міст через річку", "uk"),
        ("В Днепрогае открыли новый мост через реку", "ru"),
        ("Обвал цен на какао объяснили", "ru"),
        ("The new bridge over the river is open", "en"),
        ("Der Bundestag hat am Freitag das neue Gesetz beschlossen", "other"),
        ("Le maire a annoncé une réforme des transports", "other"),
        ("Sejm przyjął ustawę o podatkach, rząd zadowolony", "other"),
        ("Mestská rada schválila nový rozpočet, opozícia kritizuje návrh", "other"),
        ("Президентът обясни законът за бюджета, съдът го подкрепи и върна в събранието", "other"),
        ("Прэм'ер-міністр заявіў, што ўрад не будзе змяняць бюджэт краіны", "other"),
        ("Гараж быў адчынены, і рамонт ідзе цэлы дзень, кажуць жыхары вёскі", "other"),
        ("Қала әкімі жаңа көпірді ашты және халыққа сөз сөйледі", "other"),
        ("Влада је усвојила буџет за следећу годину", "other"),
        ("Правителството прие нов бюджет за следващата година", "other"),
        ("De regering heeft de nieuwe begroting voor volgend jaar goedgekeurd", "other"),
        ("日本の首相が新しい法案を発表しました。国会は来週審議", "other"),
    ],
)
@pytest.mark.parametrize("prior", LANGUAGES)
def test_a_text_is_detected_against_the_feeds_language(
    title: str, language: ArticleLanguage, prior: Language
) -> None:
    assert detect_language(title, "", prior=prior) == language


@pytest.mark.parametrize("prior", LANGUAGES)
@pytest.mark.parametrize("title", ["", "12345", "Galaxy S30", "Mercury Falcon Ultra Pro", "🎉🎉🎉"])
def test_a_text_too_short_to_detect_has_the_feeds_language(title: str, prior: Language) -> None:
    assert detect_language(title, "", prior=prior) == prior


@pytest.mark.parametrize(
    ("title", "prior", "language"),
    [
        ("Парламент продовжив мандат посла", "uk", "uk"),
        ("Парламент продлил мандат посла", "uk", "uk"),
        ("Парламент продлил мандат посла", "ru", "ru"),
        ("Парламент продлил мандат посла", "en", "ru"),
        ("Что известно о мосте", "uk", "ru"),
        ("Мост через реку строят два года", "uk", "ru"),
        ("Погода на завтра та на вихідні", "ru", "uk"),
        (
            "Над городом сегодня весь день шел сильный дождь, но вечером небо стало ясное",
            "ru",
            "ru",
        ),
        (
            "Над городом сегодня весь день лил сильный дождь, но вечером над рекой небо ясное",
            "uk",
            "ru",
        ),
        ("Погода чудова, завтра та у неділю", "en", "uk"),
        ("Stocks slide, oil jumps, markets brace, Fed silent, gold climbs", "en", "en"),
        ("Stocks slide, oil jumps, markets brace, Fed silent, gold climbs", "uk", "en"),
        ("Microsoft показала новую версию Windows Mobile Edition", "en", "ru"),
        ("Порт та мол", "uk", "uk"),
        ("Форум у порту: план", "ru", "ru"),
        ("Форум у порту: план", "uk", "uk"),
        ("Курс долара на завтра", "uk", "uk"),
        ("Прогноз погоди на завтра", "uk", "uk"),
        ("Дякую вам за цей день", "uk", "uk"),
        ("Порошенка не випустили за кордон: прикордонники назвали причину", "uk", "uk"),
        ("Погода на завтра, що ще треба знати", "ru", "uk"),
        ("Погода на завтра и что еще надо знать", "uk", "ru"),
    ],
)
def test_the_feed_decides_only_if_the_words_do_not(
    title: str, prior: Language, language: ArticleLanguage
) -> None:
    assert detect_language(title, "", prior=prior) == language


def test_the_text_outweighs_a_foreign_name_in_the_title() -> None:
    text = "Нова камера смартфона знімає вночі, як удень, пояснили розробники на презентації."
    assert detect_language("Mercury Falcon Ultra Pro Max", text, prior="en") == "uk"


@pytest.mark.parametrize(
    "text", ["a\ud800b" * 9, "\0" * 99, "слово " * 400_000, "İ" * 2000, "ß\n" * 99]
)
def test_any_text_has_a_language(text: str) -> None:
    assert detect_language(text, text, prior="uk") in (*LANGUAGES, "other")


@given(st.text(), st.sampled_from(LANGUAGES))
def test_a_text_without_enough_letters_has_the_feeds_language(text: str, prior: Language) -> None:
    few = "".join(letter for letter in text if not letter.isalpha())
    assert detect_language(few, "", prior=prior) == prior


@given(st.text("абвгґдеєжзиіїйклмы,.-", max_size=200), st.sampled_from(LANGUAGES))
def test_case_and_space_do_not_change_the_language(text: str, prior: Language) -> None:
    loud = f" \n {text.upper()}  \t"
    assert detect_language(loud, "", prior=prior) == detect_language(text, "", prior=prior)
