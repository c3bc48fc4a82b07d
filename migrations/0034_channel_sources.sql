-- A channel whose posts are articles; its feed is never polled.
CREATE TABLE channel_sources (
    feed_id    INTEGER PRIMARY KEY REFERENCES feeds ON DELETE CASCADE,
    channel_id INTEGER NOT NULL UNIQUE,
    owner_id   INTEGER NOT NULL,                -- the private chat that brought it; 0: it has left
    username   TEXT    NOT NULL,                -- without "@"; empty for none
    added_at   INTEGER NOT NULL,
    asked_at   INTEGER                          -- waits for an admin's word to be public; null: it does not
) STRICT;
CREATE INDEX channel_sources_username ON channel_sources (username COLLATE NOCASE);
-- Below how many posts of a channel a line stood; line 0 counts its posts.
CREATE TABLE channel_lines (
    feed_id INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
    line    INTEGER NOT NULL,
    posts   INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (feed_id, line)
) STRICT, WITHOUT ROWID;
