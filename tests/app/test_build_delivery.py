import pytest

from bot.app.build_delivery import lanes


@pytest.mark.parametrize(("rate", "expected"), [(0.01, 6), (28, 8), (100, 30), (1000, 300)])
def test_lanes_follow_the_rate(rate: float, expected: int) -> None:
    assert lanes(rate) == expected
