"""The publisher's server of the tests of feeds."""

from tests.feeds.conftest import publisher

__all__ = ["publisher"]
