-- Attempts at rows of all queues, written before the work; and what is set aside after too many.
CREATE TABLE attempts (
    queue   TEXT    NOT NULL,
    key     INTEGER NOT NULL,                   -- of the row in the table of its queue
    count   INTEGER NOT NULL,
    reason  TEXT,                               -- of the last failure; null: the process ended
    dead_at INTEGER,                            -- when it was set aside; null: it is not
    PRIMARY KEY (queue, key)
) STRICT, WITHOUT ROWID;
