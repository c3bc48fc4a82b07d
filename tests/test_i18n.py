import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import bot
from bot.i18n import LOCALES, closest_language, speak
from bot.model import LANGUAGES, Language
from tests.support.fakes import NOON

CODE = Path(bot.__file__).parent
TAGS = re.compile(r"</?[a-z]+>|/[a-z]{3,}|\{\w+\}")
# What a person types at a terminal is in no language.
CODE_TAG = re.compile(r"<code>.*?</code>")


def catalogue(language: Language) -> Catalog:
    with (LOCALES / f"{language}.po").open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


def sentences_of_the_code() -> set[str]:
    """Return every sentence passed to `say(…)`, `say.plain(…)` or `say.plural(…)`."""
    found: set[str] = set()
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "say",
                "say.plain",
                "say.plural",
            ):
                assert isinstance(node.args[0], ast.Constant), ast.unparse(node)
                found.add(str(node.args[0].value))
    return found


def forms(translation: object) -> tuple[str, ...]:
    """Return the forms of what gettext holds as one text, or as several for plurals."""
    return (
        tuple(map(str, translation))
        if isinstance(translation, tuple | list)
        else (str(translation),)
    )


def sentences(language: Language) -> dict[str, tuple[str, ...]]:
    """Return what each English sentence is in the language, in all its plural forms."""
    return {
        forms(message.id)[0]: forms(message.string) for message in catalogue(language) if message.id
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_the_sentences_of_the_code_and_no_others(language: Language) -> None:
    assert sentences(language).keys() == sentences_of_the_code()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated_and_none_is_fuzzy(language: Language) -> None:
    assert all(all(translations) for translations in sentences(language).values())
    assert not [message.id for message in catalogue(language) if message.id and message.fuzzy]


@pytest.mark.parametrize("language", ["uk", "ru"])
def test_a_translation_has_the_tags_commands_and_values_of_the_original(
    language: Language,
) -> None:
    for english, translations in sentences(language).items():
        allowed = set(TAGS.findall(english)) | {"{count}"}
        for form in translations:
            assert set(TAGS.findall(form)) <= allowed, form
            assert set(TAGS.findall(english)) - {"{count}", "/topics", "/latest"} <= set(
                TAGS.findall(form)
            ), form


@pytest.mark.parametrize("language", ["uk", "ru"])
def test_no_english_reaches_a_reader_of_another_language(language: Language) -> None:
    for english, translations in sentences(language).items():
        for form in translations:
            # Example addresses are the same in all languages.
            text = re.sub(r"\bexample\.com\S*", " ", TAGS.sub(" ", CODE_TAG.sub(" ", form)))
            words = re.findall(r"[A-Za-z]{2,}", text)
            assert set(words) <= {"ReadAlso", "RSS", "OPML"}, english


@pytest.mark.parametrize(
    ("language", "count", "words"),
    [
        ("uk", 1, "1 новина"),
        ("uk", 2, "2 новини"),
        ("uk", 5, "5 новин"),
        ("ru", 1, "1 новость"),
        ("ru", 3, "3 новости"),
        ("ru", 11, "11 новостей"),
        ("en", 1, "1 story"),
        ("en", 2, "2 stories"),
    ],
)
def test_plural_forms_are_right(language: Language, count: int, words: str) -> None:
    assert words in speak(language).plural(
        "Here is {count} story to begin with.",
        "Here are {count} stories to begin with.",
        count,
    )


def test_values_are_escaped_in_html_and_plain_in_buttons() -> None:
    sentence = "Your topics: <b>{topics}</b>."
    assert speak("en")(sentence, topics="R&D <x>") == "Your topics: <b>R&amp;D &lt;x&gt;</b>."
    assert speak("en").plain(sentence, topics="R&D") == "Your topics: <b>R&D</b>."


@pytest.mark.parametrize(
    ("ago", "language", "words"),
    [
        (timedelta(hours=2), "uk", "2 години тому"),
        (timedelta(days=5), "ru", "5 дней назад"),
        (timedelta(minutes=1), "en", "1 minute ago"),
        (timedelta(hours=-1), "en", "1 minute ago"),
    ],
)
def test_ages_are_in_words_and_never_in_the_future(
    ago: timedelta, language: Language, words: str
) -> None:
    assert speak(language).age(NOON - ago, now=NOON) == words


def test_languages_have_names_in_each_language() -> None:
    assert speak("uk").language_name("en") == "англійська"
    assert speak("en").language_name("uk") == "Ukrainian"


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("uk", "uk"),
        ("uk-UA", "uk"),
        ("RU", "ru"),
        ("be", "ru"),
        ("kk", "ru"),
        ("en-GB", "en"),
        ("de", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_a_language_tag_has_its_closest_language(code: str | None, language: Language) -> None:
    assert closest_language(code) == language


@given(st.text())
def test_any_code_has_a_closest_language(code: str) -> None:
    assert closest_language(code) in LANGUAGES


TERMS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (CODE.parent / "docs" / "terms.md").read_text("utf-8").splitlines()
    if line.startswith("|") and not line.startswith(("|---", "|English"))
]
# Headings, and sentences in which the thing needs no name of its own there.
NAMELESS = re.compile(r"^(?:🔔 <i>because you follow|➕ Follow|Keep my settings)")


def spoken(text: str) -> str:
    """Return a sentence without what is typed, and without names of fields."""
    return re.sub(r"/\w+|\{\w+\}|<[^>]+>", " ", CODE_TAG.sub(" ", text)).casefold()


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term[0])
def test_one_thing_has_one_word_in_each_language(term: list[str]) -> None:
    """Mend the catalogue, or add the word to docs/terms.md after a `·`."""
    english, ukrainian, russian, never = term
    named = re.compile(rf"\b{english}s?\b")
    stems_of: dict[Language, str] = {"uk": ukrainian, "ru": russian}
    for language, stems in stems_of.items():
        of_term = sentences(language)
        for sentence, translations in of_term.items():
            for text in map(spoken, translations):
                assert not any(stem in text for stem in never.split(", ")), (language, text)
                if named.search(spoken(sentence)) and not NAMELESS.search(sentence):
                    assert any(stem in text for stem in stems.split("·")), (
                        language,
                        sentence,
                        text,
                    )
