"""Readers of what may be scanned: folders, buckets, databases, and the formats of files."""
