-- A chat can ask for its digest now: all that it was owed up to then goes together, at once.

ALTER TABLE subscribers ADD COLUMN asked_at INTEGER NOT NULL DEFAULT 0;
