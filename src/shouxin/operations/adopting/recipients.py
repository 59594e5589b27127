"""The register of recipients: who outside receives personal information, under which contract (PIPL 21, 23).

Cards name recipients by code; notices, the sharing list and withdrawal notices take name, contact and contract from
here. Vetting and audits of recipients come with partners.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import local_date
from shouxin.domain.event_kind import EventKind
from shouxin.errors import Invalid, NotFound
from shouxin.operations.acting import begin, row_facts
from shouxin.operations.workspace import Workspace
from shouxin.policy.chain_rules import PURPOSE
from shouxin.policy.recipient import Recipient
from shouxin.policy.text_rules import has_hidden
from shouxin.vault.records import Records

__all__ = [
    "Registered",
    "answer_days_of",
    "end_recipient",
    "list_recipients",
    "recipients_in",
    "register_in",
    "register_recipient",
]

_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Registered:
    """A recipient as its authority row says it; ``ended``: the contract was ended before its day."""

    recipient: Recipient
    ended: bool = False


def _identifier(code: str) -> bytes:
    return hashlib.sha256(b"shouxin/recipient\0" + code.encode()).digest()[:16]


def register_recipient(workspace: Workspace, token: Token, recipient: Recipient) -> None:
    """Enter a recipient, or change what the register says of one; from this commit on notices name them so.

    Raises:
        Invalid: the contract has ended already; a code that could be a number; words that no notice can show.
        Refused, NotSignedIn: the caller is no data-protection officer.
    """
    if not PURPOSE.fullmatch(recipient.code):
        raise Invalid("a recipient is a code, with no more than six digits: it could be somebody's number", "code")
    for field in ("name", "contract", "contact"):
        said = str(getattr(recipient, field))
        if len(said) > _LONGEST or has_hidden(said) or "\n" in said:
            raise Invalid(f"is one line of at most {_LONGEST} characters, none of them hidden", field)
    _write(workspace, token, recipient.code, Registered(recipient))


def end_recipient(workspace: Workspace, token: Token, code: str) -> None:
    """End a recipient's contract before its day: nothing may be given to them from this commit on.

    Raises:
        NotFound: nobody of this code is registered. Refused, NotSignedIn: the caller is no data-protection officer.
    """
    _write(workspace, token, code, None)


def _write(workspace: Workspace, token: Token, code: str, value: Registered | None) -> None:
    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        act.need("dpo")
        if value is not None and not value.recipient.contract_runs(local_date(act.now)):
            raise Invalid("this day is over: a contract ends today or later", "contract_ends")
        before = records.authority.get(AuthorityKind.RECIPIENT, _identifier(code))
        if value is None and before is None:
            raise NotFound("there is no recipient of this code")
        known = None if before is None else workspace.notary.read(before, Registered)
        now = value if value is not None or known is None else replace(known, ended=True)
        version = 1 if before is None else before.version + 1
        row = workspace.notary.write(AuthorityKind.RECIPIENT, _identifier(code), version, now, name=code)
        change = "ended" if value is None else "entered" if before is None else "changed"
        records.authority.put(row)
        records.record(
            act.event(
                EventKind.RECIPIENT_CHANGED,
                role="dpo",
                recipient=workspace.notary.cover(code),
                change=change,
                **row_facts(row, before),
            )
        )

    workspace.data.transact(work)


def recipients_in(workspace: Workspace, records: Records, codes: Iterable[str] | None = None) -> list[Recipient]:
    """Return the recipients that are registered and not ended, by code; with ``codes``, those of them.

    A code that nobody stands under is left out: whoever needs all of them compares.
    """
    if codes is None:
        rows = records.authority.find(AuthorityKind.RECIPIENT)
    else:
        found = (records.authority.get(AuthorityKind.RECIPIENT, _identifier(code)) for code in sorted(set(codes)))
        rows = [row for row in found if row is not None]
    values = workspace.notary.read_all(rows, Registered)
    return sorted((one.recipient for one in values if not one.ended), key=lambda one: one.code)


def answer_days_of(workspace: Workspace, records: Records, code: str) -> int | None:
    """Return within how many days a recipient has to confirm by contract, ended or not; nothing where none says so."""
    row = records.authority.get(AuthorityKind.RECIPIENT, _identifier(code))
    return None if row is None else workspace.notary.read(row, Registered).recipient.answer_days


def register_in(workspace: Workspace, records: Records) -> dict[str, Recipient | None]:
    """Return the register by code; nothing for a recipient whose contract was ended."""
    values = workspace.notary.read_all(records.authority.find(AuthorityKind.RECIPIENT), Registered)
    return {one.recipient.code: None if one.ended else one.recipient for one in values}


def list_recipients(workspace: Workspace, token: Token) -> list[Registered]:
    """Return everybody in the register, also those whose contract was ended; for everybody who is signed in."""

    def work(records: Records) -> list[Registered]:
        begin(workspace, records, token)
        rows = records.authority.find(AuthorityKind.RECIPIENT)
        return sorted(workspace.notary.read_all(rows, Registered), key=lambda one: one.recipient.code)

    return workspace.data.read(work)
