"""Cells, objects and the index, behind the one door."""
