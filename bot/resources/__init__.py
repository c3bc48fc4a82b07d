"""Data files that travel with the code: models, word tables, cities, the shipped feed list."""

from pathlib import Path

RESOURCES = Path(__file__).parent
