"""Outside systems: describe, read, erase, verify."""
