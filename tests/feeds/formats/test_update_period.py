import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.formats.update_period import read_update_period
from bot.model import UpdatePeriod

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("head", "every"),
    [
        ("<ttl>60</ttl>", HOUR),
        ("<ttl> 90\n</ttl>", HOUR * 1.5),
        ("<ttl><![CDATA[60]]></ttl>", HOUR),
        ("<TTL>60</TTL>", HOUR),
        ("<ttl>0</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>1.5</ttl>", None),
        ("<ttl>an hour</ttl>", None),
        ("<ttl></ttl>", None),
        ("<ttl>99999999999</ttl>", None),
        ("<!-- <ttl>60</ttl> -->", None),
        ("<title>ttl 60</title>", None),
        ("", None),
    ],
)
def test_p21_a_time_to_live_is_in_minutes(head: str, every: timedelta | None) -> None:
    assert read_update_period(head).every == every


@pytest.mark.parametrize(
    ("head", "every"),
    [
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", HOUR),
        ("<sy:updatePeriod>\n daily </sy:updatePeriod>", 24 * HOUR),
        ("<sy:updatePeriod>Weekly</sy:updatePeriod>", 168 * HOUR),
        ("<sy:updatePeriod>monthly</sy:updatePeriod>", 720 * HOUR),
        ("<syn:updatePeriod>yearly</syn:updatePeriod>", 8760 * HOUR),
        ("<sy:updateFrequency>4</sy:updateFrequency>", 6 * HOUR),
        (
            "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>",
            HOUR / 2,
        ),
        (
            "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
            None,
        ),
        ("<sy:updateFrequency>999999</sy:updateFrequency>", None),
        ("<sy:updatePeriod>sometimes</sy:updatePeriod>", None),
        ("<ttl>90</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", HOUR * 1.5),
        ("<ttl>30</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", HOUR),
    ],
)
def test_p21_a_period_is_divided_by_its_frequency(head: str, every: timedelta | None) -> None:
    assert read_update_period(head).every == every


@pytest.mark.parametrize(
    ("hours", "skipped"),
    [
        (["1", "2"], {1, 2}),
        ([" 23\n", "24"], {23, 0}),
        (["0", "24"], {0}),
        (["25", "-1", "x", "", "1.5", "7"], {7}),
        ([str(hour) for hour in range(24)], set()),
        ([str(hour) for hour in range(1, 25)], set()),
        ([str(hour) for hour in range(23)], set(range(23))),
    ],
)
def test_p22_every_hour_to_skip_is_known(hours: list[str], skipped: set[int]) -> None:
    listed = "".join(f"<hour>{hour}</hour>" for hour in hours)
    assert read_update_period(f"<skipHours>{listed}</skipHours>").skip_hours == skipped


@pytest.mark.parametrize(
    ("days", "skipped"),
    [
        (["Saturday", "sunday"], {5, 6}),
        (["Monday", "Someday", "Mon"], {0}),
        (["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"], set()),
    ],
)
def test_p22_every_day_to_skip_is_known(days: list[str], skipped: set[int]) -> None:
    listed = "".join(f"<day>{day}</day>" for day in days)
    assert read_update_period(f"<skipDays>{listed}</skipDays>").skip_days == skipped


def test_an_hour_or_a_day_that_is_not_to_be_skipped_is_none_to_skip() -> None:
    assert read_update_period("<ev:hour>7</ev:hour><day>Monday</day>") == UpdatePeriod()


@pytest.mark.parametrize("flood", ["<!--", "<ttl>", "<skipHours>", "<hour> ", "<ttl>1" + " " * 9])
def test_a_flood_is_cheap(flood: str) -> None:
    began = time.process_time()
    read_update_period(flood * 500_000)
    assert time.process_time() - began < 10


@given(st.text(alphabet="<>/![]- \nhourdayt12:syCDA", max_size=60))
def test_no_head_breaks_the_reader(head: str) -> None:
    update_period = read_update_period(head)
    assert update_period.every is None or update_period.every >= timedelta(minutes=1)
