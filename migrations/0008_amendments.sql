-- Messages that may still be edited, should their stories grow: each for three hours at the most.

CREATE TABLE editable (
    delivery_id INTEGER PRIMARY KEY REFERENCES deliveries ON DELETE CASCADE,
    story_id    INTEGER NOT NULL,
    is_private  INTEGER NOT NULL,               -- 1: of a person, edited only when nothing else is to do
    gist        BLOB    NOT NULL,               -- what the message told, hashed
    sent_at     INTEGER NOT NULL,
    edit_at     INTEGER                         -- null while the story has not grown
) STRICT;

CREATE INDEX editable_story ON editable (story_id);
CREATE INDEX editable_due ON editable (is_private, edit_at) WHERE edit_at IS NOT NULL;
