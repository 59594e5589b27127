"""Notices, choices, receipts, withdrawal."""
