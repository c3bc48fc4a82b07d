-- By which stems the search index and the followed words are stored.

CREATE TABLE stem_versions (
    version     INTEGER PRIMARY KEY,            -- of the tables of word forms
    outdated_to INTEGER NOT NULL                -- stories up to this id are of earlier stems
) STRICT;
