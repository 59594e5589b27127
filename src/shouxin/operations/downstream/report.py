"""What became of a person in one database, table by table: never silence, never success by zero rows (law 4).

Called by: ``act``, ``amend``, ``across``; read by whoever records the outcome. Holds names of tables, codes and counts:
no value of a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from shouxin.domain.items import ItemCode
from shouxin.errors import OperatorError
from shouxin.operations.downstream.schema import Mismatch
from shouxin.operations.downstream.walk import Contested, Strayed, Trail
from shouxin.vault.erasure import Outcome

__all__ = ["Amended", "Report", "TablePart", "about", "blocked", "contested", "refused", "strayed"]


class Amended(StrEnum):
    """What else can become of a person's rows: they are corrected, frozen, or free again."""

    CORRECTED = "corrected"
    FROZEN = "frozen"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class TablePart:
    """What became of some rows of one table (``table`` empty: of the whole database).

    ``retained`` has rule, article and date (none: its clock has not started), and how many of the rows are ``frozen``;
    ``failed`` has a reason and what to do.
    """

    table: str
    outcome: Outcome | Amended
    rows: int = 0
    rule: str = ""
    article: str = ""
    until: date | None = None
    frozen: int = 0
    reason: str = ""
    to_do: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a person in one database.

    ``done`` is false for a preview: then the parts say what would become of them. ``before`` and ``after`` count the
    person's rows by table, before the first change and when read back. ``digest`` names the description. ``trail`` is
    what is known of the person now; keep it until every report is good. ``dialect`` is what the database is, where
    something was erased. ``disputed`` are items by which the person was looked for and which they say are wrong.
    """

    dataset: str
    digest: str
    parts: tuple[TablePart, ...]
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)
    rounds: int = 0
    done: bool = True
    trail: Trail = field(default_factory=Trail, repr=False)
    dialect: str = ""
    disputed: tuple[ItemCode, ...] = ()

    @property
    def doubt(self) -> str:
        """What whoever reads the report is told of the items that the person disputes; empty where there are none."""
        said = ", ".join(self.disputed)
        return f"looked for by what the person disputes 存在异议 ({said}): see whose these rows are" if said else ""

    def having(self, outcome: Outcome | Amended) -> list[TablePart]:
        """Return the parts with that outcome."""
        return [part for part in self.parts if part.outcome is outcome]

    @property
    def outcome(self) -> Outcome | Amended:
        """The outcome of the whole: one failure fails it; then what was changed, what was kept, else nothing found."""
        order = (Outcome.FAILED, Outcome.ERASED, *Amended, Outcome.RETAINED)
        return next((one for one in order if self.having(one)), Outcome.NOTHING_FOUND)


def about(error: OperatorError) -> TablePart:
    """Return the failure that an error of a driver means; its detail says what to do after a semicolon."""
    reason, _, to_do = error.detail.partition("; ")
    return TablePart(
        "", Outcome.FAILED, reason=reason, to_do=to_do or "see that the database can be used, then run again"
    )


def blocked(mismatches: list[Mismatch]) -> tuple[TablePart, ...]:
    """Return the failures that differences between database and description mean."""
    return tuple(
        TablePart(one.table, Outcome.FAILED, reason=f"{one.code} {one.column}".strip(), to_do=one.to_do)
        for one in mismatches
        if one.blocks
    )


def strayed(found: Strayed) -> TablePart:
    """Return the failure of a walk that reached somebody else, or too much."""
    if found.code == "one":
        reason = f"the walk met a second {found.about}"
        to_do = (
            "a reference of the person leads to somebody else: declare it shared, or name both values if they are one"
        )
    else:
        reason = f"more than {found.about} rows"
        to_do = "an identity or reference is shared by many (a placeholder?): clear it, or raise most_rows"
    return TablePart(found.table, Outcome.FAILED, reason=reason, to_do=to_do)


def contested(found: Contested) -> TablePart:
    """Return the failure of rows of which nobody can say whose they are."""
    by = ", ".join(found.columns)
    reason = f"{by} holds what identifies somebody else too"
    to_do = "decide by hand whose these rows are; give them their owner's number, or delete them"
    if found.unknown:
        reason = f"found by {by} alone: whose {', '.join(found.unknown)} says is not known of this person"
        to_do = "see whose these rows are: docs/downstream.md, Rows in doubt, says how to go on"
    return TablePart(found.table, Outcome.FAILED, found.rows, reason=reason, to_do=to_do)


def refused(table: str, rows: int, reason: str, to_do: str) -> TablePart:
    """Return a failure."""
    return TablePart(table, Outcome.FAILED, rows, reason=reason, to_do=to_do)
