"""Updates: received, stored, handled in order."""
