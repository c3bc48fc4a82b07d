"""Texts, entities, links and keyboards of messages."""
