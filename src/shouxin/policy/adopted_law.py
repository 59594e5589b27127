"""The law pack that the institution adopted, as an authority row says it, and what another pack would change.

Laws of this file. A pack that ships decides nothing until somebody adopted it. What was adopted is known by its digest;
of each of its rules so much is kept as a person needs to see what became of it, because the pack itself is replaced
with the program that ships it. Nothing here reads a store.

Called by: ``operations.adopting`` (which keeps the row and refuses to decide under any other pack).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from shouxin.domain.clock import Instant
from shouxin.policy.lawpack import LawPack
from shouxin.policy.rule import Rule

__all__ = ["AdoptedLaw", "KnownRule", "RuleChange", "RuleFate", "adopted_from", "rule_changes"]

_MARK: Final = 12


class RuleFate(StrEnum):
    """What becomes of a rule when another pack is adopted."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class KnownRule:
    """What is remembered of a rule of an adopted pack; ``mark`` is a digest (hex) of everything that it says.

    ``decides``: it forbids in decisions. ``floor``: it keeps what a card names it for. ``n`` is in ``unit``.
    """

    rule: str
    cites: str
    n: int | None
    unit: str
    floor: bool
    decides: bool
    mark: str


@dataclass(frozen=True, slots=True)
class AdoptedLaw:
    """The pack in force here: which one, since when, its rules by id, and what the institution said of itself then.

    ``facts`` decide which rules apply (``institution.aml_obliged``), so another word of the institution is adopted as
    another pack is. The rules are ``packed`` (zlib), because every decision reads the row and almost none its rules.
    """

    region: str
    version: str
    digest: str
    adopted: Instant
    packed: bytes
    facts: dict[str, bool | int]

    @property
    def rules(self) -> tuple[KnownRule, ...]:
        """What is remembered of each rule."""
        return msgspec.json.decode(zlib.decompress(self.packed), type=tuple[KnownRule, ...])

    def is_of(self, pack: LawPack, facts: Mapping[str, object]) -> bool:
        """Say whether it is ``pack`` that was adopted, for an institution of which these facts hold."""
        return self.digest == pack.digest and self.facts == facts


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One rule that another pack adds, removes or changes; ``before`` and ``after`` as each pack has it."""

    fate: RuleFate
    before: KnownRule | None
    after: KnownRule | None

    @property
    def rule(self) -> str:
        """The identifier of the rule."""
        known = self.after or self.before
        return "" if known is None else known.rule

    @property
    def decides(self) -> bool:
        """Say whether the rule takes part in decisions, before or after."""
        return any(one is not None and one.decides for one in (self.before, self.after))


def _known(rule: Rule) -> KnownRule:
    said = {name: value for name, value in dataclasses.asdict(rule).items() if name != "place"}
    canonical = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=date.isoformat)
    mark = hashlib.sha256(canonical.encode()).hexdigest()[:_MARK]
    return KnownRule(str(rule.id), rule.cites, rule.n, rule.unit, rule.floor and rule.may_decide, rule.decides, mark)


def adopted_from(pack: LawPack, now: Instant, facts: Mapping[str, bool | int]) -> AdoptedLaw:
    """Return what stands once ``pack`` is adopted at ``now`` by an institution of which ``facts`` hold."""
    packed = zlib.compress(msgspec.json.encode([_known(rule) for rule in pack.rules]), 9)
    return AdoptedLaw(pack.region, pack.version, pack.digest, now, packed, dict(facts))


def rule_changes(before: AdoptedLaw | None, pack: LawPack) -> tuple[RuleChange, ...]:
    """Return every rule that adopting ``pack`` adds, removes or changes, by id; all where nothing was adopted."""
    had: Mapping[str, KnownRule] = {one.rule: one for one in _rules(before)}
    has: Mapping[str, KnownRule] = {one.rule: one for one in map(_known, pack.rules)}
    return tuple(
        RuleChange(_fate(had.get(name), has.get(name)), had.get(name), has.get(name))
        for name in sorted(had.keys() | has.keys())
        if had.get(name) != has.get(name)
    )


def _rules(law: AdoptedLaw | None) -> Iterable[KnownRule]:
    return () if law is None else law.rules


def _fate(before: KnownRule | None, after: KnownRule | None) -> RuleFate:
    if before is None:
        return RuleFate.ADDED
    return RuleFate.REMOVED if after is None else RuleFate.CHANGED
