"""Find what is personal in a source, and correct a grade."""
