"""Transactional outbox: pending deliveries become messages that Telegram accepted."""
