"""Process supervision: workers, recovery from database errors, clock changes, retention."""
