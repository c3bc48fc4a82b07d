-- What readers report of stories, without who did: a wrong topic, or articles of different events.
CREATE TABLE judgements (
    id        INTEGER PRIMARY KEY,
    verdict   TEXT    NOT NULL CHECK (verdict IN ('topic', 'story')),
    url       TEXT    NOT NULL,                 -- of the article that opened the story
    topic     TEXT    NOT NULL,                 -- its main topic then, empty for none
    articles  TEXT    NOT NULL,                 -- a JSON array: headline and summary of each
    judged_at INTEGER NOT NULL,
    UNIQUE (verdict, url)
) STRICT;
