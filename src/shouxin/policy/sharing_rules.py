"""What giving personal information to others, or abroad, asks for first: one source for the review and the documents.

Whether a recipient acts on the lender's behalf (PIPL 21) or decides for itself (PIPL 23), no card says. So a missing
separate consent to provide is a warning, one to export an error, and both need an assessment (PIPL 55(1)(3), (4)).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from shouxin.policy.card import Card
from shouxin.policy.consent_demand import is_abroad, places_abroad, sensitive_items
from shouxin.policy.recipient import Recipient

__all__ = ["assessments_due", "consents_to_share", "contract_faults", "newly_due", "register_faults", "unasked"]


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
    if card.published:
        yield "assessment-publish", ""
    if is_abroad(card):
        yield "assessment-export", ", ".join(sorted(set(card.locations)))


def newly_due(before: Card, card: Card, on: date) -> tuple[str, ...]:
    """Return what ``card`` has beyond ``before`` that must be assessed first: items, places, codes, by name.

    **Source:** PIPL 55(1)(1) to (4): the assessment comes before the processing.
    """
    sensitive = set(sensitive_items(card, on)) - set(sensitive_items(before, on))
    more = {*sensitive, *(set(card.recipients) - set(before.recipients))}
    more |= set(places_abroad(card)) - set(places_abroad(before))
    more |= {name for name in ("automated", "published") if getattr(card, name) and not getattr(before, name)}
    return tuple(sorted(more))


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
    """Return which separate consents are not declared, as codes of findings.

    To share and to export they are due where consent is the basis (PIPL 23, 39); to publish and to use images from
    public places otherwise, under every basis (PIPL 25, 26).
    """
    if card.separate_consent:
        return ()
    on_consent = card.lawful_basis == "consent"
    due = {
        "export-consent": on_consent and is_abroad(card),
        "share-consent": on_consent and bool(card.recipients) and not is_abroad(card),
        "publish-consent": card.published,
        "public-place-consent": card.public_place_images,
    }
    return tuple(code for code, missing in due.items() if missing)


def contract_faults(card: Card) -> Iterator[tuple[str, str, str]]:
    """Yield recipients without a contract and the reverse; whom a statutory duty sends to needs none (PIPL 21, 23).

    Whoever sends abroad names who receives it there (PIPL 39).
    """
    if card.lawful_basis != "statutory_duty":
        bare = (one for one in card.recipients if not card.contracts.get(one, "").strip())
        yield from (("recipient-without-contract", "recipients", one) for one in bare)
    if is_abroad(card):
        yield "export-path", "locations", ", ".join(places_abroad(card))
    if is_abroad(card) and not card.recipients:
        yield "export-unnamed", "locations", ", ".join(places_abroad(card))
    strangers = (one for one in card.contracts if one not in card.recipients)
    yield from (("contract-without-recipient", "contracts", one) for one in strangers)


def register_faults(card: Card, register: Mapping[str, Recipient | None], on: date) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with the card's recipients by the register (PIPL 21, 23, 39)."""
    known_all = [one for one in map(register.get, card.recipients) if one is not None]
    if is_abroad(card) and len(known_all) == len(card.recipients) > 0 and not any(one.is_abroad for one in known_all):
        yield "export-unnamed", "locations", ", ".join(places_abroad(card))
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
            if known.is_abroad and known.place not in card.locations:
                yield "recipient-abroad", "locations", code
