"""The law pack: rules as data, each with its instrument, article, dates, source and how it was verified.

Laws of this file.

1. A pack is data. Loading it does no more than read, check and sort; nothing here decides.
2. Rules are chosen by the date of the event, never by today's (``LawPack.in_force``).
3. A pack is named by its digest: two pieces of evidence with one digest were judged by the same rules.

Called by: the policy evaluator (deciding rules), retention (floors and ceilings), rights and incidents (clocks),
``shouxin purpose lint`` (advice).
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from shouxin.errors import NotFound
from shouxin.policy.rule import Instrument, Retention, Rule, RuleId, Verified
from shouxin.policy.rule_reading import read_facts, read_instruments, read_rules, read_version

__all__ = [
    "REGIONS",
    "Instrument",
    "LawPack",
    "Retention",
    "Rule",
    "RuleId",
    "Verified",
    "assemble",
    "load_pack",
    "pack_of",
    "read_pack",
]

REGIONS: Final = ("cn", "eu")
_HOME: Final = "cn"
# What is asked of every decision, wherever the institution is: no pack may permit without these. They are rules of the
# home pack, read in their text; a region whose own rules only advise has nothing else that could refuse.
_CORE: Final = frozenset(
    {
        "CN-PIPL-6-1-PURPOSE",
        "CN-PIPL-6-1-ITEMS",
        "CN-PIPL-6-1-FORM",
        "CN-PIPL-13-BASIS",
        "CN-PIPL-13-1-1-CONSENT",
        "CN-PIPL-14-1-INFORMED",
        "CN-PIPL-15-1-WITHDRAWN",
        "CN-PIPL-17-1-NOTICE",
        "CN-PIPL-21-1-CONTRACT",
        "CN-PIPL-23-SEPARATE",
        "CN-PIPL-24-1-TRANSPARENT",
        "CN-PIPL-24-3-REFUSED",
        "CN-PIPL-28-2-NECESSITY",
        "CN-PIPL-29-SEPARATE",
        "CN-PIPL-31-1-GUARDIAN",
        "CN-PIPL-47-2-FROZEN",
        "CN-PIPL-51-1-4-APPROVAL",
        "CN-PIPL-51-1-4-ROLE",
    }
)
_REGISTER: Final = "instruments.toml"
_VERSION: Final = "pack.toml"


@dataclass(frozen=True, slots=True)
class LawPack:
    """All rules of one region; ``rules`` are sorted by id. ``digest`` is sha256 over the canonical data, as hex.

    ``regions`` are all whose rules it has: its own first, then those of its people.
    """

    region: str
    version: str
    digest: str
    rules: tuple[Rule, ...]
    instruments: Mapping[str, Instrument]
    by_id: Mapping[str, Rule] = field(repr=False, compare=False)
    regions: tuple[str, ...] = ()

    def rule(self, rule_id: str) -> Rule:
        """Return the rule of this id.

        Raises:
            NotFound: the pack has no such rule.
        """
        if rule_id not in self.by_id:
            raise NotFound("the law pack has no rule of that id")
        return self.by_id[rule_id]

    def instrument(self, short: str) -> Instrument:
        """Return the instrument of this short name.

        Raises:
            NotFound: the register has no such instrument.
        """
        if short not in self.instruments:
            raise NotFound("the register has no instrument of that name")
        return self.instruments[short]

    def in_force(self, on: date) -> tuple[Rule, ...]:
        """Return the rules in force on the date of an event; rules without a recorded date are left out."""
        return tuple(rule for rule in self.rules if rule.in_force(on))

    def deciding(self, on: date) -> tuple[Rule, ...]:
        """Return the rules that take part in a disclosure decision on ``on``."""
        return tuple(rule for rule in self.in_force(on) if rule.decides)

    def retention_rules(self, on: date, item_class: str) -> tuple[Rule, ...]:
        """Return the floors and ceilings in force on ``on`` for a class of items; check ``may_decide`` before use."""
        return tuple(rule for rule in self.in_force(on) if rule.retention and item_class in rule.item_classes)

    def citing(self, instrument: str, article: str = "") -> tuple[Rule, ...]:
        """Return the rules on an instrument, or on one article of it with all its paragraphs (``"47"``)."""
        return tuple(
            rule
            for rule in self.rules
            if rule.instrument == instrument and article in {"", rule.article, rule.article.partition("(")[0]}
        )


def _digest_of(region: str, version: str, rules: Iterable[Rule], instruments: Iterable[Instrument]) -> str:
    """Return the sha256, as hex, of the canonical JSON of a pack: keys sorted, no blanks, without ``place``."""

    def plain(row: Rule | Instrument) -> dict[str, object]:
        return {key: value for key, value in dataclasses.asdict(row).items() if key != "place"}

    data = {
        "region": region,
        "version": version,
        "rules": [plain(rule) for rule in sorted(rules, key=lambda rule: rule.id)],
        "instruments": [plain(one) for one in sorted(instruments, key=lambda one: one.short)],
    }
    canonical = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=date.isoformat)
    return hashlib.sha256(canonical.encode()).hexdigest()


def assemble(
    region: str, version: str, rules: Iterable[Rule], instruments: Iterable[Instrument], people: tuple[str, ...] = ()
) -> LawPack:
    """Build a pack from checked rows: sort, index, digest. ``people``: further regions whose rules are among them."""
    ordered = tuple(sorted(rules, key=lambda rule: rule.id))
    register = {one.short: one for one in sorted(instruments, key=lambda one: one.short)}
    return LawPack(
        region=region,
        version=version,
        digest=_digest_of(region, version, ordered, register.values()),
        rules=ordered,
        instruments=MappingProxyType(register),
        by_id=MappingProxyType({rule.id: rule for rule in ordered}),
        regions=(region, *people),
    )


def read_pack(region: str, sources: Mapping[str, str], facts: str) -> LawPack:
    """Build a pack from the text of its TOML files by name: ``pack.toml``, ``instruments.toml``, rules in all others.

    Raises:
        Invalid: with the file and line of the first fault.
    """
    instruments = read_instruments(_REGISTER, sources[_REGISTER])
    vocabulary = read_facts("facts.toml", facts)
    rules: dict[str, Rule] = {}
    for name in sorted(set(sources) - {_REGISTER, _VERSION}):
        read_rules(name, sources[name], instruments, vocabulary, rules)
    return assemble(region, read_version(_VERSION, sources[_VERSION], region), rules.values(), instruments.values())


@cache
def load_pack(region: str) -> LawPack:
    """Read the pack that ships for ``region``; once per process.

    Raises:
        NotFound: no pack ships for this region.
        Invalid: the shipped data is at fault (a broken build).
    """
    if region not in REGIONS:
        raise NotFound("no law pack ships for that region")
    packs = files("shouxin.policy") / "packs"
    folder = packs / region
    sources = {one.name: one.read_text(encoding="utf-8") for one in folder.iterdir() if one.name.endswith(".toml")}
    return read_pack(region, sources, (packs / "facts.toml").read_text(encoding="utf-8"))


@cache
def _joined(region: str, others: tuple[str, ...]) -> LawPack:
    packs = [load_pack(one) for one in (region, *others)]
    rules = {rule.id: rule for pack in packs for rule in pack.rules}
    register = {one.short: one for pack in packs for one in pack.instruments.values()}
    if _HOME not in (region, *others):
        home = load_pack(_HOME)
        core = [home.rule(name) for name in sorted(_CORE)]
        rules |= {rule.id: rule for rule in core}
        register |= {rule.instrument: home.instrument(rule.instrument) for rule in core}
    return assemble(region, packs[0].version, rules.values(), register.values(), others)


def pack_of(region: str, people: Iterable[str] = ()) -> LawPack:
    """Return the pack for an institution in ``region`` that handles data of people there and in the regions ``people``.

    It has the rules of all these regions, and always the deciding core: the law of a person's own place holds beside
    that of the institution's (PIPL 3, GDPR 3). Equal arguments give one digest.

    Raises:
        NotFound: no pack ships for one of the regions.
    """
    others = tuple(sorted(set(people) - {region}))
    return load_pack(region) if region == _HOME and not others else _joined(region, others)
