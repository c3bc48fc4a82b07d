"""News sites on loopback."""
