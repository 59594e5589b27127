"""Who receives personal information from the lender, and under which contract (PIPL 21, 23)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shouxin.domain.items import ItemCode

__all__ = ["Recipient"]


@dataclass(frozen=True, slots=True)
class Recipient:
    """One outside party: ``code`` stands on cards and in events, ``name`` and ``contact`` are what people are told."""

    code: str
    name: str
    contract: str
    contract_ends: date
    contact: str
    items: tuple[ItemCode, ...]
