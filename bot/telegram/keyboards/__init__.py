"""Callback data and inline keyboards."""
