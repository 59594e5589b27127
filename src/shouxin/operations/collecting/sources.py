"""The register of sources: where people's data may come from, under which contract, and the secret that lets us in.

A plan names a source by code; ``policy.source`` says what stands here. The secret (a password, a bearer token) is
sealed under a key of the institution, bound to the source's code, and never leaves through a command: who runs a plan
uses it without seeing it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import local_date
from shouxin.domain.event_kind import EventKind
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotFound
from shouxin.keys.suite import NONCE_SIZE
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.workspace import Workspace
from shouxin.policy.source import Source
from shouxin.vault.records import Records

__all__ = [
    "RegisteredSource",
    "end_source",
    "list_sources",
    "register_source",
    "seal_secret",
    "secret_of",
    "source_in",
]

_LONGEST_SECRET: Final = 4096


@dataclass(frozen=True, slots=True)
class RegisteredSource:
    """A source as its authority row says it; ``sealed`` is nonce and ciphertext of its secret, empty without one."""

    source: Source
    sealed: bytes = b""
    ended: bool = False


def _identifier(code: str) -> bytes:
    return hashlib.sha256(b"shouxin/source\0" + code.encode()).digest()[:16]


def register_source(workspace: Workspace, token: Token, source: Source) -> None:
    """Enter a source, or change what the register says of one; its secret stays, unless the address changed.

    Raises:
        Invalid: its contract has ended, or the day of its audit is over.
        Refused, NotSignedIn: the caller is no data-protection officer.
    """
    today = local_date(workspace.data.read(workspace.now))
    for field, day in (("audit_due", source.audit_due), ("contract_ends", source.contract_ends)):
        if day is not None and day < today:
            raise Invalid("this day is over: it is today or later", field)

    def change(known: RegisteredSource | None) -> tuple[RegisteredSource, str]:
        if known is None:
            return RegisteredSource(source), "entered"
        # A secret is for the place it was sealed for: whoever may change an address must not learn it by that.
        same = (known.source.sql, known.source.rest) == (source.sql, source.rest)
        return RegisteredSource(source, known.sealed if same else b""), "changed"

    _write(workspace, token, source.source, change)


def end_source(workspace: Workspace, token: Token, code: str) -> None:
    """End a source: from this commit on nothing is collected from it, and its secret is gone from the row.

    Raises:
        NotFound: there is none of this code. Refused, NotSignedIn: the caller is no data-protection officer.
    """

    def change(known: RegisteredSource | None) -> tuple[RegisteredSource, str]:
        if known is None:
            raise NotFound("there is no source of this code")
        return replace(known, ended=True, sealed=b""), "ended"

    _write(workspace, token, code, change)


def seal_secret(workspace: Workspace, token: Token, code: str, secret: Plaintext) -> None:
    """Seal the secret by which a source lets us in; it replaces the one before.

    Raises:
        Invalid: empty or too long. NotFound: no such source. Refused, NotSignedIn: the caller is no operator.
    """
    words = secret.text().encode()
    if not 0 < len(words) <= _LONGEST_SECRET:
        raise Invalid(f"a secret has 1 to {_LONGEST_SECRET} bytes", "secret")
    aead = workspace.custody.suite.aead(workspace.custody.service("source.secrets"))
    nonce = os.urandom(NONCE_SIZE)
    sealed = nonce + aead.encrypt(nonce, words, _bound_to(workspace, code))

    def change(known: RegisteredSource | None) -> tuple[RegisteredSource, str]:
        if known is None or known.ended:
            raise NotFound("there is no source of this code")
        return replace(known, sealed=sealed), "secret"

    _write(workspace, token, code, change, role="operator")


def _bound_to(workspace: Workspace, code: str) -> bytes:
    return b"shouxin/source-secret/v1\0" + workspace.institution.institution_id + code.encode()


def secret_of(workspace: Workspace, registered: RegisteredSource) -> Plaintext | None:
    """Return the secret of a source, for the driver that signs in with it; nothing without one.

    Raises:
        Tampered: it is not what was sealed for this source.
    """
    if not registered.sealed:
        return None
    aead = workspace.custody.suite.aead(workspace.custody.service("source.secrets"))
    nonce, sealed = registered.sealed[:NONCE_SIZE], registered.sealed[NONCE_SIZE:]
    return Plaintext.of(aead.decrypt(nonce, sealed, _bound_to(workspace, registered.source.source)).decode())


def _write(
    workspace: Workspace,
    token: Token,
    code: str,
    change: Callable[[RegisteredSource | None], tuple[RegisteredSource, str]],
    *,
    role: str = "dpo",
) -> None:
    def work(records: Records) -> None:
        act: Act = begin(workspace, records, token)
        act.need(role)
        before = records.authority.get(AuthorityKind.SOURCE, _identifier(code))
        value, what = change(None if before is None else workspace.notary.read(before, RegisteredSource))
        version = 1 if before is None else before.version + 1
        row = workspace.notary.write(AuthorityKind.SOURCE, _identifier(code), version, value, name=code)
        declared = hashlib.sha256(msgspec.json.encode(value.source, order="deterministic")).hexdigest()
        records.authority.put(row)
        facts = row_facts(row, before)
        records.record(
            act.event(EventKind.SOURCE_CHANGED, role=role, source=code, change=what, declared=declared, **facts)
        )

    workspace.data.transact(work)


def source_in(workspace: Workspace, records: Records, code: str) -> RegisteredSource | None:
    """Return the source of this code as this transaction sees it, or nothing; also one that was ended.

    Raises:
        Tampered: the row is not what the institution wrote.
    """
    row = records.authority.get(AuthorityKind.SOURCE, _identifier(code))
    return None if row is None else workspace.notary.read(row, RegisteredSource)


def list_sources(workspace: Workspace, token: Token) -> list[RegisteredSource]:
    """Return the whole register, by code; for everybody who is signed in."""

    def work(records: Records) -> list[RegisteredSource]:
        begin(workspace, records, token)
        rows = records.authority.find(AuthorityKind.SOURCE)
        return sorted(workspace.notary.read_all(rows, RegisteredSource), key=lambda one: one.source.source)

    return workspace.data.read(work)
