"""Polling of feeds: conditional GET, ingest, schedule."""
