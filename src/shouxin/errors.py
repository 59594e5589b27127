"""Every error that Shouxin raises, in one tree, split first by *who must act*.

::

    ShouxinError
    ├── CallerError                 the caller must change what they ask
    │   ├── Refused                 a decision denied it; carries the reasons and articles
    │   ├── NotSignedIn             no sign-in, or one that ended or was revoked
    │   ├── NotFound                nothing of that name, or nothing that this purpose may see
    │   ├── Invalid                 the input breaks a rule; carries the place
    │   └── NotInThisState          the lifecycle table has no such step from here
    ├── ApproverError               somebody else must decide first
    │   └── ApprovalMissing         the chain of this purpose is not complete
    ├── OperatorError               whoever runs the installation must act
    │   ├── Misconfigured           settings, files or permissions are wrong
    │   ├── LawNotAdopted           the law pack that ships was not adopted: nothing is decided until it is
    │   ├── RootKeyUnavailable      the root key is missing, wrong or out of reach
    │   ├── StoreUnavailable        a store is full, locked or out of reach; nothing was changed
    │   ├── Uncovered               recorded, but no signed checkpoint could be put away; nothing was released
    │   ├── Fenced                  another process moved the key epoch on; start again
    │   ├── ReadOnly                the data store is older than its signed checkpoint
    │   └── Unpublished             the working days of that time are not held; nothing was guessed
    └── IntegrityError              nobody may go on: stop and call someone (exit code 3)
        ├── Tampered                stored bytes are not what was written
        ├── Forked                  two histories were signed
        ├── RolledBack              a store is older than what was signed for it
        └── Unrecorded              a change of state without an event; the change was undone

Laws of this file. Messages carry codes and identifiers, never personal information (a property test feeds
marked values through every operation). Nothing here knows a framework, an HTTP status or an exit code. Drivers
and connectors may raise anything; the wrapper around them turns it into exactly one ``OperatorError``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

__all__ = [
    "ApprovalMissing",
    "ApproverError",
    "CallerError",
    "Fenced",
    "Forked",
    "IntegrityError",
    "Invalid",
    "LawNotAdopted",
    "Misconfigured",
    "NotFound",
    "NotInThisState",
    "NotSignedIn",
    "OperatorError",
    "ReadOnly",
    "Refused",
    "RolledBack",
    "RootKeyUnavailable",
    "ShouxinError",
    "StoreUnavailable",
    "Tampered",
    "Uncovered",
    "Unpublished",
    "Unrecorded",
]


class ShouxinError(Exception):
    """The root of the tree: everything that Shouxin raises on purpose.

    ``code`` is stable and safe to show, log and translate; ``detail`` is an English sentence made of codes and
    identifiers only.
    """

    code: ClassVar[str] = "error"

    def __init__(self, detail: str = "") -> None:
        self.detail = detail or (type(self).__doc__ or "").strip().splitlines()[0]
        super().__init__(self.detail)


class CallerError(ShouxinError):
    """The caller must change what they ask."""

    code = "caller"


class Refused(CallerError):
    """A decision denied the operation.

    ``reasons`` are pairs of (rule id, article), most important first; at least one.
    """

    code = "refused"

    def __init__(self, detail: str, reasons: Sequence[tuple[str, str]]) -> None:
        super().__init__(detail)
        self.reasons: tuple[tuple[str, str], ...] = tuple(reasons)


class NotSignedIn(CallerError):
    """There is no sign-in, or it ended or was revoked."""

    code = "not-signed-in"


class NotFound(CallerError):
    """Nothing of that name, or nothing that this purpose may see."""

    code = "not-found"


class Invalid(CallerError):
    """The input breaks a rule.

    ``place`` says where (a field, or ``file:line``), never with the offending value.
    """

    code = "invalid"

    def __init__(self, detail: str, place: str = "") -> None:
        super().__init__(f"{place}: {detail}" if place else detail)
        self.place = place


class NotInThisState(CallerError):
    """The lifecycle table has no such step from the present state; nothing changed."""

    code = "not-in-this-state"


class ApproverError(ShouxinError):
    """Somebody else must decide first."""

    code = "approver"


class ApprovalMissing(ApproverError):
    """The approval chain of this purpose is not complete."""

    code = "approval-missing"


class OperatorError(ShouxinError):
    """Whoever runs the installation must act."""

    code = "operator"


class Misconfigured(OperatorError):
    """Settings, files or permissions are wrong."""

    code = "misconfigured"


class LawNotAdopted(OperatorError):
    """The law pack of this program is not the adopted one: see 'shouxin law impact', then 'shouxin law adopt'."""

    code = "law-not-adopted"


class RootKeyUnavailable(OperatorError):
    """The root key is missing, wrong or out of reach; nothing was opened and nothing was changed."""

    code = "root-key-unavailable"


class StoreUnavailable(OperatorError):
    """A store is full, locked or out of reach; nothing was changed."""

    code = "store-unavailable"


class Uncovered(OperatorError):
    """The change is recorded and durable, but no signed checkpoint could be put away; nothing was released."""

    code = "uncovered"


class Fenced(OperatorError):
    """Another process moved the key epoch on; nothing was written: start the operation again."""

    code = "fenced"


class ReadOnly(OperatorError):
    """The data store is older than its last signed checkpoint and opens for reading only."""

    code = "read-only"


class Unpublished(OperatorError):
    """The working days of that time are not published, or not held here; nothing was guessed."""

    code = "unpublished"


class IntegrityError(ShouxinError):
    """Nobody may go on: stop and call someone."""

    code = "integrity"


class Tampered(IntegrityError):
    """Stored bytes are not what was written."""

    code = "tampered"


class Forked(IntegrityError):
    """Two inconsistent histories were signed."""

    code = "forked"


class RolledBack(IntegrityError):
    """A store is older than what was signed for it."""

    code = "rolled-back"


class Unrecorded(IntegrityError):
    """A change of state came without an event; the change was undone."""

    code = "unrecorded"
