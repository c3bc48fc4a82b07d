-- A topic's stories can go to a thread of a forum; without one they go to General.

CREATE TABLE threads (
    chat_id   INTEGER NOT NULL REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    topic     TEXT    NOT NULL,
    thread_id INTEGER NOT NULL,                 -- Telegram's message_thread_id
    state     TEXT    NOT NULL DEFAULT 'open'   -- told: closed, and the chat has been told so
              CHECK (state IN ('open', 'closed', 'told')),
    PRIMARY KEY (chat_id, topic)
) STRICT, WITHOUT ROWID;
