"""What does it cost? Measurements beside others' work, run by `make bench`."""
