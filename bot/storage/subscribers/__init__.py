"""Tables of subscribers and their choices."""
