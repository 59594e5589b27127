"""Minimisation: what was collected and not used for its purpose in so many days, per source and item.

Read from the ledger, which has every opening and look-up with its purpose and items: no use off the record exists. An
item counts as used when a disclosure or look-up of its purpose, or of a purpose that draws on it, named it. Frozen data
is not looked at apart: what a statute keeps is still not used, and its collection may stop.

What follows is a proposal: stop collecting the item (design the plan without it), and erase what is there.

**Source:** PIPL 6(2) (limited to the minimum), 19 (shortest time), 47(1)(1) (no longer necessary).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import DAY, Instant
from shouxin.domain.event_kind import EventKind
from shouxin.errors import Invalid
from shouxin.ledger.entry import decode
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.collecting.plan_row import StandingPlan
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card
from shouxin.vault.records import Records

__all__ = ["Unused", "unused_items"]

_LONGEST_DAYS: Final = 36_525
_RULES: Final = ("CN-PIPL-6-2-MINIMUM", "CN-PIPL-47-1-1-MET")


@dataclass(frozen=True, slots=True)
class Unused:
    """An item that a source brought for a purpose and that nobody used. ``records`` is how many its runs took.

    ``collected`` is when the first run that brought it began; ``last_used`` when it was last used, if ever; ``rules``
    are those by which it should stop.
    """

    source: str
    plan: str
    purpose: str
    item: str
    records: int
    collected: Instant
    last_used: Instant | None
    rules: tuple[str, ...] = _RULES


def unused_items(workspace: Workspace, token: Token, days: int) -> list[Unused]:
    """Return what was collected at least ``days`` ago and not used since then, by source, plan, purpose and item.

    Raises:
        Invalid: fewer than one day. Refused: the caller is neither dpo nor auditor.
    """
    if not 1 <= days <= _LONGEST_DAYS:
        raise Invalid(f"expected 1 to {_LONGEST_DAYS}", "days")

    def work(records: Records) -> list[Unused]:
        act = begin(workspace, records, token)
        act.need("dpo", "auditor")
        cards = current_engine(workspace, records, "", act.now).cards
        used = _uses(records)
        since = Instant(act.now - days * DAY)
        found: list[Unused] = []
        for plan in workspace.notary.read_all(records.authority.find(AuthorityKind.PLAN), StandingPlan):
            found += _of_plan(plan, cards.values(), used, since)
        return sorted(found, key=lambda one: (one.source, one.plan, one.purpose, one.item))

    return workspace.data.read(work)


def _uses(records: Records) -> dict[tuple[str, str], Instant]:
    """Return when each item was last used for each purpose, from every event that says so."""
    used: dict[tuple[str, str], Instant] = {}
    for _, body in records.ledger.entries(0, records.ledger.size):
        # Decoding a million events costs minutes; the two kinds are told by their name in the bytes.
        if b'"disclosure.made"' not in body and b'"look-up.made"' not in body:
            continue
        event = decode(body)
        if event.kind not in {EventKind.DISCLOSURE_MADE, EventKind.LOOK_UP_MADE}:
            continue
        said = event.facts.get("items", [event.facts.get("item", "")])
        for item in said if isinstance(said, list) else ():
            used[str(event.facts["purpose"]), str(item)] = event.at
    return used


def _of_plan(
    plan: StandingPlan, cards: Iterable[Card], used: dict[tuple[str, str], Instant], since: Instant
) -> Iterable[Unused]:
    """Yield what a plan's runs brought and nobody used after ``since``."""
    brought = {item: total for item, total in plan.counted().items.items() if total.records and total.first < since}
    if not brought:
        return
    file, every = plan.file(), list(cards)
    edge = (file.edge_purpose,) if file.edge_purpose else ()
    for purpose in dict.fromkeys((*file.purposes, *file.contact_purposes, *edge)):
        keeps = next((card for card in every if card.purpose == purpose), None)
        if keeps is None:
            continue
        users = {purpose, *(str(card.purpose) for card in every if purpose in card.draws_on)}
        for item in sorted({*brought} & {*keeps.items}):
            last = max((used[user, item] for user in users if (user, item) in used), default=None)
            if last is None or last < since:
                total = brought[item]
                yield Unused(file.source, plan.code, purpose, item, total.records, total.first, last)
