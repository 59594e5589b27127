"""Hold a plan to collect against its cards, its source and the law: what is missing, too much or forbidden.

Laws of this file. Proposing, running and ``shouxin plan check`` say the same, because all ask here. Whether a field is
needed is the cards' affair: an item that no purpose of the plan has on its card is too much (PIPL 6(2)), useful or not.
Checking never raises. What a site's robots file says is asked by whoever can reach it and told by ``forbidden``.

Called by: ``operations.collecting.plans``. The words are in ``plan_check.toml``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from itertools import chain, pairwise

from shouxin.domain.items import taxonomy
from shouxin.policy.card import Card, PurposeCode
from shouxin.policy.collection_plan import CollectionPlan
from shouxin.policy.consent_demand import sensitive_items
from shouxin.policy.lawpack import LawPack
from shouxin.policy.lint import Found, Remark, remarks_on
from shouxin.policy.source import Source, SourceKind

__all__ = ["check_plan"]


def check_plan(
    plan: CollectionPlan,
    source: Source | None,
    cards: Mapping[PurposeCode, Card],
    pack: LawPack,
    on: date,
    forbidden: Collection[str] = (),
    *,
    answers: bool = True,
) -> list[Remark]:
    """Return everything there is to say about ``plan`` on the day ``on``, errors first.

    ``source`` is what the register has under the plan's code, ``cards`` those adopted, ``forbidden`` pages that a
    site's robots file forbids; ``answers`` says whether who is responsible has an account that is confirmed and not
    closed.
    """
    purposes = [*plan.purposes, *plan.contact_purposes, *([plan.edge_purpose] if plan.edge_purpose else [])]
    used = [cards[PurposeCode(code)] for code in purposes if PurposeCode(code) in cards]
    found = chain(
        _said(plan),
        (("responsible-unknown", "responsible", "") for _ in [plan] if plan.responsible and not answers),
        (("purpose-unknown", "purposes", code) for code in (*purposes, *plan.told) if PurposeCode(code) not in cards),
        _items(plan, used),
        _consents(plan, used, on),
        _kept(plan, used),
        _source(plan, source, on),
        _pages(plan, source, on),
        (("robots-forbid", "source", page) for page in forbidden),
    )
    return remarks_on(found, "plan_check.toml", pack, on)


def _said(plan: CollectionPlan) -> Iterator[Found]:
    """Look for what every plan says."""
    for field in ("code", "need", "responsible", "items", "purposes"):
        if not getattr(plan, field):
            yield "need-missing", field, field
    yield from (("need-missing", field, field) for field in ("days", "retention_days") if not getattr(plan, field))
    if plan.design is None or not plan.design.route.strip() or not plan.design.milestones:
        yield "design-missing", "design", ""
    elif any(later.due < earlier.due for earlier, later in pairwise(plan.design.milestones)):
        yield "milestone-order", "design.milestones", ""
    if not plan.volume and plan.mode != "observe":
        yield "volume-missing", "volume", ""
    if plan.mode == "copy" and not plan.purge_days and not plan.public:
        yield "purge-missing", "purge_days", ""


def _items(plan: CollectionPlan, cards: list[Card]) -> Iterator[Found]:
    """Look for items that no purpose of the plan needs (PIPL 6(2))."""
    needed = {str(item) for card in cards for item in card.items}
    yield from (("field-not-needed", "items", item) for item in plan.items if item not in needed)


def _consents(plan: CollectionPlan, cards: list[Card], on: date) -> Iterator[Found]:
    """Look for purposes on consent of whose people nobody would know whether they agreed (PIPL 13, 29)."""
    own, theirs = {*plan.agreed, *plan.agreed_if_given}, plan.contacts_say()
    for card in cards:
        if card.lawful_basis != "consent" or not set(card.items) & set(plan.items):
            continue
        lacking = [
            *(["agreed"] if card.purpose in plan.purposes and card.purpose not in own else []),
            # A contact says yes in columns of their own: nobody agrees for somebody else.
            *(
                ["contacts"]
                if card.purpose in plan.contact_purposes and any(card.purpose not in one for one in theirs)
                else []
            ),
        ]
        demanded = card.separate_consent or bool(sensitive_items(card, on))
        yield from (
            ("separate-consent-missing" if demanded else "consent-missing", place, card.purpose) for place in lacking
        )


def _kept(plan: CollectionPlan, cards: list[Card]) -> Iterator[Found]:
    """Look for a term that a card does not allow (PIPL 19)."""
    for card in cards:
        for name, term in card.retention.items():
            # Where a term counts from the end of a relationship so do the plan's days, and the lower number binds.
            counted = term.starts == "collection" and set(term.items) & set(plan.items)
            if counted and plan.retention_days > term.ceiling_days:
                yield "retention-too-long", "retention_days", f"{card.purpose} {name}: {term.ceiling_days}"


def _source(plan: CollectionPlan, source: Source | None, on: date) -> Iterator[Found]:
    """Look at the contract and the audit of the source (NDSR 12)."""
    if source is None:
        yield "source-unknown", "source", plan.source
        return
    if not source.contract_runs(on):
        yield "contract-missing", "source", source.source
    if on > source.audit_due:
        yield "audit-overdue", "source", source.source
    if plan.mode == "replace" and not source.own:
        yield "replace-not-own", "mode", source.source
    if plan.mode == "replace" and not (source.sql and source.sql.dsn.startswith("postgres")):
        yield "mode-not-of-source", "mode", plan.mode


def _pages(plan: CollectionPlan, source: Source | None, on: date) -> Iterator[Found]:
    """Look at terms, and at what people have put on public pages (NDSR 18, PIPL 27)."""
    if source is None or source.kind is not SourceKind.WEB or source.web is None:
        return
    if source.web.terms != "permit" or source.web.terms_read is None:
        yield "terms-forbid", "source", ", ".join(source.web.hosts)
    if not plan.public:
        yield "public-not-said", "public", ""
    known = taxonomy().items
    sensitive = [
        item.code for code in plan.items for item in known.values() if item.code == code and item.sensitive(on)
    ]
    if sensitive:
        yield "public-sensitive", "items", ", ".join(sorted(sensitive))
