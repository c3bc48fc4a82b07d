"""New articles become stories, owed to subscribers: pure readings, and an editor who stores."""
