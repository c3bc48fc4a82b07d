-- The source that an aggregator names for an item; null: that of the feed.
ALTER TABLE articles ADD COLUMN own_source TEXT;
