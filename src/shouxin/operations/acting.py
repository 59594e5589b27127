"""Who acts, and how an event says it: the first lines of every operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypedDict

from shouxin.actors.account import Account, Actor, SignIn, Token, read_token
from shouxin.actors.transitions import AccountState, state_of
from shouxin.domain.authority import AuthorityKind, AuthorityRow, Notary
from shouxin.domain.clock import Instant
from shouxin.domain.event import Event, Fact
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import EventId, OperationId, new
from shouxin.errors import NotSignedIn, Refused
from shouxin.ledger.commitment import blinding, commit_to
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["NOTHING_BEFORE", "Act", "RowFacts", "begin", "row_facts", "rows_of"]

NOTHING_BEFORE: Final = "0" * 64
_ENDED: Final = "this sign-in has ended: sign in again"


class RowFacts(TypedDict):
    """The MACs of an authority row and of the version that it replaced, as events state them."""

    row: str
    was: str


@dataclass(frozen=True, slots=True)
class Act:
    """One operation in one transaction: who acts, when, and under which operation identifier.

    ``commitment`` is to the actor, salted by the operation: all events of one operation are one act, and say so.
    ``notary`` veils what events say of rows. ``until`` is when the sign-in ends under which somebody acts.
    """

    actor: Actor
    now: Instant
    operation: OperationId
    commitment: str
    notary: Notary
    until: Instant | None = None

    @classmethod
    def of(
        cls, actor: Actor, now: Instant, operation: OperationId, notary: Notary, until: Instant | None = None
    ) -> Act:
        """Return an act of ``actor``."""
        commitment = commit_to(blinding(actor.pepper, operation), actor.account).hex()
        return cls(actor, now, operation, commitment, notary, until)

    def under(self, operation: OperationId) -> Act:
        """Return an act of the same actor, in the same transaction, under another operation."""
        return Act.of(self.actor, self.now, operation, self.notary, self.until)

    def event(self, kind: EventKind, event_id: EventId | None = None, *, role: str = "", **facts: Fact) -> Event:
        """Return an event of this act; the actor stands in it as a commitment, never as a name."""
        return self.say(kind, event_id or new(EventId), facts, role=role)

    def say(self, kind: EventKind, salt: EventId, facts: dict[str, Fact], *, role: str = "") -> Event:
        """Return an event of this act from facts that were gathered elsewhere; see ``event``."""
        for name in ("row", "was"):
            if isinstance(mac := facts.get(name), str):
                facts[name] = self.notary.veil(salt, name, mac)
        facts["actor"] = self.commitment
        facts["role"] = role or self.actor.acts_as()
        return Event(kind, self.now, salt, self.operation, facts)

    def need(self, *roles: str) -> str:
        """Return the first of ``roles`` that the actor has.

        Raises:
            Refused: none of them.
        """
        for role in roles:
            if role in self.actor.roles:
                return role
        raise Refused(f"this asks for the role {' or '.join(roles)}", [("CN-PIPL-51-1-4-ROLE", "PIPL 51(1)(4)")])


def begin(workspace: Workspace, records: Records, token: Token, operation: OperationId | None = None) -> Act:
    """Return the act of whoever holds ``token``, from rows checked in this transaction.

    Raises:
        NotSignedIn: unknown, ended or expired sign-in, or a closed account.
        Tampered: a row that carries authority is not what the institution wrote.
    """
    actor, until = records.once((begin, token), lambda: _signed_in(workspace, records, token))
    now = workspace.now(records)
    if now >= until:
        raise NotSignedIn(_ENDED)
    return Act.of(actor, now, operation or new(OperationId), workspace.notary, until)


def _signed_in(workspace: Workspace, records: Records, token: Token) -> tuple[Actor, Instant]:
    """Return who holds ``token``, and until when at most."""
    sign_in_id = read_token(workspace.custody.service("sign-in.mac"), token)
    row = records.authority.get(AuthorityKind.SIGN_IN, sign_in_id)
    if row is None:
        raise NotSignedIn("this sign-in is unknown here")
    sign_in = workspace.notary.read(row, SignIn)
    if sign_in.ended:
        raise NotSignedIn(_ENDED)
    account_row = records.authority.get(AuthorityKind.ACCOUNT, sign_in.account)
    if account_row is None:
        raise NotSignedIn("the account of this sign-in is gone")
    account = workspace.notary.read(account_row, Account)
    if (state := state_of(account)) is not AccountState.ACTIVE:
        raise NotSignedIn(f"the account of this sign-in is {state}")
    return Actor(sign_in.account, account.name, frozenset(account.roles), account.pepper, sign_in_id), sign_in.until


def row_facts(row: AuthorityRow, before: AuthorityRow | None = None) -> RowFacts:
    """Return the facts by which an event vouches for an authority row and for the one that it replaced.

    ``Act.say`` veils them; ``rows_of`` reads them again.
    """
    return RowFacts(row=row.mac.hex(), was=NOTHING_BEFORE if before is None else before.mac.hex())


def rows_of(workspace: Workspace, event: Event) -> tuple[str, str] | None:
    """Return the MACs (hexadecimal) of the row for which ``event`` vouches and of the one that it replaced.

    Nothing when it is about no row. The one replaced is ``NOTHING_BEFORE`` for a first version; so is the one vouched
    for where a row was dropped because its term is over.
    """
    row, was = event.facts.get("row"), event.facts.get("was")
    if not isinstance(row, str) or not isinstance(was, str):
        return None
    veil = workspace.notary.veil
    return veil(event.event_id, "row", row), veil(event.event_id, "was", was)
