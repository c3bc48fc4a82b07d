-- The inbox: what Telegram tells us is stored before Telegram is told that it arrived, and handled
-- afterwards. What people wrote, and in which chat, goes as soon as it is handled; the bare number
-- stays a while, so that an update which comes twice is handled once.

CREATE TABLE updates (
    update_id   INTEGER PRIMARY KEY,
    chat_id     INTEGER,                        -- 0: it happened in no chat; null once handled
    kind        TEXT    NOT NULL,
    content     TEXT,                           -- JSON, as it came; null once handled
    received_at INTEGER NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,     -- how often handling it was begun
    due_at      INTEGER NOT NULL,
    handled_at  INTEGER,                        -- null while it waits
    problem     TEXT                            -- why it was put off, or set aside for good
) STRICT;

CREATE INDEX updates_waiting ON updates (update_id) WHERE handled_at IS NULL;
CREATE INDEX updates_chat ON updates (chat_id, update_id) WHERE chat_id IS NOT NULL;
CREATE INDEX updates_done ON updates (handled_at) WHERE handled_at IS NOT NULL;
