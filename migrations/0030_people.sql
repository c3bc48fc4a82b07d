-- Who wrote or pressed it: a person is handled one update at a time, over all chats. Null once handled.
ALTER TABLE updates ADD COLUMN person_id INTEGER;
-- People whom an admin has slowed down, each by a keyed hash.
CREATE TABLE limited_people (
    code       TEXT    PRIMARY KEY,
    limited_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
