-- 1: the picture is that of the article's page, which is large even where its size is not declared.
ALTER TABLE articles ADD COLUMN picture_of_page INTEGER NOT NULL DEFAULT 0;
-- Which stories come with a picture.
ALTER TABLE subscribers ADD COLUMN pictures TEXT NOT NULL DEFAULT 'important';
-- What the message previews: empty: nothing; null: sent before this was kept.
ALTER TABLE editable ADD COLUMN preview TEXT;
-- 1: the preview is a picture.
ALTER TABLE editable ADD COLUMN is_picture INTEGER NOT NULL DEFAULT 0;
