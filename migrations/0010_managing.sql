-- A person can manage a channel from the private chat with the bot.

CREATE TABLE managing (
    chat_id    INTEGER PRIMARY KEY,             -- the private chat
    channel_id INTEGER NOT NULL,
    name       TEXT    NOT NULL                 -- its @name or title, for the first line of answers
) STRICT;
