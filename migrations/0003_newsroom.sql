-- The newsroom: a story may belong to several topics, be told in several languages, and is known
-- by what its tellings say, not only by their addresses and headlines.

-- All topics of a story, its main one among them.
CREATE TABLE story_topics (
    topic    TEXT    NOT NULL,
    story_id INTEGER NOT NULL REFERENCES stories ON DELETE CASCADE,
    PRIMARY KEY (topic, story_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX story_topics_story ON story_topics (story_id);

INSERT INTO story_topics (topic, story_id) SELECT topic, id FROM stories;

-- In which languages a story is told, and by which article first: that is what readers are shown.
CREATE TABLE story_languages (
    story_id   INTEGER NOT NULL REFERENCES stories ON DELETE CASCADE,
    language   TEXT    NOT NULL CHECK (language IN ('uk', 'ru', 'en')),
    article_id INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE,
    PRIMARY KEY (story_id, language)
) STRICT, WITHOUT ROWID;

CREATE INDEX story_languages_article ON story_languages (article_id);

INSERT INTO story_languages (story_id, language, article_id)
SELECT id, language, lead_id FROM stories;

INSERT OR IGNORE INTO story_languages (story_id, language, article_id)
SELECT story_id, language, min(id)
  FROM articles
 WHERE story_id IS NOT NULL AND language IN ('uk', 'ru', 'en')
 GROUP BY story_id, language;

-- A story has no longer one topic and one language; what is asked for is the newest of several.
DROP INDEX stories_newest;
CREATE INDEX stories_newest ON stories (published_at);

-- What is compared of an article, to find the other tellings of its event.
CREATE TABLE tellings (
    article_id  INTEGER PRIMARY KEY REFERENCES articles ON DELETE CASCADE,
    fingerprint TEXT    NOT NULL,
    vector      BLOB                            -- null where embeddings are not installed
) STRICT;

-- The rarest words and names of each telling. An article's id grows with the time of its storing,
-- so that a search ends at the oldest article of its window.
CREATE TABLE telling_keys (
    key        TEXT    NOT NULL,
    article_id INTEGER NOT NULL,
    PRIMARY KEY (key, article_id)
) STRICT, WITHOUT ROWID;
