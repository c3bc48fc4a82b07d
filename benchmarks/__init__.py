"""Benchmarks of the bot beside other software, run by `make bench`."""
