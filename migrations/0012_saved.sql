-- A reader can keep stories, to read them later.

CREATE TABLE saved (
    chat_id  INTEGER NOT NULL REFERENCES subscribers ON UPDATE CASCADE ON DELETE CASCADE,
    story_id INTEGER NOT NULL REFERENCES stories ON DELETE CASCADE,
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (chat_id, story_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX saved_story ON saved (story_id);
