-- What the posts in a channel show; a draft counts from when its admin has seen a post in it.
CREATE TABLE post_looks (
    chat_id   INTEGER NOT NULL REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    is_draft  INTEGER NOT NULL,
    summary   INTEGER NOT NULL,
    source    INTEGER NOT NULL,
    read_also INTEGER NOT NULL,
    buttons   INTEGER NOT NULL,
    picture   INTEGER NOT NULL,
    own_line  TEXT    NOT NULL,                 -- plain text below each post; empty for none
    per_hour  INTEGER,                          -- posts in an hour at the most; null for no limit
    bundles   INTEGER NOT NULL,                 -- 1: several late stories come in one post
    PRIMARY KEY (chat_id, is_draft)
) STRICT, WITHOUT ROWID;
