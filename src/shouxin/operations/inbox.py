"""What waits for somebody's decision: requests for access and orders to delete, in one look.

Reading only. Who may decide is said by ``approvals.chain`` in the transaction that records the decision; what is said
here is a hint for the page, so that nobody is sent to a button that will refuse them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shouxin.actors.account import Account, Actor, Token
from shouxin.approvals.order_transitions import OrderState
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import AccountId
from shouxin.operations.acting import begin
from shouxin.operations.deletion.decide import OrderInBox, list_orders
from shouxin.operations.opening.approve import Waiting, list_requests
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["Inbox", "inbox_of", "names_of", "waits_for", "who_acts"]

_CONFIRMING = frozenset({"dpo", "rights_desk"})


@dataclass(frozen=True, slots=True)
class Inbox:
    """What concerns somebody and is open; ``names`` are those of whoever asked."""

    actor: Actor
    requests: tuple[Waiting, ...]
    orders: tuple[OrderInBox, ...]
    names: Mapping[AccountId, str]


def who_acts(workspace: Workspace, token: Token) -> Actor:
    """Return the actor whom ``token`` stands for.

    Raises:
        NotSignedIn: nobody, or not any more.
    """
    return workspace.data.read(lambda records: begin(workspace, records, token).actor)


def names_of(workspace: Workspace, token: Token, accounts: Iterable[AccountId]) -> dict[AccountId, str]:
    """Return the names of colleagues, for whoever is signed in: a decision needs to know whom it is about."""

    def work(records: Records) -> dict[AccountId, str]:
        begin(workspace, records, token)
        found = {one: records.authority.get(AuthorityKind.ACCOUNT, one) for one in set(accounts)}
        return {one: workspace.notary.read(row, Account).name for one, row in found.items() if row is not None}

    return workspace.data.read(work)


def waits_for(actor: Actor, one: Waiting | OrderInBox) -> bool:
    """Say whether ``one`` waits for a decision that ``actor`` may take, as far as can be seen beforehand."""
    wish = one.request if isinstance(one, Waiting) else one.order
    if wish.state is OrderState.CONFIRMING:
        return not actor.roles.isdisjoint(_CONFIRMING)
    agreed = any(given.account == actor.account for given in wish.agreements)
    return one.asked in actor.roles and wish.requester != actor.account and not agreed


def inbox_of(workspace: Workspace, token: Token) -> Inbox:
    """Return everything open that concerns the caller, oldest first.

    Raises:
        NotSignedIn: the caller is not.
    """
    actor = who_acts(workspace, token)
    requests, orders = list_requests(workspace, token), list_orders(workspace, token)
    asked_by = [one.request.requester for one in requests] + [one.order.requester for one in orders]
    return Inbox(actor, tuple(requests), tuple(orders), names_of(workspace, token, asked_by))
