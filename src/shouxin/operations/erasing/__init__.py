"""Erase: planned and recorded, carried out, read back, kept out."""
