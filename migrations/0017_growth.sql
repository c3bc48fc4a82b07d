-- The newest of a topic are found by the topic and the time: with a million stories a list of a rare
-- topic looked through nearly all of them. When a story was published never changes.

CREATE TABLE story_topics_new (
    topic        TEXT    NOT NULL,
    published_at INTEGER NOT NULL,              -- the story's
    story_id     INTEGER NOT NULL REFERENCES stories ON DELETE CASCADE,
    PRIMARY KEY (topic, published_at, story_id)
) STRICT, WITHOUT ROWID;

INSERT INTO story_topics_new (topic, published_at, story_id)
SELECT story_topics.topic, published_at, story_id
  FROM story_topics JOIN stories ON stories.id = story_id
 ORDER BY 1, 2, 3;

DROP TABLE story_topics;
ALTER TABLE story_topics_new RENAME TO story_topics;
CREATE INDEX story_topics_story ON story_topics (story_id);

-- Nearly all deliveries were sent, and without a doubt: the others are counted by themselves.
CREATE INDEX deliveries_failed ON deliveries (state) WHERE state IN ('gone', 'rejected');
CREATE INDEX deliveries_doubtful ON deliveries (doubts) WHERE doubts > 0;

-- Of all readers few are silent: metrics, which are asked for every few seconds, count these.
CREATE INDEX subscribers_gone ON subscribers (gone_at) WHERE gone_at IS NOT NULL;
CREATE INDEX subscribers_paused ON subscribers (paused_at)
 WHERE paused_at IS NOT NULL AND gone_at IS NULL;
