"""What a lender's database holds about people, as the lender describes it: a value, made by ``reading`` from TOML.

Laws of this file. Every column of a described table is declared: what it says about a person (``item``), with what
becomes of it, or why it says nothing (``not_personal``). A reference is ``of`` the ``person`` (both ends are about one
and the same) or ``shared`` (the other end is, or may be, about somebody else; nobody walks over it). A row may *name*
a second person in some of its columns; what is done for them touches those columns, not the row's owner.

Called by: ``walk``, ``plan``, ``schema``, and whoever writes a description (``fides``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NewType

from shouxin.domain.items import ItemCode

__all__ = [
    "OWNER",
    "Dataset",
    "DescribedColumn",
    "DescribedTable",
    "FreezeFlag",
    "IdentityKind",
    "NamedParty",
    "Reference",
    "Strategy",
    "StrategyKind",
    "TableName",
    "Way",
    "ways_into",
]

TableName = NewType("TableName", str)

# The person whom a row is about, as against those whom it names.
OWNER: Final = ""


class StrategyKind(StrEnum):
    """What becomes of a column when its person is erased."""

    DELETE_ROW = "delete_row"
    NULL = "null"
    REPLACE = "replace"
    TOKEN = "token"  # noqa: S105 - a strategy
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Strategy:
    """What becomes of a column.

    ``value`` is the constant of ``replace``. ``keep`` names a ``rule`` (a floor of the law pack) and its ``reason``;
    its clock counts from the date in the column ``since``, else from the end of the relationship that whoever erases
    states; once it has run out ``then`` happens (``delete_row`` or ``null``).
    """

    kind: StrategyKind
    value: str | int | float | bool | None = None
    rule: str = ""
    reason: str = ""
    since: str = ""
    then: StrategyKind = StrategyKind.DELETE_ROW


@dataclass(frozen=True, slots=True)
class IdentityKind:
    """A kind of value by which a person is known here.

    A ``weak`` one (a mobile) may be somebody else's too and never decides alone. Of a kind that is ``one``, a person
    has a single value: meeting a second means that the walk has reached somebody else.
    """

    name: str
    item: ItemCode | None = None
    weak: bool = False
    one: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """Columns whose values are those of ``to_columns`` in ``to``, with or without a foreign key in the database."""

    columns: tuple[str, ...]
    to: TableName
    to_columns: tuple[str, ...]
    of_person: bool


@dataclass(frozen=True, slots=True)
class NamedParty:
    """Somebody whom a row names beside its owner.

    They are found by identity columns (``identities``: column -> kind) or by the ``reference`` columns; what happens to
    ``columns`` is ``strategy``.
    """

    name: str
    columns: tuple[str, ...]
    strategy: Strategy
    identities: Mapping[str, str] = field(default_factory=dict)
    reference: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FreezeFlag:
    """The column that the lender's programs honour: ``value`` while frozen, ``free`` otherwise."""

    column: str
    value: str | int | bool = True
    free: str | int | bool | None = False


@dataclass(frozen=True, slots=True)
class DescribedColumn:
    """One column: an ``item`` with a ``strategy``, or not personal for a reason.

    ``identity`` names a kind. ``mentions``: free text in which identities are searched for when reading back.
    """

    name: str
    item: ItemCode | None = None
    not_personal: str = ""
    strategy: Strategy | None = None
    identity: str = ""
    mentions: bool = False


@dataclass(frozen=True, slots=True)
class DescribedTable:
    """One table. Without a ``key`` its rows can be counted but not changed one by one.

    ``frozen_with`` names the table whose freeze flag the readers of this one honour. ``triggers`` are those that the
    lender has looked at: what they write is described too. ``goes_with_last``: rows that several people may share (an
    address) and that go when the last row which refers to them goes. ``strategy`` holds for columns that name
    none.
    """

    name: TableName
    key: tuple[str, ...]
    columns: Mapping[str, DescribedColumn]
    references: tuple[Reference, ...] = ()
    named: tuple[NamedParty, ...] = ()
    freeze: FreezeFlag | None = None
    frozen_with: str = ""
    triggers: tuple[str, ...] = ()
    goes_with_last: bool = False
    strategy: Strategy | None = None

    @property
    def personal(self) -> bool:
        """True if some column says something about a person."""
        return any(column.item for column in self.columns.values())

    def owned(self) -> dict[str, Strategy]:
        """Return what becomes of each personal column when the row's owner is erased.

        A table that has none (a link between two) answers with its own strategy, under no name.
        """
        told = {name: one.strategy for name, one in self.columns.items() if one.strategy is not None}
        return told if told or self.strategy is None else {"": self.strategy}


@dataclass(frozen=True, slots=True)
class Dataset:
    """One database. ``not_described``: tables that hold nobody, and why. ``most_rows``: of one person in one table.

    ``residual_days``: so long after a deletion its dead rows and logs may still hold what went, as the lender says.

    ``digest`` is SHA-256 of the text as written: two reports with one digest were made by the same description.
    """

    name: str
    version: int
    identities: Mapping[str, IdentityKind]
    tables: Mapping[TableName, DescribedTable]
    not_described: Mapping[str, str] = field(default_factory=dict)
    most_rows: int = 10_000
    residual_days: int | None = None
    digest: str = ""

    def references_to(self, table: TableName) -> Iterator[tuple[DescribedTable, Reference]]:
        """Yield every reference that points at ``table``, with the table it stands in."""
        for one in self.tables.values():
            yield from ((one, reference) for reference in one.references if reference.to == table)

    def rules(self) -> frozenset[str]:
        """Return every rule of the law pack by which something is kept."""
        parties = (party.strategy for one in self.tables.values() for party in one.named)
        own = (strategy for one in self.tables.values() for strategy in one.owned().values())
        return frozenset(one.rule for one in (*parties, *own) if one.rule)


@dataclass(frozen=True, slots=True)
class Way:
    """One way into a table: rows in which ``columns`` hold values that are known to be the person's, as ``party``.

    The values are those of the identity ``kind``, or (``kind`` empty) of ``source``: table and columns referred to.
    """

    table: TableName
    columns: tuple[str, ...]
    party: str
    kind: str = ""
    source: tuple[TableName, tuple[str, ...]] | None = None


def ways_into(dataset: Dataset, table: DescribedTable) -> list[Way]:
    """Return every way by which rows of ``table`` can be found to be, or to name, a person."""
    own = [Way(table.name, (one.name,), OWNER, one.identity) for one in table.columns.values() if one.identity]
    for reference in table.references:
        source = (reference.to, reference.to_columns)
        if reference.of_person:
            own.append(Way(table.name, reference.columns, OWNER, source=source))
        own += [
            Way(table.name, reference.columns, party.name, source=source)
            for party in table.named
            if party.reference == reference.columns
        ]
    own += [
        Way(table.name, (column,), party.name, kind)
        for party in table.named
        for column, kind in party.identities.items()
    ]
    up = [
        Way(table.name, reference.to_columns, OWNER, source=(other.name, reference.columns))
        for other, reference in dataset.references_to(table.name)
        if reference.of_person
    ]
    return [*own, *dict.fromkeys(up)]
