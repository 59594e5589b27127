"""Whom tests erase from a lender's database, and what a report says of it."""

from __future__ import annotations

import random

from shouxin.operations.downstream.report import Report
from shouxin.vault.erasure import Outcome
from tests.connectors.downstream.lender import (
    Person,
    Portfolio,
)

PEOPLE = 200


def portfolio(count: int = PEOPLE) -> Portfolio:
    """The same people each time."""
    return Portfolio(count, random.Random(20261122))


def somebody(made: Portfolio, *, alone: bool = True) -> Person:
    """Somebody with contracts, a guarantor and guarantees, whose mobile is theirs ``alone`` or a household's."""
    tables = ("contract", "payment", "guarantee", "document", "sms_log", "collection_note", "customer_device")
    wanted = tables if alone else tables[:1]

    def fits(person: Person) -> bool:
        own = {row.table.name for row in made.rows if row.owner == person.number}
        named = {row.table.name for row in made.rows if person.number in row.names}
        return made.shared(person.mobile) is not alone and own >= set(wanted) and bool(named)

    return next(filter(fits, made.people))


def reasons(report: Report) -> dict[str, str]:
    """What failed, and why, by table."""
    return {part.table: part.reason for part in report.having(Outcome.FAILED)}


def somebody_with_contract(made: Portfolio) -> Person:
    """Somebody with a contract whose mobile is theirs alone."""
    owners = {row.owner for row in made.rows if row.table.name == "contract"}
    return next(one for one in made.people if one.number in owners and not made.shared(one.mobile))
