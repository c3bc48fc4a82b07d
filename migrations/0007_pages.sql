-- What feeds leave out: the pages of articles of which they tell little, and the links that the
-- newspaper's own editor put into an article.

-- What the pages of a feed's articles are to us.
CREATE TABLE feed_pages (
    feed_id  INTEGER PRIMARY KEY REFERENCES feeds ON DELETE CASCADE,
    wanted   INTEGER NOT NULL,                  -- 0: the operator does not want them fetched
    failures INTEGER NOT NULL DEFAULT 0,        -- in a row that told us nothing
    problem  TEXT,                              -- what was wrong with the last one; null: nothing
    ready_at INTEGER NOT NULL DEFAULT 0         -- they are left in peace before this
) STRICT;

-- A row is written with the article. The editor waits for the page until `give_up_at`.
CREATE TABLE pages (
    article_id INTEGER PRIMARY KEY REFERENCES articles ON DELETE CASCADE,
    domain     TEXT    NOT NULL,                -- whom we owe our manners
    due_at     INTEGER,                         -- null: it came, or is waited for no more
    give_up_at INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    problem    TEXT,                            -- why there is no text; null while there may be one
    text       TEXT    NOT NULL DEFAULT ''      -- what tells more than the feed does
) STRICT;

CREATE INDEX pages_due ON pages (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE own_links (
    article_id    INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE,
    place         INTEGER NOT NULL,             -- its turn in the article
    url           TEXT    NOT NULL,
    canonical_url TEXT    NOT NULL,
    title         TEXT    NOT NULL,             -- empty: linked from within a sentence
    -- What the editor made of its title.
    language      TEXT,
    topics        TEXT    NOT NULL DEFAULT '[]', -- a JSON array; empty: shown to nobody by its title
    PRIMARY KEY (article_id, canonical_url)
) STRICT, WITHOUT ROWID;
