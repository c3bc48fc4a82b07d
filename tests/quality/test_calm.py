from datetime import timedelta

from bot.model import StoryId, Timetable
from quality.calm import RHYTHMS, Telling, draw_days, lines_of, reader_of, simulate
from tests.support.builders import SPORT, WAR
from tests.support.fakes import NOON

MINUTE = timedelta(minutes=1)


def telling(story: int, minutes: int, source: str = "The Courier") -> Telling:
    return Telling(
        at=NOON + minutes * MINUTE,
        story=StoryId(story),
        source=source,
        language="uk",
        topics=frozenset({WAR}),
    )


DAY = [
    telling(1, 0),
    telling(2, 1),
    telling(3, 2),
    telling(4, 3),
    telling(5, 4),
    telling(1, 10, "The Herald"),
    telling(1, 20, "The Echo"),
    telling(2, 200, "The Herald"),
    telling(2, 210, "The Echo"),
]


def test_a_calm_reader_gets_a_sound_for_what_many_tell_and_the_rest_in_a_bundle() -> None:
    got = simulate(DAY, reader_of(RHYTHMS["calm"], [WAR]), {})
    assert [(count, is_loud) for _, count, is_loud in got.messages] == [
        (1, True),
        (4, False),
        (1, True),
    ]
    assert got.pings == {StoryId(1): NOON + 20 * MINUTE, StoryId(2): NOON + 210 * MINUTE}
    assert (got.again, len(got.waits)) == ({StoryId(2)}, 5)


def test_a_rush_of_everything_is_one_message_after_three() -> None:
    got = simulate(DAY, reader_of(RHYTHMS["everything"], [WAR]), {})
    assert [count for _, count, _ in got.messages] == [1, 1, 1, 1, 1]
    rush = [telling(story, story // 4) for story in range(1, 13)]
    got = simulate(rush, reader_of(RHYTHMS["everything"], [WAR]), {})
    assert [count for _, count, _ in got.messages] == [1, 1, 1, 9]


def test_digests_take_all_and_other_topics_are_no_matter() -> None:
    got = simulate(DAY, reader_of(Timetable(when="digest"), [WAR]), {})
    assert [count for _, count, _ in got.messages] == [5]
    assert simulate(DAY, reader_of(RHYTHMS["calm"], [SPORT]), {}).messages == []


def test_lines_are_learnt_from_the_stories_as_the_bot_does() -> None:
    assert lines_of(DAY, days=1) == {(WAR, "uk"): 2}


def test_drawn_days_have_so_many_stories_each() -> None:
    drawn = draw_days(DAY, 3)
    assert len({each.story for each in drawn}) == 3 * 14
    assert drawn == draw_days(DAY, 3)
