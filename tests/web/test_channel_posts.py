import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.channel_posts import (
    MAX_SIGNED_LINES,
    MAX_TITLE_CHARS,
    PostLine,
    PostText,
    channel_address,
    closing_lines,
    split_post,
    unsigned,
    username_in,
)


def lines(*texts: str, linked: bool = False) -> tuple[PostLine, ...]:
    return tuple(PostLine(text=text, is_linked=linked) for text in texts)


@pytest.mark.parametrize(
    ("typed", "username"),
    [
        ("@harbour_news", "harbour_news"),
        (" t.me/Harbour_News ", "Harbour_News"),
        ("https://t.me/s/harbour_news/", "harbour_news"),
        ("http://telegram.me/harbour", "harbour"),
        ("harbour_news", None),
        ("t.me/harbour_news/5", None),
        ("@abc", None),
        ("t.me/+AbCdEf", None),
        ("https://evil.example/t.me/harbour", None),
        ("@harbour news", None),
    ],
)
def test_a_channel_is_named_by_mention_or_address(typed: str, username: str | None) -> None:
    assert username_in(typed) == username


def test_a_channel_has_an_address_with_a_name_and_without_one() -> None:
    assert channel_address(-1001234567890, "harbour") == "https://t.me/harbour"
    assert channel_address(-1001234567890, None) == "https://t.me/c/1234567890"


@pytest.mark.parametrize(
    ("post", "title", "text"),
    [
        ("Bridge opens\nIt was closed.", "Bridge opens", "It was closed."),
        ("Bridge opens.\n\nIt was closed.", "Bridge opens", "It was closed."),
        ("❗️🇺🇦 Міст відкрито\nСьогодні.", "Міст відкрито", "Сьогодні."),
        ("Bridge opens", "Bridge opens", "Bridge opens"),
        ("The bridge is closed today. It rains.", "The bridge is closed today", None),
        ("Is it open? Yes!\nToday.", "Is it open? Yes!", "Today."),
        ("⚡️ УВАГА! Повітряна тривога\nХарків", "УВАГА! Повітряна тривога", "Харків"),
        ("«Міст відкрито!» — мер\nСьогодні.", "«Міст відкрито!» — мер", "Сьогодні."),
        (
            "У м. Київ, на вул. Саксаганського тихо\nТак.",
            "У м. Київ, на вул. Саксаганського тихо",
            "Так.",
        ),
        ("#Харків\nМіст відкрито\nСьогодні.", "Міст відкрито", "Сьогодні."),
        ("#Харків: міст відкрито\nСьогодні.", "#Харків: міст відкрито", "Сьогодні."),
        ("$100 за барель\nСьогодні.", "$100 за барель", "Сьогодні."),
        ("-20 °C у Києві\nСьогодні.", "-20 °C у Києві", "Сьогодні."),
    ],
)
def test_the_first_line_is_the_title_where_it_is_one_else_the_first_sentence(
    post: str, title: str, text: str | None
) -> None:
    text = post if text is None else text
    assert split_post(post.split("\n")) == PostText(title=title, text=text)


def test_a_long_first_line_is_no_headline_and_its_sentence_is_cut_at_a_word() -> None:
    long = "bridge " * 100
    split = split_post([long, "Today."])
    assert split is not None
    assert split.title == ("bridge " * 28).strip() + "…"
    assert split.text.endswith("\nToday.")
    unbroken = split_post(["x" * 900])
    assert unbroken is not None
    assert unbroken.title == "x" * MAX_TITLE_CHARS + "…"


@pytest.mark.parametrize("post", ["", "\n \n", "⚡️", "#a #b", "\u0301" * 4096, "— — —"])
def test_a_post_without_words_is_no_article(post: str) -> None:
    assert split_post(post.split("\n")) is None


def test_a_line_with_a_link_is_a_signature_the_second_time() -> None:
    signed = (*lines("Bridge opens", "Today."), *lines("Harbour | subscribe", linked=True))
    counts = {line.key: 1 for line in lines(" harbour |  SUBSCRIBE ")}
    assert unsigned(signed, counts, posts=1) == lines("Bridge opens", "Today.")
    assert unsigned(signed, {}, posts=1) == signed


def test_a_line_without_a_link_is_a_signature_where_half_of_the_posts_have_it() -> None:
    signed = lines("Bridge opens", "Today.", "Harbour")
    key = signed[-1].key
    assert unsigned(signed, {key: 3}, posts=6) == signed[:-1]
    assert unsigned(signed, {key: 3}, posts=7) == signed
    assert unsigned(signed, {key: 2}, posts=2) == signed


def test_the_name_of_the_channel_alone_is_a_signature_from_the_first_post_on() -> None:
    for name in ("@harbour_news", "https://t.me/Harbour_News/", "t.me/harbour_news"):
        signed = lines("Bridge opens", "", name)
        assert unsigned(signed, {}, posts=0, own_name="harbour_news") == lines("Bridge opens")
    assert unsigned(lines("Bridge", "@other"), {}, posts=0, own_name="harbour") == lines(
        "Bridge", "@other"
    )


def test_what_repeats_above_other_text_and_the_first_line_stay() -> None:
    alarm = lines("Air raid alert", "Kyiv", linked=True)
    counts = {line.key: 99 for line in alarm}
    assert unsigned(alarm[:1], counts, posts=99) == alarm[:1]
    assert unsigned(alarm, counts, posts=99) == alarm[:1]
    mixed = (*alarm, PostLine(text="New."))
    assert unsigned(mixed, counts, posts=99) == mixed
    assert len(closing_lines(lines(*"abcdefg"))) == MAX_SIGNED_LINES
    assert closing_lines(alarm[:1]) == ()


@given(st.lists(st.text(max_size=300), max_size=20))
def test_any_post_has_a_title_within_its_bounds_or_none(post: list[str]) -> None:
    split = split_post(post)
    assert split is None or 0 < len(split.title) <= MAX_TITLE_CHARS + 1
