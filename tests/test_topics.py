from pathlib import Path

import pytest

import bot
from bot.errors import SetupError
from bot.model import LANGUAGES, TopicSlug
from bot.topics import Topics, read_topics

SHIPPED = Path(bot.__file__).parent / "resources" / "topics.toml"
GARDENS = """
[gardens]
emoji = "🌷"
names = { uk = "Сади", ru = "Сады", en = "Gardens" }
aliases = ["world of roses"]
"""


@pytest.fixture(scope="module")
def topics() -> Topics:
    return read_topics(SHIPPED)


def test_twelve_topics_are_shipped_in_the_order_of_the_keyboard(topics: Topics) -> None:
    assert " ".join(topic.slug for topic in topics) == (
        "war politics world economy society incidents tech science health sports culture lifestyle"
    )
    assert len(topics) == 12
    assert all(topic in topics for topic in topics)


def test_each_shipped_topic_can_be_shown_and_recognised(topics: Topics) -> None:
    for topic in topics:
        assert set(topic.names) == set(LANGUAGES)
        assert topic.emoji
        assert len(topic.words) > 100
        assert topics.get(topic.slug) is topic


def test_no_two_shipped_topics_share_a_name(topics: Topics) -> None:
    for topic in topics:
        for name in (topic.slug, *topic.names.values(), *topic.aliases):
            assert topics.find(name).slugs == (topic.slug,), name


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("war politics", "war politics"),
        ("війна, політика", "war politics"),
        ("world war", "world war"),
        ("війну", "war"),
        ("экономику и политику", "economy politics"),
        ("тех", "tech"),
        ("технології и спорт", "tech sports"),
        ("IT & AI", "tech"),
        ("новости культуры", "culture"),
        ("Стиль життя", "lifestyle"),
        ("штучний інтелект", "tech"),
        ("здоровʼя / здоров'я / здоров’я", "health"),
        ("sport sport sports", "sports"),
        ("", ""),
        ("and, и, та", ""),
    ],
)
def test_topics_are_found_in_free_words(topics: Topics, text: str, slugs: str) -> None:
    match = topics.find(text)
    assert " ".join(match.slugs) == slugs
    assert match.unknown == ()


def test_a_word_that_names_no_topic_is_returned_as_written(topics: Topics) -> None:
    match = topics.find("Спорт і бджільництво, beekeeping!")
    assert match.slugs == ("sports",)
    assert match.unknown == ("бджільництво", "beekeeping")


def test_an_own_file_adds_topics_and_the_longest_name_counts(tmp_path: Path) -> None:
    own = _written(tmp_path, GARDENS)
    topics = read_topics(SHIPPED, own)
    assert [topic.slug for topic in topics][-1] == "gardens"
    assert topics.find("world of roses, world").slugs == ("gardens", "world")


def test_an_own_file_replaces_a_topic_in_its_place(tmp_path: Path) -> None:
    own = _written(tmp_path, GARDENS.replace("[gardens]", "[war]"))
    topics = read_topics(SHIPPED, own)
    assert next(iter(topics)).names["en"] == "Gardens"
    assert len(topics) == 12
    assert topics.find("gardens").slugs == ("war",)


def test_a_topic_that_is_gone_is_none(topics: Topics) -> None:
    assert topics.get(TopicSlug("gardens")) is None
    assert "gardens" not in topics


def test_without_topics_nothing_is_found() -> None:
    assert Topics([]).find("war").unknown == ("war",)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[gardens]", "[Gärten]", "topics cannot be read"),
        ("[gardens]", "['a:b']", "[a:b]: a topic is called by a-z, 0-9, _ and -"),
        ("[gardens]", "gardens = 1\n[roses]", "[gardens]: must be a table"),
        ('emoji = "🌷"', "", "[gardens] emoji: must be a text"),
        ('emoji = "🌷"', 'emoji = " "', "[gardens] emoji: must be a text"),
        ("emoji", "emojy", "[gardens]: no such field: emojy"),
        (', en = "Gardens"', "", "[gardens] names: missing: en"),
        ('en = "Gardens"', "en = 1", "[gardens] names.en: must be a text"),
        ('en = "Gardens"', 'de = "Gärten"', "[gardens] names.de: not one of uk, ru, en"),
        ('["world of roses"]', '"roses"', "[gardens] aliases: must be a list of texts"),
        ('["world of roses"]', "[1]", "[gardens] aliases: must be a text"),
        ("aliases", "sections = 1\naliases", "[gardens] sections: must be a list of texts"),
        ("aliases", "words = 1\naliases", "[gardens] words: must be a table of uk, ru, en"),
    ],
)
def test_a_malformed_file_is_named_with_its_field(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    own = _written(tmp_path, GARDENS.replace(old, new, 1))
    with pytest.raises(SetupError) as caught:
        read_topics(own)
    assert str(own) in str(caught.value)
    assert problem in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"nowhere\.toml"):
        read_topics(tmp_path / "nowhere.toml")


def _written(folder: Path, text: str) -> Path:
    path = folder / "topics.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("word", "slug"),
    [("спорд", "sports"), ("війта", "war"), ("культурра", "culture"), ("xy", None)],
)
def test_a_misspelt_word_is_near_a_topic(topics: Topics, word: str, slug: str | None) -> None:
    topic = topics.nearest(word)
    assert (topic.slug if topic else None) == slug
