"""Backups: verified copies of the database, their rotation, and the chats that left since."""
