import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot_playground.formatting.entities import entity_text, fix_formatted_text, utf16_length
from bot_playground.formatting.html import FormattedText


def entity(kind: str, offset: int, length: int) -> dict[str, object]:
    return {"type": kind, "offset": offset, "length": length}


def test_white_space_at_both_ends_is_cut_off_and_entities_move() -> None:
    marked = fix_formatted_text(
        FormattedText("\n 👍 bold \n", [entity("bold", 0, 10), entity("italic", 0, 2)])
    )
    assert marked == FormattedText("👍 bold", [entity("bold", 0, 7)])


def test_control_characters_become_spaces() -> None:
    assert fix_formatted_text(FormattedText("a\x07b\x1fc\td\ne")).text == "a b c\td\ne"


def test_an_entity_of_white_space_is_dropped() -> None:
    assert fix_formatted_text(FormattedText("a   b", [entity("bold", 1, 3)])).entities == []


def test_code_holds_no_other_entity() -> None:
    given_ = [entity("code", 0, 5), entity("bold", 1, 2), entity("italic", 0, 5)]
    assert fix_formatted_text(FormattedText("hello", given_)).entities == [entity("code", 0, 5)]


def test_pre_takes_precedence_over_code() -> None:
    given_ = [entity("code", 0, 5), entity("pre", 0, 5)]
    assert fix_formatted_text(FormattedText("hello", given_)).entities == [entity("pre", 0, 5)]


def test_a_duplicate_entity_is_dropped() -> None:
    given_ = [entity("bold", 0, 5), entity("bold", 0, 5)]
    assert fix_formatted_text(FormattedText("hello", given_)).entities == [entity("bold", 0, 5)]


def test_a_blockquote_may_contain_code() -> None:
    given_ = [entity("pre", 0, 5), entity("blockquote", 0, 5)]
    assert fix_formatted_text(FormattedText("hello", given_)).entities == [given_[1], given_[0]]


def test_outer_entities_come_first() -> None:
    given_ = [entity("bold", 1, 1), entity("spoiler", 0, 3), entity("underline", 0, 3)]
    kinds = [it["type"] for it in fix_formatted_text(FormattedText("abc", given_)).entities]
    assert kinds == ["spoiler", "underline", "bold"]


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("/start", "bot_command", "/start"),
        ("please /topics@readalso_bot now", "bot_command", "/topics@readalso_bot"),
        ("see https://a.example/x?y=1, then", "url", "https://a.example/x?y=1"),
        ("(https://a.example/)", "url", "https://a.example/"),
        ("at www.a.example/x.", "url", "www.a.example/x"),
        ("t.me/readalso_bot", "url", "t.me/readalso_bot"),
        ("ask @readalso_bot!", "mention", "@readalso_bot"),
        ("today #новини", "hashtag", "#новини"),
        ("write to me@a.example.", "email", "me@a.example"),
    ],
)
def test_telegram_detects_urls_commands_mentions_and_hashtags(
    text: str, kind: str, part: str
) -> None:
    (found,) = fix_formatted_text(FormattedText(text)).entities
    assert found["type"] == kind
    assert entity_text(text, found) == part


@pytest.mark.parametrize("text", ["and/or", "1/2", "a//b", "#123", "@abc", "https://", "</b>"])
def test_plain_words_are_not_detected(text: str) -> None:
    assert fix_formatted_text(FormattedText(text)).entities == []


def test_nothing_is_detected_inside_code_and_links() -> None:
    link = {**entity("text_link", 0, 6), "url": "https://a.example/"}
    assert fix_formatted_text(FormattedText("/start /help", [link])).entities == [
        link,
        entity("bot_command", 7, 5),
    ]


@given(st.text(alphabet="ab \n👍/@#", max_size=30), st.integers(0, 30), st.integers(1, 30))
def test_every_entity_lies_in_the_text(text: str, offset: int, length: int) -> None:
    total = utf16_length(text)
    given_ = [entity("bold", offset, length)] if offset + length <= total else []
    marked = fix_formatted_text(FormattedText(text, given_))
    for kept in marked.entities:
        begin, size = kept["offset"], kept["length"]
        assert isinstance(begin, int)
        assert isinstance(size, int)
        assert 0 <= begin < begin + size <= utf16_length(marked.text)


def test_a_text_keeps_its_first_hundred_entities() -> None:
    bold = [entity("bold", 2 * at, 1) for at in range(150)]
    kept = fix_formatted_text(FormattedText("a " * 150, bold)).entities
    assert [each["offset"] for each in kept] == [2 * at for at in range(100)]
