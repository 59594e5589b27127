"""A survey of a source: what is read of it, what that shows, and how each place is graded."""
