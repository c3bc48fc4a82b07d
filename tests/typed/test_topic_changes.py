import pytest

from bot.model import TopicSlug
from bot.resources import RESOURCES
from bot.topics import read_topics
from bot.typed.topic_changes import choose, shown_topics

TOPICS = read_topics(RESOURCES / "topics.toml")
EVERY = {topic.slug for topic in TOPICS}


def slugs(names: str) -> set[TopicSlug]:
    return {TopicSlug(name) for name in names.split()}


@pytest.mark.parametrize(
    ("texts", "added", "removed"),
    [
        ("наука, здоров'я|science and health|хочу науку и здоровье", "science health", ""),
        ("крім спорту|без спорта|remove sports|не хочу спорт|вимкни спорт", "", "sports"),
        ("тільки наука|только наука|only science", "science", "war sports"),
        ("наука, але не війна|science, not war", "science", "war"),
        ("-усе|no topics at all|прибери все", "", "war sports"),
        ("кулінарія|cooking", "", ""),
    ],
)
def test_words_add_and_remove_topics(texts: str, added: str, removed: str) -> None:
    for text in texts.split("|"):
        changes = choose(text, TOPICS, slugs("war sports"))
        assert (set(changes.added), set(changes.removed)) == (slugs(added), slugs(removed)), text


def test_without_any_topics_all_but_the_unwanted_are_meant() -> None:
    assert set(choose("крім спорту", TOPICS, ()).added) == EVERY - slugs("sports")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("остання наука", "science"),
        ("крім спорту", "war"),
        ("війна, наука -наука", "war"),
        ("", ""),
        ("cooking", ""),
    ],
)
def test_a_list_is_of_named_topics_or_of_the_chosen_ones_but_some(text: str, shown: str) -> None:
    assert set(shown_topics(text, TOPICS, slugs("war sports"))[0]) == slugs(shown)


def test_a_list_of_all_topics_but_one_is_of_all_others() -> None:
    assert set(shown_topics("усе крім спорту", TOPICS, slugs("war"))[0]) == EVERY - slugs("sports")
