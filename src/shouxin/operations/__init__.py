"""One file per processing operation: decide, approve, act, record."""
