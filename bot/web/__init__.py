"""Addresses, HTML and file formats of the web."""
