-- Calm is a rhythm of its own: who had chosen news by the hour keeps that until they choose again.
CREATE TABLE timetables_new (
    chat_id      INTEGER PRIMARY KEY REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    mode         TEXT    NOT NULL CHECK (mode IN ('at once', 'calm', 'hourly', 'digest')),
    digest_at    TEXT    NOT NULL,              -- a JSON array: minutes after the reader's midnight
    zone         TEXT    NOT NULL,              -- of IANA, or an offset such as +03:00
    -- The hours of rest, in minutes after midnight; null for none.
    quiet_since  INTEGER,
    quiet_until  INTEGER,
    silently     INTEGER NOT NULL,              -- 1: then messages come without a sound
    urgent_from  INTEGER,                       -- so many sources break the rest; null: none do
    per_day      INTEGER                        -- messages at the most; null for no limit
) STRICT;
INSERT INTO timetables_new SELECT * FROM timetables;
DROP TABLE timetables;
ALTER TABLE timetables_new RENAME TO timetables;
-- 1: the chat was asked how its news should come, once.
ALTER TABLE subscribers ADD COLUMN asked_when INTEGER NOT NULL DEFAULT 0;
CREATE INDEX subscribers_unasked ON subscribers (joined_at) WHERE asked_when = 0 AND kind = 'private';
-- When the news of a new person who has not answered becomes calm; 0: not by itself.
ALTER TABLE subscribers ADD COLUMN calm_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX subscribers_calm ON subscribers (calm_at) WHERE calm_at > 0;
