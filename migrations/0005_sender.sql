-- Who is due is a row, found by an index; a message may cover several deliveries.

-- When the chat is to be written to next; null: it is owed nothing.
ALTER TABLE subscribers ADD COLUMN due_at INTEGER;
-- What was owed for longer is not sent one by one.
ALTER TABLE subscribers ADD COLUMN fresh_hours INTEGER NOT NULL DEFAULT 24;

CREATE TABLE deliveries_of_the_sender (
    -- AUTOINCREMENT: what is recorded of one deleted in flight must not fall on another.
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    story_id   INTEGER NOT NULL REFERENCES stories ON DELETE CASCADE,
    chat_id    INTEGER NOT NULL REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    state      TEXT    NOT NULL DEFAULT 'pending'
               CHECK (state IN ('pending', 'sending', 'sent', 'gone', 'rejected')),
    attempts   INTEGER NOT NULL DEFAULT 0,
    doubts     INTEGER NOT NULL DEFAULT 0,      -- attempts whose answer never came: possible repeats
    retry_at   INTEGER NOT NULL DEFAULT 0,      -- put off alone until then: others of its chat go ahead
    owed_at    INTEGER NOT NULL,
    done_at    INTEGER,
    message_id INTEGER,                         -- one message may cover several deliveries
    reason     TEXT,                            -- Telegram's words for the last refusal
    UNIQUE (chat_id, story_id)                  -- a story reaches a chat once
) STRICT;

INSERT INTO deliveries_of_the_sender
       (id, story_id, chat_id, state, attempts, doubts, owed_at, done_at, message_id, reason)
SELECT  id, story_id, chat_id, state, attempts, doubts, owed_at, done_at, message_id, reason
  FROM deliveries;

DROP TABLE deliveries;
ALTER TABLE deliveries_of_the_sender RENAME TO deliveries;

CREATE INDEX deliveries_pending ON deliveries (chat_id, id) WHERE state = 'pending';
CREATE INDEX deliveries_sending ON deliveries (chat_id) WHERE state = 'sending';

UPDATE subscribers
   SET due_at = ready_at
 WHERE chat_id IN (SELECT chat_id FROM deliveries WHERE state IN ('pending', 'sending'));

CREATE INDEX subscribers_due ON subscribers (due_at)
 WHERE due_at IS NOT NULL AND paused_at IS NULL AND gone_at IS NULL;
