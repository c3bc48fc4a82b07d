-- The first schema: feeds, articles, stories, subscribers and the outbox.
-- Every *_at column holds whole seconds since 1970-01-01 UTC.

CREATE TABLE feeds (
    id            INTEGER PRIMARY KEY,
    url           TEXT    NOT NULL UNIQUE,
    source        TEXT    NOT NULL,             -- the publisher, by the name that readers see
    language      TEXT    NOT NULL CHECK (language IN ('uk', 'ru', 'en')),
    topic         TEXT,                         -- its usual topic; null for a mixed feed
    listed        INTEGER NOT NULL DEFAULT 1,   -- 0: left the catalogue, polled no more
    etag          BLOB,                         -- validators are the server's own bytes
    last_modified BLOB,
    due_at        INTEGER NOT NULL,
    read_at       INTEGER,                      -- the last poll that succeeded; null before the first
    failures      INTEGER NOT NULL DEFAULT 0,   -- in a row
    problem       TEXT                          -- why the last poll failed; null when it did not
) STRICT;

CREATE INDEX feeds_due ON feeds (due_at) WHERE listed = 1;

CREATE TABLE articles (
    id            INTEGER PRIMARY KEY,
    feed_id       INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
    guid          TEXT    NOT NULL,
    url           TEXT    NOT NULL,
    canonical_url TEXT    NOT NULL,
    title         TEXT    NOT NULL,
    text          TEXT    NOT NULL,
    categories    TEXT    NOT NULL,             -- a JSON array of the publisher's own words
    published_at  INTEGER NOT NULL,
    stored_at     INTEGER NOT NULL,
    backlog       INTEGER NOT NULL,             -- 1: old when we first saw it; shown on request, never pushed
    -- What the editor made of it.
    edited_at     INTEGER,                      -- null until the editor has read it
    problem       TEXT,                         -- why the editor passed over it
    language      TEXT,
    summary       TEXT,
    title_key     TEXT,
    story_id      INTEGER REFERENCES stories ON DELETE SET NULL,
    UNIQUE (feed_id, guid)
) STRICT;

-- The editor's queue is short; index only what is in it.
CREATE INDEX articles_unread ON articles (id) WHERE edited_at IS NULL;
CREATE INDEX articles_url ON articles (canonical_url) WHERE story_id IS NOT NULL;
CREATE INDEX articles_title ON articles (title_key) WHERE story_id IS NOT NULL AND title_key <> '';
CREATE INDEX articles_story ON articles (story_id);

CREATE TABLE stories (
    id           INTEGER PRIMARY KEY,
    lead_id      INTEGER NOT NULL UNIQUE REFERENCES articles ON DELETE CASCADE,
    topic        TEXT    NOT NULL,
    language     TEXT    NOT NULL,
    published_at INTEGER NOT NULL,              -- the lead's
    opened_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX stories_newest ON stories (topic, language, published_at);
CREATE INDEX stories_opened ON stories (opened_at);

-- Stems of each story's headline and summary; rowid is the story's id.
CREATE VIRTUAL TABLE story_terms USING fts5 (terms, tokenize = "unicode61 remove_diacritics 0");

CREATE TABLE subscribers (
    chat_id   INTEGER PRIMARY KEY,
    kind      TEXT    NOT NULL CHECK (kind IN ('private', 'group', 'channel')),
    language  TEXT    NOT NULL CHECK (language IN ('uk', 'ru', 'en')),
    joined_at INTEGER NOT NULL,
    paused_at INTEGER,                          -- asked for silence
    gone_at   INTEGER,                          -- cannot be written to; settings are kept
    ready_at  INTEGER NOT NULL DEFAULT 0        -- not to be written to before this
) STRICT;

CREATE TABLE subscriptions (
    chat_id INTEGER NOT NULL REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    topic   TEXT    NOT NULL,
    PRIMARY KEY (topic, chat_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX subscriptions_chat ON subscriptions (chat_id);

CREATE TABLE news_languages (
    chat_id  INTEGER NOT NULL REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    language TEXT    NOT NULL CHECK (language IN ('uk', 'ru', 'en')),
    PRIMARY KEY (chat_id, language)
) STRICT, WITHOUT ROWID;

-- The outbox. A row is written in the transaction that stores its story.
CREATE TABLE deliveries (
    -- AUTOINCREMENT: what is recorded of one deleted in flight must not fall on another.
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    story_id   INTEGER NOT NULL REFERENCES stories ON DELETE CASCADE,
    chat_id    INTEGER NOT NULL REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    state      TEXT    NOT NULL DEFAULT 'pending'
               CHECK (state IN ('pending', 'sending', 'sent', 'gone', 'rejected')),
    attempts   INTEGER NOT NULL DEFAULT 0,
    doubts     INTEGER NOT NULL DEFAULT 0,      -- attempts whose answer never came: possible repeats
    owed_at    INTEGER NOT NULL,
    done_at    INTEGER,
    message_id INTEGER,
    reason     TEXT,                            -- Telegram's words for the last refusal
    UNIQUE (chat_id, story_id)                  -- a story reaches a chat once
) STRICT;

-- The sender's queue, oldest first; what is done does not weigh on it.
CREATE INDEX deliveries_pending ON deliveries (id) WHERE state = 'pending';
CREATE INDEX deliveries_sending ON deliveries (chat_id) WHERE state = 'sending';
