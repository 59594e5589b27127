"""What the demo's second story collects from, and what its scenes leave one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shouxin.demo.identities import FabricatedIdentity
from shouxin.demo.neighbours import Neighbours
from shouxin.demo.own_postgresql import OwnPostgresql

__all__ = ["Around"]


@dataclass(slots=True)
class Around:
    """The partner and register, the database and who stands in it.

    ``before`` are the table's rows before they became tokens, ``held`` how many identifiers a scan found in it then.
    """

    neighbours: Neighbours
    database: OwnPostgresql
    applicants: Sequence[FabricatedIdentity]
    before: list[tuple[str, str, str]] = field(default_factory=list)
    held: int = 0

    def places(self) -> Mapping[str, str]:
        """Return what stands for each place in the texts of the sources."""
        partner, register = self.neighbours.partner, self.neighbours.register
        return {"{partner}": partner, "{register}": register, "{database}": self.database.dsn}
