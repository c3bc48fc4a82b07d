from datetime import timedelta

import pytest

from bot.model import Language, Story
from bot.storage import stories
from bot.storage.database import Database
from bot.stories.related import MOST, choose, read_also
from tests.builders import SPORT, WAR, publish, reading, story
from tests.fakes import NOON

BRIDGE = ("bridge", "river", "open", "tram", "mayor")
FLU = ("flu", "hospital", "bed", "doctor")

Candidate = tuple[Story, tuple[str, ...]]


def candidate(number: int, title: str, *stems: str) -> Candidate:
    return story(title, story_id=number, url=f"https://courier.example/{number}"), stems


IT = story("New bridge opens in Lakeside", story_id=9, url="https://courier.example/9")


def test_the_most_alike_come_first_and_the_unlike_never() -> None:
    near = candidate(1, "Tram line on the bridge", *BRIDGE[:4], "line")
    nearer = candidate(2, "Mayor praises builders of the bridge", *BRIDGE)
    far = candidate(3, "Flu season begins early", *FLU)
    assert choose(IT, BRIDGE, [far, near, nearer]) == (nearer[0], near[0])


def test_two_common_words_are_chance() -> None:
    assert choose(IT, BRIDGE, [candidate(1, "Mayor opens a clinic", "mayor", "open")]) == ()


def test_a_few_common_words_among_many_others_are_chance() -> None:
    others = [f"word{number}" for number in range(60)]
    chance = candidate(1, "Mayor opens a clinic at the river", *BRIDGE[1:4], *others)
    assert choose(IT, (*BRIDGE, *FLU), [chance]) == ()


def test_no_more_than_three_are_offered() -> None:
    many = [candidate(number, f"Bridge news {number} today", *BRIDGE) for number in range(1, 9)]
    assert len(choose(IT, BRIDGE, many)) == MOST == 3


def test_a_tie_goes_to_the_newer_story() -> None:
    old = (story("Old bridge closes", story_id=1, url="a", published_at=NOON), BRIDGE)
    new = (
        story("Bridge tolls end", story_id=2, url="b", published_at=NOON + timedelta(hours=1)),
        BRIDGE,
    )
    assert choose(IT, BRIDGE, [old, new]) == (new[0], old[0])


@pytest.mark.parametrize(
    "twin",
    [
        candidate(1, "In Lakeside opens: new bridge!", *BRIDGE),
        (story("Another headline altogether", story_id=1, url=IT.url), BRIDGE),
        (story("Another headline altogether", story_id=9, url="b"), BRIDGE),
    ],
)
def test_the_story_itself_is_never_offered(twin: Candidate) -> None:
    assert choose(IT, BRIDGE, [twin]) == ()


def test_of_two_with_one_headline_the_more_alike_is_offered() -> None:
    best = candidate(1, "Bridge: tolls end", *BRIDGE)
    short = candidate(2, "BRIDGE: TOLLS END", *BRIDGE[:3])
    assert choose(IT, BRIDGE, [short, best]) == (best[0],)


def test_two_sources_may_have_one_headline_too_short_to_compare() -> None:
    ours = candidate(1, "The bridge", *BRIDGE)
    theirs = (story("The bridge", story_id=2, url="b", source="Elmstead Post"), BRIDGE)
    assert len(choose(IT, BRIDGE, [ours, theirs])) == 2
    again = (story("the Bridge", story_id=3, url="c"), BRIDGE)
    assert len(choose(IT, BRIDGE, [ours, again])) == 1


def test_a_story_without_stems_has_no_relations() -> None:
    assert choose(IT, (), [candidate(1, "Bridge tolls end", *BRIDGE)]) == ()
    assert choose(IT, BRIDGE, []) == ()


async def test_read_also_finds_earlier_stories_of_the_readers_topics(db: Database) -> None:
    await publish(db, "Mayor praises builders", made=reading(terms=BRIDGE))
    await publish(db, "Race across the bridge", made=reading(terms=BRIDGE, topic=SPORT))
    await publish(db, "Pont sur la rivière", made=reading(terms=BRIDGE, language="uk"))
    await publish(db, "Flu season begins", made=reading(terms=FLU))
    it = await publish(db, "New bridge opens", made=reading(terms=BRIDGE))
    await publish(db, "Bridge closes again", made=reading(terms=BRIDGE))

    languages: list[Language] = ["en"]
    found = await read_also(
        db.reader, await stories.get(db.reader, it), topics=[WAR], languages=languages
    )
    assert [other.title for other in found] == ["Mayor praises builders"]
