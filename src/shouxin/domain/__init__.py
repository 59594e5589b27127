"""Nouns that every room shares: identifiers, items, institution, calendar, clock, the transaction port; no I/O."""
