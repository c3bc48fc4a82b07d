-- Everything as it comes, a rush of it in one message, is a rhythm of its own; a digest may be weekly.
CREATE TABLE timetables_new (
    chat_id      INTEGER PRIMARY KEY REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    mode         TEXT    NOT NULL
                 CHECK (mode IN ('at once', 'everything', 'calm', 'hourly', 'digest')),
    digest_at    TEXT    NOT NULL,              -- a JSON array: minutes after the reader's midnight
    zone         TEXT    NOT NULL,              -- of IANA, or an offset such as +03:00
    -- The hours of rest, in minutes after midnight; null for none.
    quiet_since  INTEGER,
    quiet_until  INTEGER,
    silently     INTEGER NOT NULL,              -- 1: then messages come without a sound
    urgent_from  INTEGER,                       -- so many sources break the rest; null: none do
    per_day      INTEGER,                       -- messages at the most; null for no limit
    weekday      INTEGER                        -- of a weekly digest, 0 is Monday; null: every day
) STRICT;
INSERT INTO timetables_new SELECT *, NULL FROM timetables;
DROP TABLE timetables;
ALTER TABLE timetables_new RENAME TO timetables;
-- The message of the bundle that told the story. Where `message_id` is another, the story was told once
-- more by itself; where it is null and the delivery pending, it is to be.
ALTER TABLE deliveries ADD COLUMN bundle_id INTEGER;
CREATE INDEX deliveries_bundled ON deliveries (story_id) WHERE state = 'sent' AND bundle_id IS NOT NULL;
-- Since when a chat that is back was away, until what it missed is owed to it; 0: it is.
ALTER TABLE subscribers ADD COLUMN away_since INTEGER NOT NULL DEFAULT 0;
CREATE INDEX subscribers_returned ON subscribers (away_since) WHERE away_since > 0;
-- When it came back: what was owed before was missed.
ALTER TABLE subscribers ADD COLUMN back_at INTEGER NOT NULL DEFAULT 0;
-- From so many sources on a story of the topic comes at once to a calm reader of the language.
CREATE TABLE loud_lines (
    topic    TEXT    NOT NULL,
    language TEXT    NOT NULL CHECK (language IN ('uk', 'ru', 'en')),
    sources  INTEGER NOT NULL,
    PRIMARY KEY (topic, language)
) STRICT, WITHOUT ROWID;
