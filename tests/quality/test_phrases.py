from dataclasses import replace

from bot.model import LANGUAGES
from quality.phrases import LISTS, TypedSentence, read_list, report

# Typed as people do in a hurry, with slips and slang.
_HURRIED = "typed_sixth"


def test_no_typed_sentence_of_the_lists_is_misread_and_few_are_refused() -> None:
    for name in LISTS:
        sentences = read_list(name)
        wrong = [each for each in sentences if each.outcome == "misread"]
        assert wrong == []
        for language in LANGUAGES:
            own = [each for each in sentences if each.language == language]
            refused = [each for each in own if each.outcome == "refused"]
            most = 0.15 if name == _HURRIED else 0.05
            assert len(refused) <= most * len(own), refused


def test_an_outcome_compares_what_was_found_with_what_was_meant() -> None:
    found = ["hourly", "asked", None, "at once", "search"]
    outcomes = [TypedSentence("en", "when", "hourly", "hourly", each).outcome for each in found]
    assert outcomes == ["understood", "asked back", "refused", "misread", "refused"]
    assert TypedSentence("en", "when", "soon", "asked", "asked").outcome == "asked back"
    asked = TypedSentence("en", "free", "more art", "search", "topics", ("topics", "search"))
    assert asked.outcome == "asked back"
    assert replace(asked, meaning="latest").outcome == "refused"
    assert replace(asked, offered=()).outcome == "misread"
    assert "|typed_first|en|" in report()
