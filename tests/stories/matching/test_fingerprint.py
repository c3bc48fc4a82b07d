import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.matching.cleaning import MAX_BODY_CHARS
from bot.stories.matching.fingerprint import (
    MAX_SEARCH_KEYS,
    fingerprint,
    pack,
    search_keys,
    title_key,
    unpack,
)
from bot.text.vocabulary import idf

TITLE = "Землетрясение магнитудой 6,8 произошло у берегов Чили"
LEAD = (
    "Подземные толчки зафиксированы в 40 км от города Вальпараисо. Президент Борич ввел режим ЧП."
)


@given(st.text(max_size=400), st.text(max_size=2000))
def test_a_packed_fingerprint_is_unpacked_unchanged(title: str, text: str) -> None:
    kept = fingerprint(title, text)
    assert unpack(pack(kept)) == kept


@pytest.mark.parametrize("text", ["", "x", "\0\ud800", "🙂" * 500, "1 " * 5000, "слово " * 300_000])
def test_the_worst_text_has_a_small_fingerprint(text: str) -> None:
    assert len(pack(fingerprint(text, text)).encode()) <= 4000


def test_an_ordinary_article_takes_less_than_two_kilobytes() -> None:
    words = " ".join(f"повідомлення{place}" for place in range(200))
    assert len(pack(fingerprint(TITLE, LEAD + words)).encode()) <= 2000


def test_the_end_of_a_long_text_is_not_read() -> None:
    assert fingerprint(TITLE, "а" * MAX_BODY_CHARS) == fingerprint(
        TITLE, "а" * MAX_BODY_CHARS + " Вулкан"
    )


def test_names_and_numbers_of_the_title_are_kept() -> None:
    kept = fingerprint(TITLE, LEAD)
    assert kept.title_quantities == {"n:6.8"}
    assert kept.quantities == {"n:6.8", "km:40"}
    assert {"=vlpr", "=brk"} <= kept.names


def test_a_headline_in_title_case_has_only_rare_names() -> None:
    kept = fingerprint("Minister Lindgren Meets President In The City", "")
    assert kept.names == fingerprint("then Lindgren", "").names


@pytest.mark.parametrize(
    ("title", "kinds"),
    [
        ("Why the bridge fell", {"feature"}),
        ("Тайны моста. Что стоит за аварией", {"feature"}),
        ("Міст упав: чому мовчить влада?", {"feature"}),
        ("Live updates: bridge falls", {"live"}),
        ("Головне за день: міст упав", {"digest"}),
        ("Міст упав", set()),
        ("Мэр рассказал, что мост упал", set()),
    ],
)
def test_a_headline_tells_what_is_no_plain_news(title: str, kinds: set[str]) -> None:
    assert fingerprint(title, "").kinds == kinds


def test_quoted_outlets_are_kept() -> None:
    quoted = fingerprint("Міст упав, — Reuters", "Про це писала і Financial Times.")
    assert quoted.outlets == {"reuters", "financialtimes"}


def test_words_that_newspapers_choose_between_are_one_key() -> None:
    one, other = fingerprint("Kuno ousts Lind", ""), fingerprint("Куно звільнив Лінда", "")
    assert one.title & other.title == {"dismiss"}


def test_a_fingerprint_of_an_earlier_version_can_be_compared() -> None:
    earlier = "bridg\ncity\n=lndgrn\n17\nclose\nclose deny"
    kept = unpack(earlier)
    assert kept.title == {"bridg"}
    assert kept.lead == {"bridg", "city"}
    assert kept.names == {"=lndgrn"}
    assert kept.title_events == {"close"}
    assert kept.events == {"close", "deny"}
    assert not kept.quantities


def test_articles_in_three_languages_share_keys() -> None:
    english = fingerprint("Magnitude 6.8 earthquake strikes off Chile", "It hit near Valparaiso.")
    assert set(search_keys(english)) & set(search_keys(fingerprint(TITLE, LEAD)))


def test_the_search_keys_are_the_rarest() -> None:
    text = LEAD + " ".join(f"слово{place} президент правительство область" for place in range(40))
    asked = search_keys(fingerprint(TITLE, text))
    assert len(asked) == MAX_SEARCH_KEYS
    assert list(map(idf, asked)) == sorted(map(idf, asked), reverse=True)


@pytest.mark.parametrize("packed", ["", "a\nb", "\n" * 10])
def test_an_invalid_packed_fingerprint_is_refused(packed: str) -> None:
    with pytest.raises(ValueError, match="unpack"):
        unpack(packed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Парламент ухвалив бюджет на рік", "ПАРЛАМЕНТ УХВАЛИВ БЮДЖЕТ НА РІК!"),
        ("Новый мост открыли в Приречье", "В Приречье открыли новый мост"),
        ("Surf win the Valmora cup", "«Surf» win “Valmora” cup…"),
        ("Пожежа в порту Лугового", "⚡️ Терміново: пожежа в порту Лугового (ВІДЕО)"),
        ("Storm closes the harbour", "[Harbour Courier] Storm closes the harbour | Courier"),
        ("Обʼєднання громад схвалено", "Об'єднання громад схвалено"),
    ],
)
def test_the_same_words_make_the_same_key(one: str, other: str) -> None:
    assert title_key(one) == title_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Порт працюватиме взимку", "Порт не працюватиме взимку"),
        ("Storm closes the harbour", "Storm opens the harbour"),
        ("Велодень у Луговому — день 2-й", "Велодень у Луговому — день 3-й"),
        ("Прибій обіграв Речник 2:1", "Прибій обіграв Речник 3:1"),
    ],
)
def test_one_different_word_makes_another_key(one: str, other: str) -> None:
    assert title_key(one) != title_key(other)


@pytest.mark.parametrize("title", ["", "!!!", "Погода на завтра", "Фото дня", "[Fire]"])
def test_a_title_of_few_words_has_no_key(title: str) -> None:
    assert title_key(title) == ""


@given(st.lists(st.text("абвгґдеєжзиіїйклм", min_size=1)))
def test_order_and_case_never_matter(said: list[str]) -> None:
    assert title_key(" ".join(reversed(said)).upper()) == title_key(" ".join(said))
