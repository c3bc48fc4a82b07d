"""What can go wrong, drawn once: classes differ by what the caller does about them.

ReadAlsoError
├── SetupError         the operator must act; the process ends with this one sentence
│   └── MigrationError the database cannot be brought to the schema that the code needs
└── FeedError          one feed failed; it is recorded there and tried again later
    ├── FetchError     no document came
    └── ParseError     what came is not a feed
"""


class ReadAlsoError(Exception):
    """The root: everything that ReadAlso itself raises."""


class SetupError(ReadAlsoError):
    """The operator must act before the bot can run; the message says what to do."""


class MigrationError(SetupError):
    """The database cannot be brought to the schema that this code needs."""


class FeedError(ReadAlsoError):
    """A feed could not be read this time; the message is the reason in plain words."""


class FetchError(FeedError):
    """No document came."""


class ParseError(FeedError):
    """A document came, and it is not a feed."""
