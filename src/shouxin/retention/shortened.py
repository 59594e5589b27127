"""A card's retention term that a plan has shortened: the lower number of days binds what was collected under it.

The name of such a term is the card's with the plan's days behind an at-sign (``file@90``); it is sealed into the cell
like any other. The days count as the card's do: from collection, or from the end of the relationship. A floor of the
law still wins over both.

**Source:** PIPL 19 (shortest time that the purpose needs).
"""

from __future__ import annotations

__all__ = ["days_of", "shortened", "term_name"]


def shortened(term: str, ceiling_days: int, days: int) -> str:
    """Return the name under which something is kept for ``days`` at most (0: as long as the card says)."""
    return f"{term}@{days}" if 0 < days < ceiling_days else term


def term_name(term: str) -> str:
    """Return the card's name of a term."""
    return term.partition("@")[0]


def days_of(term: str) -> int:
    """Return to how many days a term was shortened; 0 where it was not."""
    return int(term.partition("@")[2] or 0)
