"""How long a card keeps what it names: held against the floors of the law pack and the shortest time necessary.

Laws of this file. A floor keeps only if its rule may decide and applies to the lender; one that the law demands and no
card names is found by class of record. Nothing here decides what follows from a finding.

Called by: ``lint``. **Source:** PIPL 17(1)(2), 19; AML 34(3).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from shouxin.domain.items import ItemCode, taxonomy
from shouxin.policy.applies import applies
from shouxin.policy.card import Card, PurposeCode, Term
from shouxin.policy.lawpack import LawPack
from shouxin.policy.rule import Rule

__all__ = ["keeping_faults"]

_LONGEST: Final = {"d": 1.0, "m": 31.0, "y": 365.25}  # days in a unit, so that no calendar makes a term longer
# The law names no number for 'the shortest time necessary' (PIPL 19): these are when this product asks, in days.
_LONG: Final = 3 * 366
_SLACK: Final = 366
_LATER: Final = frozenset({"end_of_relationship", "end_of_transaction"})


def keeping_faults(
    card: Card, cards: Mapping[PurposeCode, Card], pack: LawPack, on: date, facts: Mapping[str, object]
) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with the retention terms of ``card``: code of a remark, place, and what it is about.

    ``cards`` are those adopted beside it, ``facts`` what is known of the lender.
    """
    for name, term in card.retention.items():
        yield from _term(name, term, pack, on, facts)
    yield from _unnamed_floors(card, cards, pack, on, facts)


def _named(items: Iterable[str]) -> str:
    return ", ".join(sorted(items))


def _term(
    name: str, term: Term, pack: LawPack, on: date, facts: Mapping[str, object]
) -> Iterator[tuple[str, str, str]]:
    """Look at one retention term: its floors must bind, and its ceiling must leave them room (PIPL 17, 19)."""
    yield from _archive(name, term)
    if not name.strip() or not term.items:
        yield "term-empty", f"retention.{name}", name
    place = f"retention.{name}.floors"
    asked = [pack.by_id[floor] for floor in term.floors if floor in pack.by_id]
    longest = max((math.ceil((rule.n or 0) * _LONGEST.get(rule.unit, 0.0)) for rule in asked), default=0)
    if term.ceiling_days > max(longest + _SLACK, _LONG):
        yield "ceiling-long", f"retention.{name}.ceiling_days", f"{term.ceiling_days} d"
    for floor in term.floors:
        rule = pack.by_id.get(floor)
        if rule is None:
            yield "floor-unknown", place, floor
        elif not rule.floor:
            yield "floor-no-floor", place, floor
        elif not (rule.may_decide and rule.in_force(on) and rule.n and rule.unit in _LONGEST):
            yield "floor-not-binding", place, floor
        elif applies(rule.applies_when, facts) is False:
            yield "floor-not-for-us", place, floor
        else:
            yield from _room(name, term, rule)


def _applies(rule: Rule, facts: Mapping[str, object], items: Iterable[ItemCode]) -> bool | None:
    """Say whether a rule on retention applies to any of ``items``; nothing where nobody can tell."""
    found = {applies(rule.applies_when, {**facts, **_facts_of(code)}) for code in items}
    if True in found:
        return True
    return None if None in found else False


def _facts_of(code: ItemCode) -> dict[str, object]:
    item = taxonomy().item(code)
    return {"item.record_class": item.record_class, "item.code": str(code), "item.kind": item.kind}


def _unnamed_floors(
    card: Card, cards: Mapping[PurposeCode, Card], pack: LawPack, on: date, facts: Mapping[str, object]
) -> Iterator[tuple[str, str, str]]:
    """Look for items that the law wants kept longer than any card does: by their class of record (AML 34(3)).

    What another card keeps under the floor may be kept here for less. What is taken from public places is of no
    customer, and a purpose that a law imposes keeps copies.
    """
    if card.statutory or card.delivers_notice or card.lawful_basis == "public":
        return
    kept = {
        (code, floor)
        for one in (*cards.values(), card)
        for term in one.retention.values()
        for floor in term.floors
        for code in term.items
    }
    for name, term in card.retention.items():
        missing: dict[tuple[str, str], list[str]] = {}
        for code in term.items:
            for rule in pack.retention_rules(on, taxonomy().item(code).record_class):
                binds = rule.floor and rule.may_decide and rule.n and rule.unit in _LONGEST
                holds = _applies(rule, facts, [code])
                if binds and holds is not False and (code, str(rule.id)) not in kept:
                    missing.setdefault(("floor-missing" if holds else "floor-maybe", str(rule.id)), []).append(code)
        for (code_of, rule_id), items in missing.items():
            cites = pack.by_id[rule_id].cites
            yield code_of, f"retention.{name}.floors", f"{rule_id} ({cites}): {_named(items)}"


def _archive(name: str, term: Term) -> Iterator[tuple[str, str, str]]:
    """Look whether the rule that archives objects can come to anything."""
    if term.starts == "collection" and not term.floors and 0 < term.ceiling_days <= term.archive_after_days:
        yield "archive-after-ceiling", f"retention.{name}.archive_after_days", str(term.ceiling_days)


def _room(name: str, term: Term, rule: Rule) -> Iterator[tuple[str, str, str]]:
    """Hold a term's ceiling and items against a floor that binds."""
    later = rule.clock_start in _LATER and term.starts == "collection"
    if later:
        yield "ceiling-before-floor", f"retention.{name}.starts", str(rule.id)
    elif term.ceiling_days < math.ceil((rule.n or 0) * _LONGEST[rule.unit]):
        yield "ceiling-below-floor", f"retention.{name}.ceiling_days", str(rule.id)
    if other := [code for code in term.items if not _is_kept_by(rule, code)]:
        yield "floor-too-broad", f"retention.{name}.floors", _named(other)


def _is_kept_by(rule: Rule, code: ItemCode) -> bool:
    return taxonomy().item(code).record_class in rule.item_classes
