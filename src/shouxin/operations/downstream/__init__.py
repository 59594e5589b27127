"""A lender's own databases: describe, walk from a person, plan, act, read back."""
