"""A recipient: somebody outside to whom a purpose card gives personal information, as the lender's register has them.

A card names recipients by code; who that is, under which contract, until when and for which items stands here, once.
What a card gives and what a contract allows are compared by ``documents.sharing``; nothing here decides.

**Source:** PIPL 21(1), 23, 39 (what has to be agreed and told), NDSR 12(1) (contract with every recipient).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from shouxin.domain.items import ItemCode, taxonomy
from shouxin.errors import Invalid

__all__ = ["Recipient"]

_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,61}")
_PLACE: Final = re.compile(r"([A-Z]{2})?")
_LONGEST: Final = 366


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient: ``code`` as cards write it, ``name`` and ``contact`` as people must be told (PIPL 23).

    ``contract`` is the lender's reference of the contract, ``contract_ends`` its last day (included), ``items`` the
    kinds of personal information that it allows, at least one. ``contact`` is an office, never a private person.
    ``answer_days``: within how many days (1 to 366) the contract has them confirm that they deleted or stopped; nothing
    where it names none. ``place`` is the country or region where they receive (two letters of ISO 3166-1); empty: where
    the lender is.

    Raises:
        Invalid: a code of another shape, an empty field, no item, an unknown one or one twice, days out of range, or no
            such place; ``place`` is the field.
    """

    code: str
    name: str
    contract: str
    contract_ends: date
    contact: str
    items: tuple[ItemCode, ...]
    answer_days: int | None = None
    place: str = ""

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise Invalid("a recipient is a code: at most 62 of a-z, 0-9, dot, hyphen and underscore", "code")
        for field in ("name", "contract", "contact"):
            if not str(getattr(self, field)).strip():
                raise Invalid("is needed", field)
        if not self.items:
            raise Invalid("a contract allows at least one item", "items")
        if len(set(self.items)) != len(self.items):
            raise Invalid("an item stands twice", "items")
        if not set(self.items) <= set(taxonomy().items):
            raise Invalid("unknown item code", "items")
        if self.answer_days is not None and not 1 <= self.answer_days <= _LONGEST:
            raise Invalid(f"a contract gives 1 to {_LONGEST} days to confirm", "answer_days")
        if not _PLACE.fullmatch(self.place):
            raise Invalid("a place is two capital letters (ISO 3166-1), such as SG", "place")

    @property
    def is_abroad(self) -> bool:
        """Say whether they receive outside the mainland, as far as the register says where (PIPL 39)."""
        return self.place not in {"", "CN"}

    def contract_runs(self, on: date) -> bool:
        """Say whether the contract still runs on ``on``; its last day counts."""
        return on <= self.contract_ends
