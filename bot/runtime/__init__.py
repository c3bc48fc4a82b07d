"""What keeps the bot at work when what it stands on fails: a disk, a lock, a clock."""
