"""An invented lender whose documents are looked at: the cards of the demo, some changed so that there is something."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import msgspec

from shouxin.demo.cast import card_files
from shouxin.documents.declared import Declared
from shouxin.domain.identifiers import InstitutionId
from shouxin.domain.institution import Institution
from shouxin.domain.items import ItemCode
from shouxin.policy.card import Card, read_card
from shouxin.policy.lawpack import load_pack
from shouxin.policy.recipient import Recipient

DAY: Final = date(2026, 11, 22)
CARDS: Final = tuple(read_card(text, name)[0] for name, text in card_files())
BUREAU: Final = Recipient(
    "bureau",
    "某征信机构",
    "HT-1",
    date(2026, 11, 22),
    "合规部",
    (ItemCode("credit.amount"), ItemCode("emergency.name"), ItemCode("account.card_number")),
)


def card(purpose: str, **changes: Any) -> Card:
    """Return the demo's card of ``purpose`` with some fields changed."""
    found = next(one for one in CARDS if one.purpose == purpose)
    return msgspec.structs.replace(found, **changes)


def declared(*cards: Card, recipients: tuple[Recipient, ...] = (), on: date = DAY, name: str = "某公司") -> Declared:
    """Return what a lender with ``cards`` (else all of the demo) has declared."""
    institution = Institution(InstitutionId(bytes(16)), name, "lender.example/log")
    return Declared(institution, load_pack("cn"), cards or CARDS, recipients, on)
