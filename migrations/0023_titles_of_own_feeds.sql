-- The title that an own feed gives itself, which lists show. Its source is by its address alone: the title may be
-- anybody's name.
ALTER TABLE feeds ADD COLUMN own_title TEXT NOT NULL DEFAULT '';
