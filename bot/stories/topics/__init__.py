"""Topic classification of an article."""
