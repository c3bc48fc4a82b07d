"""State of the look-alike."""
