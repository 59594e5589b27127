"""What one rule of law is here, and the instrument it stands in.

Laws of this file. A rule may decide only if its article was read in a text that stands in the pack and whose words it
quotes (``Rule.may_decide``); every other rule advises. A rule has a place in a file, which is not part of its value.

Called by: ``rule_reading`` (makes them from TOML) and ``lawpack`` (holds them).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, NewType

__all__ = ["Instrument", "Retention", "Rule", "RuleId", "Verified"]

RuleId = NewType("RuleId", str)

# Minutes and hours run from the moment; days, working days, months and years from the next day.
TIME_UNITS: Final = frozenset({"min", "h", "d", "wd", "m", "y"})


class Verified(StrEnum):
    """How the wording behind a rule was checked; only ``TEXT`` may decide."""

    TEXT = "text"
    SECONDARY = "secondary"
    MEMORY = "memory"
    DRAFT = "draft"


class Retention(StrEnum):
    """What a rule does to a term: ``FLOOR`` keeps for at least ``n`` units, ``CEILING`` for at most."""

    FLOOR = "floor"
    CEILING = "ceiling"


@dataclass(frozen=True, slots=True)
class Instrument:
    """A statute, regulation, departmental rule, interpretation or standard.

    ``text`` is the file under ``texts/`` that holds its wording, empty if it is not held; ``effective_from`` is
    ``None`` if the date is not recorded; ``verified`` says how the date was checked.
    """

    short: str
    title: str
    title_en: str
    body: str
    kind: str
    effective_from: date | None
    verified: Verified
    text: str = ""
    note: str = ""
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. The field names and their meaning are those of ``packs/README.md``.

    ``article`` is the number with paragraph 款 and item 项 in brackets, ``"annex"``, or empty where the number is
    not known. ``n`` is in ``unit``, and ``boundary`` reads 'the fact stands in this relation to n'. ``urgency`` is
    ``at_once`` (立即) or ``in_time`` (及时) where the law names no number. ``when`` is a Cedar expression over the
    context of a disclosure. ``extends`` is the id of the rule whose time limit this one lengthens, once. ``place`` is
    ``file:line`` of the rule in the pack.
    """

    id: RuleId
    law_ref: str
    instrument: str
    article: str
    title_zh: str
    title_en: str
    effective_from: date | None
    applies_when: str
    obligation: str
    evidence: str
    verified: Verified
    source: str
    effective_to: date | None = None
    article_before_2026: str = ""
    n: int | None = None
    unit: str = ""
    boundary: str = ""
    urgency: str = ""
    clock_start: str = ""
    penalty: str = ""
    held: bool = True
    quote: str = ""
    effect: str = ""
    when: str = ""
    retention: Retention | None = None
    item_classes: tuple[str, ...] = ()
    derives_from: str = ""
    extends: str = ""
    note: str = ""
    place: str = field(default="", compare=False)

    @property
    def may_decide(self) -> bool:
        """True if the article was read in a held text and its words are quoted."""
        return self.verified is Verified.TEXT and self.held and bool(self.quote)

    @property
    def decides(self) -> bool:
        """True if the rule takes part in decisions: it has an effect and may decide."""
        return bool(self.effect) and self.may_decide

    @property
    def limits_time(self) -> bool:
        """True if something must be done within ``n`` units of time after ``clock_start``.

        A floor, an age or a term that counts back from an event to come is not of this kind.
        """
        return self.unit in TIME_UNITS and self.boundary == "<=" and self.retention is None

    @property
    def floor(self) -> bool:
        """True if the rule makes the lender keep something for at least ``n`` units after ``clock_start``."""
        return self.retention is Retention.FLOOR

    @property
    def cites(self) -> str:
        """Instrument and article for reasons and certificates: ``PIPL 47(2)``."""
        return f"{self.instrument} {self.article}".rstrip()

    def in_force(self, on: date) -> bool:
        """True if the rule has a date of effect, has begun by ``on`` and has not ended before it (both included)."""
        begun = self.effective_from is not None and self.effective_from <= on
        return begun and (self.effective_to is None or on <= self.effective_to)
