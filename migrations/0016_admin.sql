-- What the bot's admins do from Telegram: feeds switched off, alarms, a word to all.

ALTER TABLE feeds ADD COLUMN disabled_at INTEGER;  -- by an admin; polled no more until one wants it again

-- The alarms that stand: their admins know of them, and will be told when all is well again.
CREATE TABLE alarms (
    name      TEXT    PRIMARY KEY,
    raised_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A letter that an admin wrote to all, or to some.
CREATE TABLE broadcasts (
    letter_id  INTEGER PRIMARY KEY REFERENCES letters ON DELETE CASCADE,
    author_id  INTEGER NOT NULL,                -- the admin's chat, and the message of his that
    message_id INTEGER NOT NULL,                -- is sent on
    audience   TEXT    NOT NULL DEFAULT 'all',
    sent_at    INTEGER,                         -- null: a draft, shown to its author alone
    stopped_at INTEGER,                         -- by an admin, before all had it
    UNIQUE (author_id, message_id)              -- what one wrote is sent once, however often asked
) STRICT;

-- How far a letter has come is counted by this alone.
CREATE INDEX notices_letter ON notices (letter_id, state);
