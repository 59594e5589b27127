"""Rows that carry authority: accounts, sign-ins, cards, consents, requests, grants, what people ask of their data.

Whoever can write SQL must not be able to make themselves a right. So such a row is stored as canonical bytes with a
version and a keyed MAC over institution, kind, identifier, version, look-up columns and bytes; it is checked on every
use. The look-up columns only help to find a row: what is believed is the body.

An old but once valid row that is put back is refused on use where it gave a right: ``domain.revocation`` keeps a list,
apart, of the versions that were replaced. Of the other kinds ``ledger verify`` finds it, because each version's MAC
stands in an event. Where two rows say the same they are held against each other too: a person and their holds.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, TypeVar

import msgspec

from shouxin.domain.identifiers import EventId, InstitutionId, SubjectId
from shouxin.errors import RolledBack, Tampered

__all__ = ["AuthorityKind", "AuthorityRow", "AuthorityStore", "Notary", "check_current"]

T = TypeVar("T")


class AuthorityKind(StrEnum):
    """The kinds of authority; each has a table of the same shape."""

    ACCOUNT = "accounts"
    SIGN_IN = "sign_ins"
    CARD = "cards"
    CONSENT = "consents"
    REQUEST = "requests"
    GRANT = "grants"
    SUBJECT = "subjects"
    ERASURE = "erasures"
    COLLECTION = "collections"
    NOTICE = "notices"
    RECIPIENT = "recipients"
    RECIPIENT_NOTICE = "recipient_notices"
    SECOND_FACTOR = "second_factors"
    CHALLENGE = "challenges"
    HOLD = "holds"
    ORDER = "orders"
    BATCH = "batches"
    PAUSE = "pauses"
    SUPPRESSION = "suppressions"
    DATABASE = "databases"
    GRADE_CORRECTION = "grade_corrections"
    RIGHT = "rights"
    TIER = "tiers"
    DESTRUCTION = "destructions"
    AUDIT = "audits"
    SOURCE = "sources"
    PLAN = "plans"
    PURGE = "purges"
    LAW = "law_packs"
    PASS = "passes"  # noqa: S105 - a right, no password


_ABOUT_STAFF: Final = frozenset(
    {AuthorityKind.ACCOUNT, AuthorityKind.SIGN_IN, AuthorityKind.REQUEST, AuthorityKind.GRANT}
)
_REMEMBERED: Final = 1024


@dataclass(frozen=True, slots=True)
class AuthorityRow:
    """One row: ``identifier`` is unique within its kind; ``name`` and ``subject`` are for looking up only.

    ``replaced``: a later version had replaced this one for good when it was read, so somebody put it back. ``revoked``
    says the same while a restore is not finished: then it is the backup that put it back.
    """

    kind: AuthorityKind
    identifier: bytes
    version: int
    name: str
    subject: SubjectId | None
    body: bytes
    mac: bytes
    replaced: bool = False
    revoked: bool = False


class AuthorityStore(Protocol):
    """Where authority rows live: part of the data store, written in the same transaction as their event."""

    def get(self, kind: AuthorityKind, identifier: bytes) -> AuthorityRow | None:
        """Return the row, unchecked, or nothing."""
        ...

    def find(
        self, kind: AuthorityKind, *, name: str | None = None, subject: SubjectId | None = None
    ) -> list[AuthorityRow]:
        """Return the rows whose look-up columns match every argument that is given, unchecked, by identifier."""
        ...

    def among(self, kind: AuthorityKind, identifiers: Iterable[bytes]) -> Mapping[bytes, AuthorityRow]:
        """Return those of many rows that stand, unchecked, by identifier."""
        ...

    def about(self, kind: AuthorityKind, subjects: Iterable[SubjectId]) -> Sequence[AuthorityRow]:
        """Return the rows about many people, unchecked; of a kind that is looked for by people."""
        ...

    def called(self, kind: AuthorityKind, names: Iterable[str]) -> Sequence[AuthorityRow]:
        """Return the rows that have one of many names, unchecked; of a kind that is looked for by name."""
        ...

    def page(self, kind: AuthorityKind, after: bytes, most: int) -> list[AuthorityRow]:
        """Return up to ``most`` rows whose identifier is greater than ``after``, unchecked, by identifier."""
        ...

    def add(self, rows: Sequence[AuthorityRow]) -> None:
        """Insert first versions of one kind, in bulk."""
        ...

    def put(self, row: AuthorityRow) -> None:
        """Insert version 1, or replace exactly version ``row.version - 1``.

        Raises:
            Fenced: another version stands there; nothing was written.
        """
        ...

    def together(self) -> AbstractContextManager[None]:
        """Within the context, gather what is ``put`` and write it in bulk: at its end, or before anything is read.

        ``Fenced`` is then raised there, and nothing of what was gathered is written.
        """
        ...

    def revoke(self, row: AuthorityRow) -> None:
        """Never believe this version again, once the transaction that replaces it is durable.

        Of kinds that end when they are replaced (``domain.revocation``) ``put`` does so by itself.
        """
        ...

    def drop(self, kind: AuthorityKind, identifier: bytes) -> int:
        """Delete one row whose term is over; its event says that it was (``was``) and that nothing follows."""
        ...

    def remove(self, kind: AuthorityKind, subject: SubjectId) -> int:
        """Delete every row of ``kind`` about ``subject``; return how many there were."""
        ...


def check_current(row: AuthorityRow) -> None:
    """Refuse a version that a later one replaced for good: somebody put it back.

    Raises:
        RolledBack: it is one; names kind and identifier.
    """
    if row.replaced:
        raise RolledBack(f"row {row.identifier.hex()} in {row.kind} was replaced by a later one, and put back")


class Notary:
    """Writes and checks authority rows; ``prf`` is HMAC-SHA256 (RFC 2104) under the institution's MAC key."""

    def __init__(self, institution: InstitutionId, prf: Callable[[bytes], bytes]) -> None:
        self._prf = prf
        own = institution.hex()
        self._heads = {kind: f"shouxin/authority/v2\0{kind}\0{own}\0".encode() for kind in AuthorityKind}
        self._said: dict[AuthorityRow, object] = {}

    def _mac(
        self, kind: AuthorityKind, identifier: bytes, version: int, name: str, subject: bytes | None, body: bytes
    ) -> bytes:
        found_by = name.encode("utf-8", "surrogatepass") + b"\0" + (subject or b"")
        numbers = version.to_bytes(8, "big") + len(found_by).to_bytes(4, "big")
        message = self._heads[kind] + identifier + numbers + found_by + body
        return self._prf(message)

    def write(
        self,
        kind: AuthorityKind,
        identifier: bytes,
        version: int,
        value: object,
        *,
        name: str = "",
        subject: SubjectId | None = None,
    ) -> AuthorityRow:
        """Return the row that says ``value`` (a frozen dataclass), sealed with its MAC."""
        body = msgspec.json.encode(value, order="deterministic")
        mac = self._mac(kind, identifier, version, name, subject, body)
        return AuthorityRow(kind, identifier, version, name, subject, body, mac)

    def wrote(self, row: AuthorityRow) -> bool:
        """Say whether this institution wrote the row as it stands."""
        mac = self._mac(row.kind, row.identifier, row.version, row.name, row.subject, row.body)
        return hmac.compare_digest(row.mac, mac)

    def believes(self, row: AuthorityRow) -> bool:
        """Say whether ``read`` would take the row for what stands: ours, and not replaced by a later one."""
        return not row.replaced and self.wrote(row)

    def veil(self, event: EventId, fact: str, mac: str) -> str:
        """Return the MAC of a row (64 hexadecimal digits) as ``event`` states it, or, given that, the MAC again.

        The log is public. A MAC that stood in it as it is would show that two events are about one row, and so about
        one person. What stands there is the MAC combined with one block of a keyed function of event and fact: it
        looks random to everybody, and only the institution can take the block off again.

        **Source:** NIST SP 800-108r1 section 4.1 (HMAC-SHA256 as PRF, one block), used once as a pad.
        """
        pad = self._prf(b"shouxin/row-fact/v1\0" + fact.encode() + b"\0" + event)
        return f"{int(mac, 16) ^ int.from_bytes(pad, 'big'):064x}"

    def vouch(self, what: str, *numbers: int) -> bytes:
        """Return the MAC (32 bytes) of numbers (0 to 2^64 - 1) that stand in a row with no authority of its own."""
        said = b"".join(number.to_bytes(8, "big") for number in numbers)
        return self._prf(b"shouxin/numbers/v1\0" + what.encode() + b"\0" + said)

    def cover(self, word: str) -> str:
        """Return what the public log says for ``word``: a keyed digest, 64 hexadecimal digits, always the same.

        Only the institution can tell which word it is, and a word that somebody chose does not reach the log.
        """
        return self._prf(b"shouxin/covered-word/v1\0" + word.encode()).hex()

    def read(self, row: AuthorityRow, as_type: type[T]) -> T:
        """Return what the row says.

        A row about staff is remembered by all its bytes: the next disclosure of the same colleague reads the same row.

        Raises:
            Tampered: the row is not what this institution wrote; names kind and identifier.
            RolledBack: it is a version that was replaced for good.
        """
        check_current(row)
        if row.kind in _ABOUT_STAFF and isinstance(said := self._said.get(row), as_type):
            return said
        value = self._read(row, as_type)
        if row.kind in _ABOUT_STAFF:
            if len(self._said) >= _REMEMBERED:
                self._said.clear()
            self._said[row] = value
        return value

    def _read(self, row: AuthorityRow, as_type: type[T]) -> T:
        if not self.wrote(row):
            raise Tampered(f"row {row.identifier.hex()} in {row.kind} was not written by this institution")
        try:
            return msgspec.json.decode(row.body, type=as_type)
        except (msgspec.DecodeError, msgspec.ValidationError):
            raise Tampered(f"row {row.identifier.hex()} in {row.kind} does not read as one") from None

    def read_all(self, rows: Iterable[AuthorityRow], as_type: type[T]) -> list[T]:
        """Return what every row says; see ``read``."""
        return [self.read(row, as_type) for row in rows]
