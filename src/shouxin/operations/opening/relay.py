"""Relay: hand values of a person to a system that needs them to act for that person, and show them to nobody (law 1).

The same decision and the same record as every disclosure, form ``relayed``: the caller names what is to be done with
the values, and gets back what the system answered, never the values. Whoever is handed them is told what of them the
person disputes, as whoever looks is (征信业管理条例 25(2)).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from shouxin.actors.account import Token
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.operations.opening.permit import Denied, Wish, check_wish, decide_and_record
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Form
from shouxin.vault.door import Recorded

__all__ = ["RELAYED", "Relayed", "Send", "relay"]

T = TypeVar("T")
RELAYED: Final = Form("relayed")


@dataclass(frozen=True, slots=True)
class Relayed:
    """What is handed over: the values of each person, and the items of each that they say are wrong or incomplete."""

    values: Mapping[SubjectId, Mapping[ItemCode, Plaintext]] = field(repr=False)
    disputed: Mapping[SubjectId, frozenset[ItemCode]]


Send = Callable[[Relayed], T]


def relay(workspace: Workspace, token: Token, wish: Wish, send: Send[T]) -> T:
    """Hand what ``wish`` names to ``send`` and return its answer. The event is durable and covered before.

    Raises:
        Refused: the policy denies. NotFound: an unknown or erased person. Invalid: another form. As ``send`` raises.
    """
    check_wish(wish, forms=frozenset({RELAYED}))
    committed = workspace.data.transact(
        lambda records: decide_and_record(workspace, records, token, wish), covered=True
    )
    if isinstance(committed.value, Denied):
        raise committed.value.decision.refusal()
    proposed, cells = committed.value.proposed, committed.value.cells
    own = [row for row in cells if row.other is None]
    values = workspace.door.open(Recorded(proposed, committed.size, committed.covered), own).values
    return send(Relayed(values, committed.value.disputed))
