"""Maker-checker chains as a table, quorum, grants."""
