from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from bot.i18n import speak
from bot.model import LANGUAGES, FeedHealth, FeedId, FeedProblem, Language, PageBackoff
from bot.rendering.feed_status import format_duration, needs_attention, problem_text, status_text
from tests.support.fakes import NOON

FINE = FeedHealth(
    id=FeedId(1),
    url="https://courier.example/rss",
    moved_to=None,
    source="Courier",
    failures=0,
    due_at=NOON + timedelta(minutes=15),
    read_at=NOON,
    problem=None,
    stop_reason=None,
    has_readers=True,
    polls=(),
)
PAGES = PageBackoff(problem="HTTP 403", failures=5, until=NOON + timedelta(hours=20))


@pytest.mark.parametrize(
    ("health", "words"),
    [
        (FINE, "fine"),
        (replace(FINE, moved_to="https://new.example/"), "fine, moved to https://new.example/"),
        (replace(FINE, read_at=None), "not asked yet"),
        (replace(FINE, has_readers=False), "rests: nobody reads it"),
        (
            replace(FINE, pages=PAGES),
            "fine, but its articles' pages are left in peace for 20 h: HTTP 403 (5 times in a row)",
        ),
        (replace(FINE, pages=replace(PAGES, until=NOON)), "fine"),
        (replace(FINE, problem="HTTP 404", failures=1), "HTTP 404"),
        (replace(FINE, problem="HTTP 404", failures=3), "HTTP 404 (3 times in a row)"),
        (replace(FINE, stop_reason="gone", problem="HTTP 410"), "gone: its publisher says so"),
        (replace(FINE, stop_reason="merged"), "moved to where another feed of yours lives"),
    ],
)
def test_a_status_is_one_sentence_with_its_reason(health: FeedHealth, words: str) -> None:
    assert status_text(health, now=NOON) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (0.4, "0 s"),
        (29, "29 s"),
        (89.4, "89 s"),
        (90, "2 min"),
        (2400, "40 min"),
        (89 * 60, "89 min"),
        (90 * 60, "2 h"),
        (43_200, "12 h"),
        (47 * 3600, "47 h"),
        (48 * 3600, "2 d"),
        (3 * 86_400, "3 d"),
    ],
)
def test_a_duration_is_in_its_largest_fitting_unit(seconds: float, words: str) -> None:
    assert format_duration(timedelta(seconds=seconds)) == words


def test_a_feed_with_a_problem_of_its_own_or_of_its_pages_needs_attention() -> None:
    assert not needs_attention(FINE, now=NOON)
    assert needs_attention(replace(FINE, problem="HTTP 404"), now=NOON)
    assert needs_attention(replace(FINE, stop_reason="gone"), now=NOON)
    assert needs_attention(replace(FINE, pages=PAGES), now=NOON)
    assert not needs_attention(replace(FINE, pages=PAGES), now=PAGES.until)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_has_a_text_of_its_own(language: Language) -> None:
    texts = [problem_text(problem, speak(language)) for problem in get_args(FeedProblem)]
    assert len(set(texts)) == len(texts)
