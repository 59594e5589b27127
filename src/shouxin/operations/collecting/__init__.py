"""People's data comes in: planned, approved, read, watched, sealed, and purged where it came from."""
