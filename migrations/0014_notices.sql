-- What is owed to chats and is no story: that a feed has died, an alarm, a word of the operator's.

CREATE TABLE letters (
    id         INTEGER PRIMARY KEY,
    html       TEXT    NOT NULL,
    written_at INTEGER NOT NULL
) STRICT;

CREATE TABLE notices (
    -- AUTOINCREMENT: what is recorded of one deleted in flight must not fall on another.
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    letter_id INTEGER NOT NULL REFERENCES letters ON DELETE CASCADE,
    chat_id   INTEGER NOT NULL REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    state     TEXT    NOT NULL DEFAULT 'pending'
              CHECK (state IN ('pending', 'sending', 'sent', 'gone', 'rejected')),
    attempts  INTEGER NOT NULL DEFAULT 0,
    doubts    INTEGER NOT NULL DEFAULT 0,       -- attempts whose answer never came: possible repeats
    retry_at  INTEGER NOT NULL DEFAULT 0,
    done_at   INTEGER,
    reason    TEXT,                             -- Telegram's words for the last refusal
    UNIQUE (letter_id, chat_id)                 -- a letter reaches a chat once
) STRICT;
CREATE INDEX notices_pending ON notices (retry_at, id) WHERE state = 'pending';
CREATE INDEX notices_sending ON notices (id) WHERE state = 'sending';
CREATE INDEX notices_chat ON notices (chat_id);
