"""Tables of feeds, their polls, items and pages."""
