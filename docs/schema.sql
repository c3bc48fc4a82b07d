CREATE TABLE stories (
    id           INTEGER PRIMARY KEY,
    lead_id      INTEGER NOT NULL UNIQUE REFERENCES articles ON DELETE CASCADE,
    topic        TEXT    NOT NULL,
    language     TEXT    NOT NULL,
    published_at INTEGER NOT NULL,              -- the lead's
    opened_at    INTEGER NOT NULL
, continues INTEGER, storyline INTEGER NOT NULL DEFAULT 0, same_as INTEGER) STRICT;

CREATE INDEX stories_opened ON stories (opened_at);

CREATE VIRTUAL TABLE story_terms USING fts5 (terms, tokenize = "unicode61 remove_diacritics 0");

CREATE TABLE subscribers (
    chat_id   INTEGER PRIMARY KEY,
    kind      TEXT    NOT NULL CHECK (kind IN ('private', 'group', 'channel')),
    language  TEXT    NOT NULL CHECK (language IN ('uk', 'ru', 'en')),
    joined_at INTEGER NOT NULL,
    paused_at INTEGER,                          -- asked for silence
    gone_at   INTEGER,                          -- cannot be written to; settings are kept
    ready_at  INTEGER NOT NULL DEFAULT 0        -- not to be written to before this
, due_at INTEGER, fresh_hours INTEGER NOT NULL DEFAULT 24, held_until INTEGER NOT NULL DEFAULT 0, asked_at INTEGER NOT NULL DEFAULT 0, resume_at INTEGER, choosing_until INTEGER NOT NULL DEFAULT 0, bundled_at INTEGER NOT NULL DEFAULT 0, asked_when INTEGER NOT NULL DEFAULT 0, calm_at INTEGER NOT NULL DEFAULT 0, pictures TEXT NOT NULL DEFAULT 'important', away_since INTEGER NOT NULL DEFAULT 0, back_at INTEGER NOT NULL DEFAULT 0) STRICT;

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

CREATE TABLE "feeds" (
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
, private INTEGER NOT NULL DEFAULT 0, disabled_at INTEGER, dropped TEXT, misdated INTEGER NOT NULL DEFAULT 0, recheck_at INTEGER, false_304 INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX feeds_due ON feeds (due_at) WHERE listed = 1 AND stopped IS NULL;

CREATE TABLE aliases (
    feed_id    INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
    key        INTEGER NOT NULL,
    article_id INTEGER REFERENCES articles ON DELETE SET NULL,
    seen_at    INTEGER NOT NULL,
    PRIMARY KEY (feed_id, key)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE hosts (
    domain   TEXT PRIMARY KEY,
    ready_at INTEGER NOT NULL
, private_ready_at INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

CREATE TABLE "articles" (
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
, picture_url TEXT, picture_width INTEGER, picture_height INTEGER, own_source TEXT, picture_of_page INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX articles_unread ON articles (id) WHERE edited_at IS NULL;

CREATE INDEX articles_url ON articles (canonical_url) WHERE story_id IS NOT NULL;

CREATE INDEX articles_title ON articles (title_key) WHERE story_id IS NOT NULL AND title_key <> '';

CREATE INDEX articles_story ON articles (story_id);

CREATE INDEX articles_feed ON articles (feed_id, published_at);

CREATE INDEX news_languages_readers ON news_languages (language, chat_id);

CREATE INDEX stories_newest ON stories (published_at);

CREATE TABLE tellings (
    article_id  INTEGER PRIMARY KEY REFERENCES articles ON DELETE CASCADE,
    fingerprint TEXT    NOT NULL,
    vector      BLOB                            -- null where embeddings are not installed
) STRICT;

CREATE TABLE telling_keys (
    key        TEXT    NOT NULL,
    article_id INTEGER NOT NULL,
    PRIMARY KEY (key, article_id)
) STRICT, WITHOUT ROWID;

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
, person_id INTEGER) STRICT;

CREATE INDEX updates_waiting ON updates (update_id) WHERE handled_at IS NULL;

CREATE INDEX updates_chat ON updates (chat_id, update_id) WHERE chat_id IS NOT NULL;

CREATE INDEX updates_done ON updates (handled_at) WHERE handled_at IS NOT NULL;

CREATE TABLE "deliveries" (
    -- AUTOINCREMENT: what is recorded of one deleted in flight must not fall on another.
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    story_id   INTEGER NOT NULL REFERENCES stories ON DELETE CASCADE,
    chat_id    INTEGER NOT NULL REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    state      TEXT    NOT NULL DEFAULT 'pending'
               CHECK (state IN ('pending', 'sending', 'sent', 'gone', 'rejected')),
    attempts   INTEGER NOT NULL DEFAULT 0,
    doubts     INTEGER NOT NULL DEFAULT 0,      -- attempts whose answer never came: possible repeats
    retry_at   INTEGER NOT NULL DEFAULT 0,      -- put off alone until then: others of its chat go ahead
    owed_at    INTEGER NOT NULL,
    done_at    INTEGER,
    message_id INTEGER,                         -- one message may cover several deliveries
    reason     TEXT, at_once INTEGER NOT NULL DEFAULT 0, bundle_id INTEGER,                            -- Telegram's words for the last refusal
    UNIQUE (chat_id, story_id)                  -- a story reaches a chat once
) STRICT;

CREATE INDEX deliveries_pending ON deliveries (chat_id, id) WHERE state = 'pending';

CREATE INDEX deliveries_sending ON deliveries (chat_id) WHERE state = 'sending';

CREATE INDEX subscribers_due ON subscribers (due_at)
 WHERE due_at IS NOT NULL AND paused_at IS NULL AND gone_at IS NULL;

CREATE INDEX deliveries_story ON deliveries (story_id) WHERE state = 'pending';

CREATE TABLE feed_pages (
    feed_id  INTEGER PRIMARY KEY REFERENCES feeds ON DELETE CASCADE,
    wanted   INTEGER NOT NULL,                  -- 0: the operator does not want them fetched
    failures INTEGER NOT NULL DEFAULT 0,        -- in a row that told us nothing
    problem  TEXT,                              -- what was wrong with the last one; null: nothing
    ready_at INTEGER NOT NULL DEFAULT 0         -- they are left in peace before this
) STRICT;

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

CREATE TABLE editable (
    delivery_id INTEGER PRIMARY KEY REFERENCES deliveries ON DELETE CASCADE,
    story_id    INTEGER NOT NULL,
    is_private  INTEGER NOT NULL,               -- 1: of a person, edited only when nothing else is to do
    gist        BLOB    NOT NULL,               -- what the message told, hashed
    sent_at     INTEGER NOT NULL,
    edit_at     INTEGER                         -- null while the story has not grown
, preview TEXT, is_picture INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX editable_story ON editable (story_id);

CREATE INDEX editable_due ON editable (is_private, edit_at) WHERE edit_at IS NOT NULL;

CREATE TABLE threads (
    chat_id   INTEGER NOT NULL REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    topic     TEXT    NOT NULL,
    thread_id INTEGER NOT NULL,                 -- Telegram's message_thread_id
    state     TEXT    NOT NULL DEFAULT 'open'   -- told: closed, and the chat has been told so
              CHECK (state IN ('open', 'closed', 'told')),
    PRIMARY KEY (chat_id, topic)
) STRICT, WITHOUT ROWID;

CREATE TABLE managing (
    chat_id    INTEGER PRIMARY KEY,             -- the private chat
    channel_id INTEGER NOT NULL,
    name       TEXT    NOT NULL                 -- its @name or title, for the first line of answers
) STRICT;

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
    told_at  INTEGER, title TEXT NOT NULL DEFAULT '',                           -- when the chat was told that it is dead; null: it lives
    PRIMARY KEY (chat_id, feed_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX own_feeds_feed ON own_feeds (feed_id);

CREATE TABLE saved (
    chat_id  INTEGER NOT NULL REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    story_id INTEGER NOT NULL REFERENCES stories ON DELETE CASCADE,
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (chat_id, story_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX saved_story ON saved (story_id);

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

CREATE INDEX deliveries_told ON deliveries (story_id);

CREATE INDEX aliases_article ON aliases (article_id) WHERE article_id IS NOT NULL;

CREATE TABLE alarms (
    name      TEXT    PRIMARY KEY,
    raised_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE broadcasts (
    letter_id  INTEGER PRIMARY KEY REFERENCES letters ON DELETE CASCADE,
    author_id  INTEGER NOT NULL,                -- the admin's chat, and the message of his that
    message_id INTEGER NOT NULL,                -- is sent on
    audience   TEXT    NOT NULL DEFAULT 'all',
    sent_at    INTEGER,                         -- null: a draft, shown to its author alone
    stopped_at INTEGER,                         -- by an admin, before all had it
    UNIQUE (author_id, message_id)              -- what one wrote is sent once, however often asked
) STRICT;

CREATE INDEX notices_letter ON notices (letter_id, state);

CREATE TABLE "story_topics" (
    topic        TEXT    NOT NULL,
    published_at INTEGER NOT NULL,              -- the story's
    story_id     INTEGER NOT NULL REFERENCES stories ON DELETE CASCADE,
    PRIMARY KEY (topic, published_at, story_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX story_topics_story ON story_topics (story_id);

CREATE INDEX deliveries_failed ON deliveries (state) WHERE state IN ('gone', 'rejected');

CREATE INDEX deliveries_doubtful ON deliveries (doubts) WHERE doubts > 0;

CREATE INDEX subscribers_gone ON subscribers (gone_at) WHERE gone_at IS NOT NULL;

CREATE INDEX subscribers_paused ON subscribers (paused_at)
 WHERE paused_at IS NOT NULL AND gone_at IS NULL;

CREATE TABLE attempts (
    queue   TEXT    NOT NULL,
    key     INTEGER NOT NULL,                   -- of the row in the table of its queue
    count   INTEGER NOT NULL,
    reason  TEXT,                               -- of the last failure; null: the process ended
    dead_at INTEGER,                            -- when it was set aside; null: it is not
    PRIMARY KEY (queue, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE stem_versions (
    version     INTEGER PRIMARY KEY,            -- of the tables of word forms
    outdated_to INTEGER NOT NULL                -- stories up to this id are of earlier stems
) STRICT;

CREATE TABLE "documents" (
    feed_id    INTEGER PRIMARY KEY REFERENCES feeds ON DELETE CASCADE,
    hash       BLOB    NOT NULL,                -- of its bytes as they came
    items      BLOB    NOT NULL,                -- 48 bytes each: a digest, and the five keys of identity
    weak_keys  TEXT    NOT NULL,                -- a JSON array: kinds of keys that do not identify in this feed
    slice_reads INTEGER NOT NULL                -- documents read since one was last read whole
) STRICT;

CREATE INDEX stories_storyline ON stories (storyline);

CREATE INDEX stories_same_as ON stories (same_as) WHERE same_as IS NOT NULL;

CREATE TABLE followed_storylines (
    chat_id     INTEGER NOT NULL REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    storyline   INTEGER NOT NULL,
    followed_at INTEGER NOT NULL,
    PRIMARY KEY (chat_id, storyline)
) STRICT, WITHOUT ROWID;

CREATE INDEX followed_storylines_storyline ON followed_storylines (storyline);

CREATE TABLE silent_joins (
    day   INTEGER NOT NULL,                     -- since 1970, in UTC
    age   TEXT    NOT NULL CHECK (age IN ('1h', '6h', '24h', 'older')),
    count INTEGER NOT NULL,
    PRIMARY KEY (day, age)
) STRICT, WITHOUT ROWID;

CREATE INDEX subscribers_resuming ON subscribers (resume_at) WHERE resume_at IS NOT NULL;

CREATE TABLE judgements (
    id        INTEGER PRIMARY KEY,
    verdict   TEXT    NOT NULL CHECK (verdict IN ('topic', 'story')),
    url       TEXT    NOT NULL,                 -- of the article that opened the story
    topic     TEXT    NOT NULL,                 -- its main topic then, empty for none
    articles  TEXT    NOT NULL,                 -- a JSON array: headline and summary of each
    judged_at INTEGER NOT NULL,
    UNIQUE (verdict, url)
) STRICT;

CREATE INDEX subscribers_choosing ON subscribers (choosing_until) WHERE choosing_until > 0;

CREATE TABLE feed_searches (
    id         INTEGER PRIMARY KEY,
    chat_id    INTEGER NOT NULL REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    asked_in   INTEGER NOT NULL,                -- the chat of the answer: another for a managed channel
    message_id INTEGER NOT NULL,                -- of the answer, which is edited
    address    TEXT    NOT NULL,                -- as typed
    attempts   INTEGER NOT NULL DEFAULT 0,      -- how often the search was begun
    due_at     INTEGER NOT NULL
) STRICT;

CREATE INDEX feed_searches_chat ON feed_searches (chat_id);

CREATE TABLE limited_people (
    code       TEXT    PRIMARY KEY,
    limited_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX subscribers_unasked ON subscribers (joined_at) WHERE asked_when = 0 AND kind = 'private';

CREATE INDEX subscribers_calm ON subscribers (calm_at) WHERE calm_at > 0;

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

CREATE TABLE channel_sources (
    feed_id    INTEGER PRIMARY KEY REFERENCES feeds ON DELETE CASCADE,
    channel_id INTEGER NOT NULL UNIQUE,
    owner_id   INTEGER NOT NULL,                -- the private chat that brought it; 0: it has left
    username   TEXT    NOT NULL,                -- without "@"; empty for none
    added_at   INTEGER NOT NULL,
    asked_at   INTEGER                          -- waits for an admin's word to be public; null: it does not
) STRICT;

CREATE INDEX channel_sources_username ON channel_sources (username COLLATE NOCASE);

CREATE TABLE channel_lines (
    feed_id INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
    line    INTEGER NOT NULL,
    posts   INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (feed_id, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE "timetables" (
    chat_id      INTEGER PRIMARY KEY REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    mode         TEXT    NOT NULL
                 CHECK (mode IN ('at once', 'everything', 'calm', 'hourly', 'digest')),
    digest_at    TEXT    NOT NULL,              -- a JSON array: minutes after the reader's midnight
    zone         TEXT    NOT NULL,              -- of IANA, or an offset such as +03:00
    -- The hours of rest, in minutes after midnight; null for none.
    quiet_since  INTEGER,
    quiet_until  INTEGER,
    silently     INTEGER NOT NULL,              -- 1: then messages come without a sound
    urgent_from  INTEGER,                       -- so many sources break the rest; null: none do
    per_day      INTEGER,                       -- messages at the most; null for no limit
    weekday      INTEGER                        -- of a weekly digest, 0 is Monday; null: every day
) STRICT;

CREATE INDEX deliveries_bundled ON deliveries (story_id) WHERE state = 'sent' AND bundle_id IS NOT NULL;

CREATE INDEX subscribers_returned ON subscribers (away_since) WHERE away_since > 0;

CREATE TABLE loud_lines (
    topic    TEXT    NOT NULL,
    language TEXT    NOT NULL CHECK (language IN ('uk', 'ru', 'en')),
    sources  INTEGER NOT NULL,
    PRIMARY KEY (topic, language)
) STRICT, WITHOUT ROWID;
