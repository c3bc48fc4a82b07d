-- The title under which a chat lists a feed that it added: it may be of that chat's own OPML file, so no other sees it.
ALTER TABLE own_feeds ADD COLUMN title TEXT NOT NULL DEFAULT '';
-- So far a private feed had the title of whoever added it first; that of the catalogue is anybody's.
UPDATE own_feeds
   SET title = coalesce((SELECT coalesce(nullif(own_title, ''), source) FROM feeds WHERE id = feed_id), '')
 WHERE chat_id = (SELECT first.chat_id FROM own_feeds AS first WHERE first.feed_id = own_feeds.feed_id
                   ORDER BY first.added_at, first.chat_id LIMIT 1)
    OR feed_id IN (SELECT id FROM feeds WHERE private = 0);
ALTER TABLE feeds DROP COLUMN own_title;
