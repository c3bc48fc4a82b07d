-- While a chat chooses its topics nothing is owed to it, until then at the latest; 0: it is not choosing.
ALTER TABLE subscribers ADD COLUMN choosing_until INTEGER NOT NULL DEFAULT 0;
CREATE INDEX subscribers_choosing ON subscribers (choosing_until) WHERE choosing_until > 0;
-- When the chat got its last bundle: what did not fit waits for the next one.
ALTER TABLE subscribers ADD COLUMN bundled_at INTEGER NOT NULL DEFAULT 0;
-- 1: a followed word brings it, or it is one of the first stories of a chat; bundles do not hold it.
ALTER TABLE deliveries ADD COLUMN at_once INTEGER NOT NULL DEFAULT 0;
