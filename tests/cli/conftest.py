"""A publisher's server, as the tests of the feeds have it."""

from tests.feeds.conftest import publisher

__all__ = ["publisher"]
