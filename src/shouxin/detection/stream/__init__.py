"""Streaming statistics of incoming records: what is missing, out of range, drifting, or a new kind of identifier."""
