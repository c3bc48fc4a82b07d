-- What readers choose beside topics: words, sources, feeds of their own.

-- A word or phrase, once for all who follow or mute it, as `bot.phrases` reads it.
CREATE TABLE phrases (
    id           INTEGER PRIMARY KEY,
    stems        TEXT NOT NULL,                 -- with spaces round each: ' штучн интелект '
    anchor       TEXT NOT NULL,                 -- the stem by which it is looked up
    sounds       TEXT NOT NULL,                 -- of a name; empty for what is none
    sound_anchor TEXT NOT NULL,
    UNIQUE (stems, sounds)
) STRICT;
CREATE INDEX phrases_anchor ON phrases (anchor);
CREATE INDEX phrases_sound_anchor ON phrases (sound_anchor) WHERE sound_anchor <> '';

CREATE TABLE words (
    chat_id   INTEGER NOT NULL REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    phrase_id INTEGER NOT NULL REFERENCES phrases,
    said      TEXT    NOT NULL,                 -- as the reader wrote it
    muted     INTEGER NOT NULL,                 -- 0: followed
    topic     TEXT    NOT NULL,                 -- counts in this topic alone; empty: in all
    PRIMARY KEY (phrase_id, chat_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX words_chat ON words (chat_id);
CREATE INDEX words_followed ON words (chat_id) WHERE muted = 0;

CREATE TABLE refusals (
    chat_id INTEGER NOT NULL REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    feed_id INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
    PRIMARY KEY (chat_id, feed_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX refusals_feed ON refusals (feed_id);

CREATE TABLE own_feeds (
    chat_id  INTEGER NOT NULL REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    feed_id  INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
    added_at INTEGER NOT NULL,
    told_at  INTEGER,                           -- when the chat was told that it is dead; null: it lives
    PRIMARY KEY (chat_id, feed_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX own_feeds_feed ON own_feeds (feed_id);

-- 1: no list has ever had it; chats have added it, and only they see what it tells.
ALTER TABLE feeds ADD COLUMN private INTEGER NOT NULL DEFAULT 0;

-- What shows a story is the first telling that a reader sees, which is asked of the articles.
DROP TABLE story_languages;
