"""Every figure of docs/quality.md, from one command: `python -m quality`."""
