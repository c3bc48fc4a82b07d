"""Matching of articles on one event: fingerprints, similarity, clustering."""
