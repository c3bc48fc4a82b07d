-- The newsroom: a story may belong to more than one topic.

-- All topics of a story, its main one among them.
CREATE TABLE story_topics (
    topic    TEXT    NOT NULL,
    story_id INTEGER NOT NULL REFERENCES stories ON DELETE CASCADE,
    PRIMARY KEY (topic, story_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX story_topics_story ON story_topics (story_id);

INSERT INTO story_topics (topic, story_id) SELECT topic, id FROM stories;
