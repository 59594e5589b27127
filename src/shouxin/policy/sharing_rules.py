"""What giving personal information to others, or abroad, asks for first: one source for the review and the documents.

Whether a recipient acts on the lender's behalf (PIPL 21) or decides for itself (PIPL 23), no card says. So a missing
separate consent to provide is a warning, one to export an error, and both need an assessment (PIPL 55(1)(3), (4)).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from shouxin.policy.card import Card
from shouxin.policy.consent_demand import is_abroad
from shouxin.policy.recipient import Recipient

__all__ = ["assessments_due", "consents_to_share", "contract_faults", "register_faults", "unasked"]


def assessments_due(card: Card, sensitive: str) -> Iterator[tuple[str, str]]:
    """Yield why ``card`` needs an impact assessment first, as the code of a remark, and what of it.

    ``sensitive`` names its sensitive items, empty: none. What a card cannot show (PIPL 55(1)(5)) is not asked here.

    **Source:** PIPL 55(1)(1) to (4).
    """
    if sensitive:
        yield "assessment-sensitive", sensitive
    if card.automated:
        yield "assessment-automated", ""
    if card.recipients:
        yield "assessment-share", ", ".join(sorted(card.recipients))
    if is_abroad(card):
        yield "assessment-export", ", ".join(sorted(set(card.locations)))


def consents_to_share(card: Card, *, sensitive: bool) -> tuple[str, ...]:
    """Return the rules that ask for separate consent before ``card`` gives to a recipient; none on another basis.

    **Source:** PIPL 13(2), read as ``packs/README.md`` says: another basis needs no consent.
    """
    if card.lawful_basis != "consent":
        return ()
    asked = {
        "CN-PIPL-23-SEPARATE": True,
        "CN-PIPL-29-SEPARATE": sensitive,
        "CN-PIPL-39-SEPARATE": is_abroad(card),
    }
    return tuple(rule for rule, holds in asked.items() if holds)


def unasked(card: Card) -> tuple[str, ...]:
    """Return which separate consents to share or to export are missing, as codes of findings (PIPL 23, 39)."""
    if card.lawful_basis != "consent" or card.separate_consent:
        return ()
    if is_abroad(card):
        return ("export-consent",)
    return ("share-consent",) if card.recipients else ()


def contract_faults(card: Card) -> Iterator[tuple[str, str, str]]:
    """Yield recipients without a contract and the reverse; whom a statutory duty sends to needs none (PIPL 21, 23)."""
    if card.lawful_basis != "statutory_duty":
        bare = (one for one in card.recipients if not card.contracts.get(one, "").strip())
        yield from (("recipient-without-contract", "recipients", one) for one in bare)
    strangers = (one for one in card.contracts if one not in card.recipients)
    yield from (("contract-without-recipient", "contracts", one) for one in strangers)


def register_faults(card: Card, register: Mapping[str, Recipient | None], on: date) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with the card's recipients by the register (PIPL 21, 23)."""
    for code in card.recipients:
        known = register.get(code)
        if code not in register:
            yield "recipient-unregistered", "recipients", code
        elif known is None or not known.contract_runs(on):
            yield "recipient-ended", "recipients", code
        else:
            if card.contracts.get(code, known.contract) != known.contract:
                yield "recipient-other-contract", f"contracts.{code}", code
            if set(card.items).isdisjoint(known.items):
                yield "recipient-no-item", "recipients", code
