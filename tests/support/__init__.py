"""Fakes, builders and servers that several tests share."""
