"""Review a purpose card: what is missing, too broad or unlawful, each with its article, its place and how to mend it.

Laws of this file. Adoption and ``shouxin purpose lint`` say the same, because both ask here. A remark that rests on a
rule counts as an error only where the rule may decide on that day; elsewhere it advises. Reviewing never raises: a card
that reads can be reviewed.

Called by: ``operations.adopting.cards`` (which refuses to adopt on an error) and the command line. The words are in
``lint.toml``.
"""

from __future__ import annotations

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

from shouxin.domain.items import taxonomy
from shouxin.policy.basis import basis_faults
from shouxin.policy.card import Card, PurposeCode
from shouxin.policy.consent_demand import sensitive_items
from shouxin.policy.keeping_rules import keeping_faults
from shouxin.policy.lawpack import LawPack
from shouxin.policy.products import product_faults
from shouxin.policy.recipient import Recipient
from shouxin.policy.sharing_rules import assessments_due, contract_faults, newly_due, register_faults, unasked
from shouxin.policy.text_rules import is_blank, text_faults

__all__ = ["Found", "Remark", "Severity", "lint", "remarks_on"]

# Forms that a card may name but that no operation can produce yet: adopting such a card would promise too much.
_NOT_YET: Final = frozenset({"aggregate"})
_SEEN: Final = frozenset({"raw", "masked"})
_PROGRAM: Final = "model"
_OWED: Final = {"rights.answer": "answering-not-statutory", "rights.evidence": "evidence-not-statutory"}
_REACHES: Final = frozenset({"contact", "emergency"})


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
    adopted: Mapping[PurposeCode, Card] | None = None,
) -> list[Remark]:
    """Return everything there is to say about ``card``, errors first.

    ``cards`` are those adopted beside it (an older version of it does no harm), ``on`` the day by which rules are
    chosen, ``roles`` those that exist. ``register`` has the recipients by code, nothing for one whose contract was
    ended; without it, the register is not looked at. ``facts`` are what is known of the lender, by their names in the
    law pack (``institution.aml_obliged``): what cannot be told from them is no more than a warning. ``adopted`` are the
    cards that decisions quote now; without them nothing is said of the version.
    """
    found = chain(
        _version(card, adopted, on) if adopted is not None else (),
        text_faults(card),
        _people(card, roles, on),
        _basis(card, on),
        _article(card, pack),
        product_faults(card),
        _sources(card, cards),
        contract_faults(card),
        _delivery(card),
        register_faults(card, register, on) if register is not None else (),
        keeping_faults(card, cards, pack, on, facts),
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


def _version(card: Card, adopted: Mapping[PurposeCode, Card], on: date) -> Iterator[Found]:
    """Look at the version: each change is the next one; the very card that is adopted is in order as it stands.

    What is new and has to be assessed first was not there when the assessment of the version before was made.
    """
    before = adopted.get(card.purpose)
    wanted = 1 if before is None else before.version + 1
    if card != before and card.version != wanted:
        yield "version-not-next", "version", str(wanted)
    if before is not None and card.assessment == before.assessment and (more := newly_due(before, card, on)):
        yield "assessment-same", "assessment", ", ".join(more)


def _named(items: Iterable[str]) -> str:
    return ", ".join(sorted(items))


def _sensitive(card: Card, on: date) -> str:
    """Return the sensitive items of a card by name; empty if neither one nor a combination of them is sensitive."""
    return _named(sensitive_items(card, on))


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
    if is_blank(card.assessment):
        yield from ((code, "assessment", about) for code, about in assessments_due(card, sensitive))
    yield from ((code, "separate_consent", "") for code in unasked(card))
    if card.lawful_basis == "emergency":
        yield "basis-emergency", "lawful_basis", ""
    if card.statutory and card.lawful_basis != "statutory_duty":
        yield "statutory-basis", "statutory", card.lawful_basis
    if card.lawful_basis != "statutory_duty":
        yield from ((code, "lawful_basis", card.lawful_basis) for code in _duties(card))


def _duties(card: Card) -> Iterator[str]:
    """Yield the duties that a card carries out and that neither a contract nor a consent can (PIPL 47, 50, 69)."""
    if card.deletion is not None:
        yield "deletion-not-statutory"
    if card.purpose in _OWED:
        yield _OWED[card.purpose]


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


def _delivery(card: Card) -> Iterator[Found]:
    """Look at what may use somebody's number before they were told: the notice alone (PIPL 17(1))."""
    if not card.delivers_notice:
        return
    if card.lawful_basis == "consent":
        yield "delivers-on-consent", "lawful_basis", ""
    if more := [code for code in card.items if taxonomy().item(code).kind not in _REACHES]:
        yield "delivers-too-much", "items", _named(more)
