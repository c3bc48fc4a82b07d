"""Storage in one SQLite file: the only package with SQL. Modules name their tables first.

Reads take any connection (`db.reader`). Writes take `tx`, the connection of an open
transaction, so that the caller's one `async with` shows what is atomic.
"""
