from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.formats.dates import plausible, read_date, sane
from tests.support.fakes import NOON

SIX = datetime(2026, 11, 23, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 23 Nov 2026 08:00:00 \u200e+0200",
        "\u202bMon, 23 Nov 2026 08:00:00\u202c\ufeff +0200",
        "Mon, 23 Nov 2026 08:00:00 +0200",
        "Mon, 23 Nov 2026 06:00:00 GMT",
        "Mon, 23 Nov 2026 06:00:00 Z",
        "Mon, 23 Nov 2026 06:00:00",
        "Sun, 23 Nov 2026 08:00:00 +0200",
        "Mon,23 Nov 2026 08:00:00 +0200",
        "Mon, 23 Nov 26 08:00 +0200",
        "Mon, 23 Nov 2026 01:00:00 EST",
        "Mon, 23 Nov 2026 08:00:00 EET",
        "Mon, 23 Nov 2026 09:00:00 EEST",
        "Mon, 23 Nov 2026 09:00:00 MSK",
        "Mon, 23 Nov 2026 06:00:00 UTC",
        "Mon, 23 Nov 2026 08:00:00 +02:00",
        "Mon, 23 Nov 2026 06:00:00 +00:00",
        "Mon, 23 Nov 2026 08:00:00 eet",
        "Mon, 23 Nov 2026 08:00:00 (EET)",
        "Mon, 23 Nov 2026 08:00:00 +0200 (EET)",
        "Mon, 23 Nov 2026 08:00:00 +0200 GMT",
        "пн, 23 ноября 2026 09:00:00 МСК",
        "23 ноября 2026 09:00 (мск)",
        "Mon, 23 Nov 2026 08:00:00 +2",
        "Mon, 23 Nov 2026 08:00:00 +02",
        "Mon, 23 Nov 2026 6:00 AM",
        "Mon, 23 Nov 2026 06:00:00 a.m. GMT",
        "Mon, 23 Nov 2026 08:00AM EET",
        "Sun, 22 Nov 2026 11:00 PM GMT-7",
        "Mon, 23 Nov 2026 12:30 AM GMT-5:30",
        "Mon Nov 23 08:00:00 EET 2026",
        "Mon Nov 23 06:00:00 2026",
        "Mon, 23 Nov 2026 09:00:00 UTC+3",
        "Mon, 23 Nov 2026 08:00:00 GMT+2",
        "Mon, 23 Nov 2026 08:00:00 GMT+0200",
        "Mon, 23 Nov 2026 01:30:00 GMT-4:30",
        "2026-11-23T06:00:00Z",
        "2026-11-23T08:00:00+02:00",
        "2026-11-23 06:00:00",
        "2026-11-23 08:00:00 +0200",
        "2026-11-23 08:00:00.000 +0200 EET",
        "20261123T060000Z",
        "1795413600",
        "1795413600000",
        "23.11.2026 06:00",
        "23.11.2026, 06:00:00",
        "пн, 23 нояб. 2026 08:00:00 +0200",
        "понеділок, 23 листопада 2026 року, 06:00",
        "Пн, 23 Ноября 2026 06:00",
        "середа, 23 листопада 2026, 06:00",
        "п'ятниця, 23 листопада 2026, 06:00",
        "п’ятниця, 23 листопада 2026 о 06:00",
        "воскресенье, 23 ноября 2026 г. в 06:00",
        "06:00, 23 ноября 2026",
        "06:00 23.11.2026",
        "  Mon, 23 Nov 2026 08:00:00 +0200\n",
    ],
)
def test_an_instant_is_read_however_it_is_written(text: str) -> None:
    assert read_date(text, now=NOON) == SIX


@pytest.mark.parametrize(
    "text",
    [
        "2026/11/23 06:00",
        "2026.11.23 06:00",
        "2026 Nov 23 06:00",
        "2026年11月23日 06:00",
        "2026年11月23日 午前6時00分",
        "2026년 11월 23일 06:00",
        "2026-11-23, 06:00",
        "2026-11-23 06:00:00 UTC",
        "2026-11-23T6:00:00Z",
        "20261123060000",
        "23-11-2026 06:00",
        "23/11/2026 06:00",
        "11/23/2026 6:00 am",
        "23.11.26 06.00",
        "Mon, 23 Nov 2026 08:00:00+02:00",
        "Mon, 23 Nov 2026 09:00:00 MSK+0300",
        "Mon, 23 Nov 2026 09:00:00MSK",
        "Mon, 23 Nov 2026 15:00:00 JST",
        "Mon, 23 Nov 2026 16:00:00 AEST",
        "Mon, 23 Nov 2026 01:00:00 ET",
        "Sun, 22 Nov 2026 22:00:00 PT",
        "Mon, 23 Nov 2026 08:00:00 Europe/Kyiv",
        "Mon, 23 Nov 2026 01:00:00 America/Port-au-Prince",
        "Mon Nov 23 2026 08:00:00 GMT+0200 (Eastern European Standard Time)",
        "2026-11-23T06:00:00Z[UTC]",
        "Monday, November 23rd, 2026 at 6:00 am",
        "lundi 23 novembre 2026 à 06:00",
        "23. November 2026 um 06:00 Uhr",
        "23 de noviembre de 2026 06:00",
        "23 listopada 2026, 06:00",
        "Δευ, 23 Νοε 2026 08:00:00 +0200",
        "٢٣ نوفمبر ٢٠٢٦ 06:00",
        "23 ноември 2026 г., 06:00",
    ],
)
def test_a_date_of_any_order_alphabet_and_zone_is_read_whole(text: str) -> None:
    assert read_date(text, now=NOON) == SIX


@pytest.mark.parametrize(
    "text",
    [
        "23 Nov 06:00",  # of no year
        "Nov 2026",
        "2026-11",
        "2026",
        "23.11",
        "06:00",
        "03/04/2026 06:00",  # a month and a day, or the reverse
        "26-11-23",
        "2026-10-32T06:10:00Z",
        "2026-09-31",
        "Mon, 23 Nov 2026 25:00:00 GMT",
        "Mon, 23 Nov 2026 13:00 AM",
        "Mon, 23 Nov 2026 06:00:00 XYZT",  # of a zone that nobody knows
        "Mon, 23 Nov 2026 06:00:00 Mars/Olympus",
        "Mon, 23 Nov 2026 06:00:00 and more",
        "Mon, 23 Smarch 2026 06:00:00",
        "2026-11-23 updated 06:00",
    ],
)
def test_a_date_of_which_a_part_is_not_understood_is_none(text: str) -> None:
    assert read_date(text, now=NOON) is None


def test_a_december_is_no_preposition() -> None:
    expected = datetime(2026, 12, 30, 4, tzinfo=UTC)
    assert read_date("Wed, 30 Dec 2026 04:00:00 GMT", now=NOON) == expected


@pytest.mark.parametrize("text", ["23 листопада 2026", "23.11.2026", "2026-11-23"])
def test_a_day_alone_begins_at_midnight(text: str) -> None:
    assert read_date(text, now=NOON) == SIX.replace(hour=0)


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 22 Nov 2026 24:00:00 GMT",
        "2026-11-22T24:00:00Z",
        "2026-11-22 24:00",
        "22.11.2026 24:00",
    ],
)
def test_the_end_of_a_day_is_the_beginning_of_the_next(text: str) -> None:
    assert read_date(text, now=NOON) == SIX.replace(hour=0)


@pytest.mark.parametrize("text", ["Mon, 23 Nov 2026 05:59:60 GMT", "2026-11-23T05:59:60Z"])
def test_a_leap_second_is_the_second_before(text: str) -> None:
    assert read_date(text, now=NOON) == SIX - timedelta(seconds=1)


def test_a_september_of_four_letters_is_known() -> None:
    expected = datetime(2026, 9, 23, 6, tzinfo=UTC)
    assert read_date("Wed, 23 Sept 2026 06:00:00 GMT", now=NOON) == expected


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("сегодня, 08:00", 0),
        ("Сьогодні 08:00", 0),
        ("сьогодні о 08:00", 0),
        ("08:00, сегодня", 0),
        ("вчера в 08:00", 1),
        ("учора, 08:00", 1),
        ("позавчора 08:00", 2),
    ],
)
def test_a_near_day_is_counted_from_the_poll(text: str, days: int) -> None:
    assert read_date(text, now=NOON) == NOON.replace(hour=8) - timedelta(days=days)


@pytest.mark.parametrize(
    ("month", "number"),
    [
        ("января", 1), ("січня", 1), ("лютого", 2), ("марта", 3), ("березня", 3), ("апреля", 4),
        ("квітня", 4), ("мая", 5), ("травня", 5), ("июня", 6), ("червня", 6), ("июля", 7),
        ("липня", 7), ("серпня", 8), ("вересня", 9), ("жовтня", 10), ("листопада", 11),
        ("декабря", 12), ("грудня", 12),
    ],
)  # fmt: skip
def test_months_are_known_in_both_languages(month: str, number: int) -> None:
    assert read_date(f"1 {month} 2026", now=NOON) == datetime(2026, number, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "junk",
        "last week",
        "23 Nov 2026 " + "0" * 90,
        "0000-00-00 00:00:00",
        "Mon, 01 Jan 0001 00:00:00 +0000",
        "Mon Jan  1 00:00:00 0001",
        "99999999999999999999",
        "32 Nov 2026",
        "Tue, 03 Nov 2026 08:00:00 +9999",
        "Tue, 03 Nov 99999 08:00:00 +0000",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text, now=NOON) is None


@given(st.text(alphabet="0123456789:-+.,/ TZGMTUCсегодняВчера", max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    instant = read_date(text, now=NOON)
    assert instant is None or instant.tzinfo == UTC


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (NOON - timedelta(days=1), NOON - timedelta(days=1)),
        (datetime(1990, 1, 1, tzinfo=UTC), datetime(1990, 1, 1, tzinfo=UTC)),
        (NOON + timedelta(minutes=60), NOON),
        (NOON + timedelta(minutes=61), None),
        (NOON + timedelta(days=3), None),
        (datetime(9999, 12, 31, tzinfo=UTC), None),
        (datetime(1989, 12, 31, tzinfo=UTC), None),
        (datetime(1, 1, 1, tzinfo=UTC), None),
        (None, None),
    ],
)
def test_i16_a_missing_absurd_or_future_date_is_none(
    instant: datetime | None, expected: datetime | None
) -> None:
    assert sane(instant, now=NOON) == expected


@pytest.mark.parametrize("ahead", [2, 3, 14])
def test_i16_the_error_of_a_clock_is_taken_off(ahead: int) -> None:
    error = timedelta(hours=ahead)
    an_hour_ago = NOON - timedelta(hours=1)
    assert sane(an_hour_ago + error, now=NOON, ahead=error) == an_hour_ago
    assert sane(NOON + error + timedelta(hours=2), now=NOON, ahead=error) is None
    assert sane(datetime(9999, 12, 31, tzinfo=UTC), now=NOON, ahead=error) is None


def test_a_date_from_before_the_web_is_not_plausible() -> None:
    assert plausible(NOON + timedelta(days=999)) == NOON + timedelta(days=999)
    assert plausible(datetime(1795, 11, 1, tzinfo=UTC)) is None
    assert plausible(None) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon, 2 Mar 2026 9:5:3 GMT", datetime(2026, 3, 2, 9, 5, 3, tzinfo=UTC)),
        ("2026-3-2 9:5", datetime(2026, 3, 2, 9, 5, tzinfo=UTC)),
        ("2026-03-02T9:5:3Z", datetime(2026, 3, 2, 9, 5, 3, tzinfo=UTC)),
        ("Mon, 2 Mar 2026 09:05:00 GMT GMT", datetime(2026, 3, 2, 9, 5, tzinfo=UTC)),
        ("&nbsp;2 Mar 2026 09:05", datetime(2026, 3, 2, 9, 5, tzinfo=UTC)),
        ("Опубліковано: 02.03.2026 09:05", datetime(2026, 3, 2, 9, 5, tzinfo=UTC)),
        ("Posted on Mar 2, 2026", datetime(2026, 3, 2, tzinfo=UTC)),
        ("1772442300.123", datetime(2026, 3, 2, 9, 5, tzinfo=UTC)),
        ("1772442300123456", datetime(2026, 3, 2, 9, 5, tzinfo=UTC)),
        ("/Date(1772442300000+0200)/", datetime(2026, 3, 2, 9, 5, tzinfo=UTC)),
        ("202603020905", datetime(2026, 3, 2, 9, 5, tzinfo=UTC)),
        *(
            (text, NOON - timedelta(hours=2))
            for text in [
                "2 hours ago", "about 2 hrs ago", "2h ago", "2 години тому", "2 год. тому",
                "2 часа назад", "vor 2 Stunden", "il y a 2 heures", "2 godziny temu",
            ]
        ),
        *(
            (text, NOON - timedelta(hours=1))
            for text in [
                "an hour ago", "годину тому", "час назад", "vor einer Stunde", "il y a une heure",
                "godzinę temu",
            ]
        ),
        *(
            (text, datetime(2026, 3, 1, 21, 40, tzinfo=UTC))
            for text in [
                "Yesterday at 21:40", "gestern, 21:40 Uhr", "hier à 21h40", "wczoraj, 21:40",
                "вчора о 21:40",
            ]
        ),
        *((text, NOON - timedelta(minutes=5)) for text in ["5 minutes ago", "5 хв тому"]),
        *((text, NOON - timedelta(days=3)) for text in ["3 days ago", "3 дні тому", "vor 3 Tagen"]),
        ("щойно", NOON - timedelta(seconds=1)),
        *((text, None) for text in [
            "2h", "5 min", "last week", "months ago", "2 mice ago", "vor Ort", "999999 hours ago",
            "Mon, 2 Mar 126 09:05:00 GMT", "0", "-1",
        ]),
    ],
)  # fmt: skip
def test_dates_of_careless_publishers_are_read_or_none(
    text: str, expected: datetime | None
) -> None:
    assert read_date(text, now=NOON) == expected
