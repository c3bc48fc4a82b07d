-- The picture of an article, and what of a feed's last document was no entry, in words.
ALTER TABLE articles ADD COLUMN picture_url TEXT;
ALTER TABLE articles ADD COLUMN picture_width INTEGER;
ALTER TABLE articles ADD COLUMN picture_height INTEGER;
ALTER TABLE feeds ADD COLUMN dropped TEXT;
