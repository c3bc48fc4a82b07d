-- What private feeds wait for: whoever adds one chooses what its server answers. At least `ready_at`.
ALTER TABLE hosts ADD COLUMN private_ready_at INTEGER NOT NULL DEFAULT 0;
UPDATE hosts SET private_ready_at = ready_at;
-- Searches for the feed at an address, until the person who asked is answered.
CREATE TABLE feed_searches (
    id         INTEGER PRIMARY KEY,
    chat_id    INTEGER NOT NULL REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    asked_in   INTEGER NOT NULL,                -- the chat of the answer: another for a managed channel
    message_id INTEGER NOT NULL,                -- of the answer, which is edited
    address    TEXT    NOT NULL,                -- as typed
    attempts   INTEGER NOT NULL DEFAULT 0,      -- how often the search was begun
    due_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX feed_searches_chat ON feed_searches (chat_id);
