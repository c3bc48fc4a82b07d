"""Every figure of quality/results and docs/quality.md, from one command: `python -m quality`."""
