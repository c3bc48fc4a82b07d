-- The feed engine: what a feed is known by, how its publisher wants to be asked, how its polls went.
-- Every *_at column holds whole seconds since 1970-01-01 UTC.

CREATE TABLE feeds_of_the_engine (
    id              INTEGER PRIMARY KEY,
    url             TEXT    NOT NULL UNIQUE,    -- as the catalogue lists it
    source          TEXT    NOT NULL,           -- the publisher, by the name that readers see
    language        TEXT    NOT NULL CHECK (language IN ('uk', 'ru', 'en')),
    topic           TEXT,                       -- its usual topic; null for a mixed feed
    listed          INTEGER NOT NULL DEFAULT 1, -- 0: left the catalogue, polled no more
    domain          TEXT    NOT NULL,           -- whom we owe our manners
    moved_to        TEXT,                       -- where it lives since it moved for good
    stopped         TEXT                        -- polled no more until the operator asks for it
                    CHECK (stopped IN ('gone', 'merged')),
    etag            BLOB,                       -- validators are the server's own bytes
    last_modified   BLOB,
    document_url    TEXT,                       -- whose the validators are
    due_at          INTEGER NOT NULL,
    checked_at      INTEGER,                    -- the end of the last poll, however it went
    read_at         INTEGER,                    -- the last poll that succeeded; null before the first
    failures        INTEGER NOT NULL DEFAULT 0, -- in a row
    kills           INTEGER NOT NULL DEFAULT 0, -- documents in a row that we had to give up on
    problem         TEXT,                       -- why the last poll failed; null when it did not
    -- The publisher's own words on its rhythm: its next documents may be too unchanged to be read.
    every_seconds   INTEGER,
    skip_hours      TEXT    NOT NULL DEFAULT '[]',  -- a JSON array: hours of GMT
    skip_days       TEXT    NOT NULL DEFAULT '[]',  -- a JSON array: Monday is 0
    -- A redirect for good that we have seen, and do not believe yet.
    move_url        TEXT,
    move_since      INTEGER,
    move_sightings  INTEGER NOT NULL DEFAULT 0,
    -- How far the publisher's clock is ahead, and in how many polls in a row it was.
    clock_hours     INTEGER NOT NULL DEFAULT 0,
    clock_sightings INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO feeds_of_the_engine
       (id, url, source, language, topic, listed, domain, etag, last_modified, document_url,
        due_at, checked_at, read_at, failures, problem)
SELECT  id, url, source, language, topic, listed, '', etag, last_modified, url,
        due_at, read_at, read_at, failures, problem
  FROM feeds;

DROP TABLE feeds;
ALTER TABLE feeds_of_the_engine RENAME TO feeds;

CREATE INDEX feeds_due ON feeds (due_at) WHERE listed = 1 AND stopped IS NULL;

-- What a feed held when we last read it: by this we know what of its next document is known.
CREATE TABLE documents (
    feed_id    INTEGER PRIMARY KEY REFERENCES feeds ON DELETE CASCADE,
    hash       BLOB    NOT NULL,                -- of its bytes as they came
    items      BLOB    NOT NULL,                -- 40 bytes each: a digest, and the four keys of identity
    weak_keys  TEXT    NOT NULL,                -- a JSON array: kinds of keys that do not identify in this feed
    slice_reads INTEGER NOT NULL                -- documents read since one was last read whole
) STRICT;

-- All by which an article is known. They outlive the article, so that an old item never comes back.
CREATE TABLE aliases (
    feed_id    INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
    key        INTEGER NOT NULL,
    article_id INTEGER REFERENCES articles ON DELETE SET NULL,
    seen_at    INTEGER NOT NULL,
    PRIMARY KEY (feed_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX aliases_article ON aliases (article_id);

-- The last polls of each feed: its health.
CREATE TABLE polls (
    id          INTEGER PRIMARY KEY,
    feed_id     INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
    outcome     TEXT    NOT NULL
                CHECK (outcome IN ('read', 'unchanged', 'torn', 'busy', 'failed', 'killed', 'gone')),
    ended_at    INTEGER NOT NULL,
    took_ms     INTEGER NOT NULL,
    status      INTEGER,                        -- of HTTP; null where there was no answer
    received    INTEGER NOT NULL,               -- bytes of the body, as they came over the wire
    conditional INTEGER NOT NULL,               -- 1: we asked only for what is new
    news        INTEGER NOT NULL,               -- articles that it brought
    problem     TEXT                            -- the reason in plain words; null where there is none
) STRICT;

CREATE INDEX polls_feed ON polls (feed_id, id);

-- Servers that asked for silence, with all the feeds they hold.
CREATE TABLE hosts (
    domain   TEXT PRIMARY KEY,
    ready_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What an article is known by now stands in `aliases`; a guid may be empty, and shared by two.
CREATE TABLE articles_known_by_aliases (
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
    edits         INTEGER NOT NULL DEFAULT 0,   -- how often its publisher has changed it since
    -- What the editor made of it.
    edited_at     INTEGER,                      -- null until the editor has read it
    problem       TEXT,                         -- why the editor passed over it
    language      TEXT,
    summary       TEXT,
    title_key     TEXT,
    story_id      INTEGER REFERENCES stories ON DELETE SET NULL
) STRICT;

INSERT INTO articles_known_by_aliases
       (id, feed_id, guid, url, canonical_url, title, text, categories, published_at, stored_at,
        backlog, edited_at, problem, language, summary, title_key, story_id)
SELECT  id, feed_id, guid, url, canonical_url, title, text, categories, published_at, stored_at,
        backlog, edited_at, problem, language, summary, title_key, story_id
  FROM articles;

DROP TABLE articles;
ALTER TABLE articles_known_by_aliases RENAME TO articles;

-- The editor's queue is short; index only what is in it.
CREATE INDEX articles_unread ON articles (id) WHERE edited_at IS NULL;
CREATE INDEX articles_url ON articles (canonical_url) WHERE story_id IS NOT NULL;
CREATE INDEX articles_title ON articles (title_key) WHERE story_id IS NOT NULL AND title_key <> '';
CREATE INDEX articles_story ON articles (story_id);
CREATE INDEX articles_feed ON articles (feed_id, published_at);

-- Who reads news in a language: a feed that nobody reads is not polled.
CREATE INDEX news_languages_readers ON news_languages (language, chat_id);
