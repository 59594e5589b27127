"""Databases of the lender: drivers that read their schema, and act on rows in one transaction."""
