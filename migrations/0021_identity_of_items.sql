-- Items are remembered with their article number too. What was kept of documents without it is read anew.
CREATE TABLE documents_with_numbers (
    feed_id    INTEGER PRIMARY KEY REFERENCES feeds ON DELETE CASCADE,
    hash       BLOB    NOT NULL,                -- of its bytes as they came
    items      BLOB    NOT NULL,                -- 48 bytes each: a digest, and the five keys of identity
    weak_keys  TEXT    NOT NULL,                -- a JSON array: kinds of keys that do not identify in this feed
    slice_reads INTEGER NOT NULL                -- documents read since one was last read whole
) STRICT;
INSERT INTO documents_with_numbers (feed_id, hash, items, weak_keys, slice_reads)
SELECT feed_id, x'', x'', weak_keys, 0 FROM documents;
DROP TABLE documents;
ALTER TABLE documents_with_numbers RENAME TO documents;

-- Whether the last news was dated as if it were old; when the document is requested without validators
-- next; whether the server has answered 304 where there was news.
ALTER TABLE feeds ADD COLUMN misdated INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feeds ADD COLUMN recheck_at INTEGER;
ALTER TABLE feeds ADD COLUMN false_304 INTEGER NOT NULL DEFAULT 0;
