-- When each chat wants its news. A chat without a row here takes everything at once.

CREATE TABLE timetables (
    chat_id      INTEGER PRIMARY KEY REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    mode         TEXT    NOT NULL CHECK (mode IN ('at once', 'hourly', 'digest')),
    digest_at    TEXT    NOT NULL,              -- a JSON array: minutes after the reader's midnight
    zone         TEXT    NOT NULL,              -- of IANA, or an offset such as +03:00
    -- The hours of rest, in minutes after midnight; null for none.
    quiet_since  INTEGER,
    quiet_until  INTEGER,
    silently     INTEGER NOT NULL,              -- 1: then messages come without a sound
    urgent_from  INTEGER,                       -- so many sources break the rest; null: none do
    per_day      INTEGER                        -- messages at the most; null for no limit
) STRICT;

-- By its own timetable nothing goes to the chat before this; Telegram's wishes stand in ready_at.
ALTER TABLE subscribers ADD COLUMN held_until INTEGER NOT NULL DEFAULT 0;

-- For a story that grows: who is owed it still?
CREATE INDEX deliveries_story ON deliveries (story_id) WHERE state = 'pending';
