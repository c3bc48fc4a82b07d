-- When a pause ends by itself; null: when the chat resumes.
ALTER TABLE subscribers ADD COLUMN resume_at INTEGER;
CREATE INDEX subscribers_resuming ON subscribers (resume_at) WHERE resume_at IS NOT NULL;
