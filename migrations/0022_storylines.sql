-- Chapters of a storyline, stories that turned out to be one, and followed storylines.

ALTER TABLE stories ADD COLUMN continues INTEGER;   -- the earlier chapter; null: the story is new
ALTER TABLE stories ADD COLUMN storyline INTEGER NOT NULL DEFAULT 0; -- its first chapter
ALTER TABLE stories ADD COLUMN same_as INTEGER;     -- the earlier story that this turned out to be

UPDATE stories SET storyline = id;

CREATE INDEX stories_storyline ON stories (storyline);
CREATE INDEX stories_same_as ON stories (same_as) WHERE same_as IS NOT NULL;

CREATE TABLE followed_storylines (
    chat_id     INTEGER NOT NULL REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    storyline   INTEGER NOT NULL,
    followed_at INTEGER NOT NULL,
    PRIMARY KEY (chat_id, storyline)
) STRICT, WITHOUT ROWID;

CREATE INDEX followed_storylines_storyline ON followed_storylines (storyline);

-- Articles that joined a story and were owed to nobody, by the age of the story.
CREATE TABLE silent_joins (
    day   INTEGER NOT NULL,                     -- since 1970, in UTC
    age   TEXT    NOT NULL CHECK (age IN ('1h', '6h', '24h', 'older')),
    count INTEGER NOT NULL,
    PRIMARY KEY (day, age)
) STRICT, WITHOUT ROWID;
