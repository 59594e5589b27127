"""Review a purpose card: what is missing, too broad or unlawful, each with its article, its place and how to mend it.

Laws of this file. Adoption and ``shouxin purpose lint`` say the same, because both ask here. A remark that rests on a
rule counts as an error only where the rule may decide on that day; elsewhere it advises. Reviewing never raises: a card
that reads can be reviewed.

Called by: ``operations.adopting.cards`` (which refuses to adopt on an error) and the command line. The words are in
``lint.toml``.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import chain
from types import MappingProxyType
from typing import Final

import msgspec

from shouxin.domain.items import ItemCode, taxonomy
from shouxin.policy.applies import applies
from shouxin.policy.basis import basis_faults
from shouxin.policy.card import Card, PurposeCode, Term
from shouxin.policy.consent_demand import sensitive_items
from shouxin.policy.lawpack import LawPack
from shouxin.policy.products import product_faults
from shouxin.policy.recipient import Recipient
from shouxin.policy.rule import Rule
from shouxin.policy.sharing_rules import assessments_due, unasked

__all__ = ["Found", "Remark", "Severity", "lint", "remarks_on"]

# Forms that a card may name but that no operation can produce yet: adopting such a card would promise too much.
_NOT_YET: Final = frozenset({"aggregate"})
_TEXTS: Final = ("title_zh", "title_en", "explanation_zh", "explanation_en")
_EXPLANATIONS: Final = ("automated_explanation_zh", "automated_explanation_en")
# What people write to fill a field for now; one letter or sign alone says nothing in any language.
_PLACEHOLDER: Final = re.compile(
    r"(to ?do|tbd|tbc|fixme|test|dummy|lorem ipsum.*|n/?a|none|null"
    r"|待定|待补充?|待填写?|测试|无|略|同上|暂无)[.。!！:：…]*"
    r"|(.)\2*|[\W_]+"
)
_SEEN: Final = frozenset({"raw", "masked"})
_PROGRAM: Final = "model"
_LONGEST: Final = {"d": 1.0, "m": 31.0, "y": 365.25}  # days in a unit, so that no calendar makes a term longer
_REACHES: Final = frozenset({"contact", "emergency"})
# The law names no number for 'the shortest time necessary' (PIPL 19): these are when this product asks, in days.
_LONG: Final = 3 * 366
_SLACK: Final = 366
_LATER: Final = frozenset({"end_of_relationship", "end_of_transaction"})


class Severity(StrEnum):
    """``error``: the card cannot be adopted; ``warning``: likely a mistake; ``advice``: worth a look."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to say about a card.

    ``code`` is stable. ``place`` is the field, as ``retention.file.floors``; ``declared_toml.line_of`` finds its line.
    ``rule`` is an identifier of the law pack and ``article`` what is cited, both empty where the product itself asks.
    """

    severity: Severity
    code: str
    place: str
    rule: str
    article: str
    why_zh: str
    why_en: str
    mend_zh: str
    mend_en: str


@dataclass(frozen=True, slots=True)
class _Saying:
    """What ``lint.toml`` has for one code. ``own``: holds whether or not the pack has the rule."""

    severity: Severity
    why_zh: str
    why_en: str
    mend_zh: str
    mend_en: str
    rule: str = ""
    also: tuple[str, ...] = ()
    own: bool = False


# What a check found: code, place, the word that it is about.
Found = tuple[str, str, str]


@cache
def _sayings(file: str) -> dict[str, _Saying]:
    text = (files("shouxin.policy") / file).read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, _Saying])


def lint(
    card: Card,
    pack: LawPack,
    cards: Mapping[PurposeCode, Card],
    on: date,
    roles: Collection[str],
    register: Mapping[str, Recipient | None] | None = None,
    facts: Mapping[str, object] = MappingProxyType({}),
) -> list[Remark]:
    """Return everything there is to say about ``card``, errors first.

    ``cards`` are those adopted beside it (an older version of it does no harm), ``on`` the day by which rules are
    chosen, ``roles`` those that exist. ``register`` has the recipients by code, nothing for one whose contract was
    ended; without it, the register is not looked at. ``facts`` are what is known of the lender, by their names in the
    law pack (``institution.aml_obliged``): what cannot be told from them is no more than a warning.
    """
    found = chain(
        _texts(card),
        _people(card, roles, on),
        _basis(card, on),
        _article(card, pack),
        product_faults(card),
        _sources(card, cards),
        _outside(card),
        _delivery(card),
        _registered(card, register, on) if register is not None else (),
        *(_term(name, term, pack, on, facts) for name, term in card.retention.items()),
        _unnamed_floors(card, cards, pack, on, facts),
    )
    return remarks_on(found, "lint.toml", pack, on)


def remarks_on(found: Iterable[Found], sayings: str, pack: LawPack, on: date) -> list[Remark]:
    """Return what the file ``sayings`` of this folder says of everything that was found, errors first."""
    remarks = (_remark(one, sayings, pack, on) for one in dict.fromkeys(found))
    order = list(Severity)
    return sorted((one for one in remarks if one), key=lambda one: (order.index(one.severity), one.place, one.code))


def _remark(found: Found, sayings: str, pack: LawPack, on: date) -> Remark | None:
    code, place, about = found
    saying = _sayings(sayings)[code]
    rules = [pack.by_id[name] for name in (saying.rule, *saying.also) if name in pack.by_id]
    if not rules and not saying.own:
        return None
    binds = saying.own or (rules[0].may_decide and rules[0].in_force(on))
    return Remark(
        severity=saying.severity if binds else Severity.ADVICE,
        code=code,
        place=place,
        rule=str(rules[0].id) if rules else "",
        article=", ".join(rule.cites for rule in rules),
        why_zh=saying.why_zh.replace("{about}", about),
        why_en=saying.why_en.replace("{about}", about),
        mend_zh=saying.mend_zh,
        mend_en=saying.mend_en,
    )


def _named(items: Iterable[str]) -> str:
    return ", ".join(sorted(items))


def _is_blank(text: str) -> bool:
    """Say whether a text says nothing: empty, or what people write to fill a field for now."""
    return not text.strip() or _PLACEHOLDER.fullmatch(text.strip().lower()) is not None


def _sensitive(card: Card, on: date) -> str:
    """Return the sensitive items of a card by name; empty if neither one nor a combination of them is sensitive."""
    return _named(sensitive_items(card, on))


def _texts(card: Card) -> Iterator[Found]:
    """Look for what people would read (PIPL 17, 24)."""
    yield from (("text-missing", name, name) for name in _TEXTS if not getattr(card, name).strip())
    written = (name for name in (*_TEXTS, *_EXPLANATIONS, "assessment") if getattr(card, name).strip())
    yield from (("text-placeholder", name, name) for name in written if _is_blank(getattr(card, name)))
    if card.automated:
        yield from (("explanation-missing", name, name) for name in _EXPLANATIONS if not getattr(card, name).strip())
        if not card.human_review:
            yield "refusal-missing", "automated", ""


def _people(card: Card, roles: Collection[str], on: date) -> Iterator[Found]:
    """Look at who may ask and who must agree (PIPL 51(1)(4))."""
    if not any(card.roles.values()):
        yield "roles-missing", "roles", ""
    for form, asking in card.roles.items():
        if form in _NOT_YET:
            yield "form-not-yet", f"roles.{form}", form
        yield from (("role-unknown", f"roles.{form}", role) for role in asking if role not in roles)
    for form, levels in ((form, one.levels) for form, one in card.approval.items()):
        if form not in card.roles:
            yield "approval-without-role", f"approval.{form}", form
        unknown = (level.role for level in levels if level.role not in roles)
        yield from (("role-unknown", f"approval.{form}.levels", role) for role in unknown)
    if card.human_review and card.human_review not in roles:
        yield "role-unknown", "human_review", card.human_review
    if not card.look_ups_an_hour and any(
        form in _SEEN and set(asking) - {_PROGRAM} for form, asking in card.roles.items()
    ):
        yield "look-ups-none", "look_ups_an_hour", ""
    raw = {str(form): asking for form, asking in card.roles.items()}.get("raw", ())
    if raw and not card.automated and "raw" not in card.approval and _sensitive(card, on):
        yield "raw-without-approval", "roles.raw", _named(raw)


def _basis(card: Card, on: date) -> Iterator[Found]:
    """Hold the basis against what is processed (PIPL 6, 13, 16, 29, 55)."""
    sensitive = _sensitive(card, on)
    if sensitive and card.lawful_basis == "consent" and not card.separate_consent:
        yield "separate-consent", "separate_consent", sensitive
    if _is_blank(card.assessment):
        yield from ((code, "assessment", about) for code, about in assessments_due(card, sensitive))
    yield from ((code, "separate_consent", "") for code in unasked(card))
    if card.lawful_basis == "emergency":
        yield "basis-emergency", "lawful_basis", ""
    if card.statutory and card.lawful_basis != "statutory_duty":
        yield "statutory-basis", "statutory", card.lawful_basis


def _article(card: Card, pack: LawPack) -> Iterator[Found]:
    """Hold the article that people are told against the texts and the basis (PIPL 13, 17(1)(2))."""
    yield from ((code, "basis_article", about) for code, about in basis_faults(card, pack))


def _sources(card: Card, cards: Mapping[PurposeCode, Card]) -> Iterator[Found]:
    """Look whether what the card reads is kept somewhere."""
    kept = {code for term in card.retention.values() for code in term.items}
    if _comes_back(card, cards):
        yield "draws-on-circle", "draws_on", card.purpose
    for purpose in card.draws_on:
        if purpose == card.purpose:
            continue
        if purpose not in cards:
            yield "draws-on-unknown", "draws_on", purpose
        else:
            kept |= {code for term in cards[purpose].retention.values() for code in term.items}
    if all(purpose in cards for purpose in card.draws_on) and (nowhere := set(card.items) - kept):
        yield "items-kept-nowhere", "items", _named(nowhere)


def _comes_back(card: Card, cards: Mapping[PurposeCode, Card]) -> bool:
    """Say whether what a card draws on draws, in the end, on the card itself."""
    front, seen = list(card.draws_on), set[PurposeCode]()
    while front:
        purpose = front.pop()
        if purpose == card.purpose:
            return True
        if purpose not in seen and purpose in cards:
            seen.add(purpose)
            front += cards[purpose].draws_on
    return False


def _outside(card: Card) -> Iterator[Found]:
    """Look at recipients; one to whom a statutory duty sends needs no contract (PIPL 21, 23)."""
    if card.lawful_basis != "statutory_duty":
        bare = (one for one in card.recipients if not card.contracts.get(one, "").strip())
        yield from (("recipient-without-contract", "recipients", one) for one in bare)
    strangers = (one for one in card.contracts if one not in card.recipients)
    yield from (("contract-without-recipient", "contracts", one) for one in strangers)


def _delivery(card: Card) -> Iterator[Found]:
    """Look at what may use somebody's number before they were told: the notice alone (PIPL 17(1))."""
    if not card.delivers_notice:
        return
    if card.lawful_basis == "consent":
        yield "delivers-on-consent", "lawful_basis", ""
    if more := [code for code in card.items if taxonomy().item(code).kind not in _REACHES]:
        yield "delivers-too-much", "items", _named(more)


def _registered(card: Card, register: Mapping[str, Recipient | None], on: date) -> Iterator[Found]:
    """Hold the card's recipients against the register (PIPL 21, 23)."""
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


def _term(name: str, term: Term, pack: LawPack, on: date, facts: Mapping[str, object]) -> Iterator[Found]:
    """Look at one retention term: its floors must bind, and its ceiling must leave them room (PIPL 17, 19)."""
    yield from _archive(name, term)
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
) -> Iterator[Found]:
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
            yield code_of, f"retention.{name}.floors", f"{rule_id}: {_named(items)}"


def _archive(name: str, term: Term) -> Iterator[Found]:
    """Look whether the rule that archives objects can come to anything."""
    if term.starts == "collection" and not term.floors and 0 < term.ceiling_days <= term.archive_after_days:
        yield "archive-after-ceiling", f"retention.{name}.archive_after_days", str(term.ceiling_days)


def _room(name: str, term: Term, rule: Rule) -> Iterator[Found]:
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
