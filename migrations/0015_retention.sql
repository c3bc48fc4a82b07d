-- Old stories go with their deliveries, which are found by the story: without an index each story
-- that goes would have all deliveries looked through. What is pending has one of its own.

CREATE INDEX deliveries_told ON deliveries (story_id);

-- Of what is no longer stored only the keys are looked up.
DROP INDEX aliases_article;
CREATE INDEX aliases_article ON aliases (article_id) WHERE article_id IS NOT NULL;
