"""Topics of an article."""
