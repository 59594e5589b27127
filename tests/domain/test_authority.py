"""Rows that carry authority are believed only as the institution wrote them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from shouxin.domain.authority import AuthorityKind, AuthorityRow, Notary
from shouxin.domain.identifiers import EventId, InstitutionId, SubjectId
from shouxin.errors import Tampered
from shouxin.keys.suite import INTL

OURS, THEIRS = InstitutionId(b"\1" * 16), InstitutionId(b"\2" * 16)
KEY = b"k" * 32
NOTARY = Notary(OURS, INTL.prf_under(KEY))


@dataclass(frozen=True, slots=True)
class Right:
    """Something that a row may say."""

    account: bytes
    until: int
    roles: tuple[str, ...] = ()


VALUE = Right(b"a" * 16, 10, ("analyst",))
ROW = NOTARY.write(AuthorityKind.GRANT, b"g" * 16, 3, VALUE, name="n", subject=SubjectId(b"s" * 16))


def test_what_was_written_is_read() -> None:
    """A row comes back as the value it was made from, with identifier, version and look-up columns as given."""
    assert NOTARY.read(ROW, Right) == VALUE
    assert (ROW.kind, ROW.identifier, ROW.version) == (AuthorityKind.GRANT, b"g" * 16, 3)
    assert (ROW.name, ROW.subject, len(ROW.mac)) == ("n", b"s" * 16, 32)


@pytest.mark.parametrize(
    "forged",
    [
        replace(ROW, kind=AuthorityKind.REQUEST),
        replace(ROW, identifier=b"h" * 16),
        replace(ROW, version=4),
        replace(ROW, version=2),
        replace(ROW, body=ROW.body.replace(b"10", b"99")),
        replace(ROW, body=b""),
        replace(ROW, mac=bytes(32)),
        replace(ROW, mac=b""),
        replace(ROW, mac=ROW.mac + b"\0"),
        replace(ROW, identifier=b"g" * 15, body=b"g" + ROW.body),
        replace(ROW, name="root"),
        replace(ROW, subject=None),
        replace(ROW, name="ns", subject=SubjectId(b"s" * 15)),
    ],
    ids=[
        *("kind", "identifier", "newer", "older", "body", "empty", "no mac", "short mac", "long mac", "shifted"),
        *("found by another name", "about nobody", "columns shifted"),
    ],
)
def test_a_forged_row_is_refused(forged: AuthorityRow) -> None:
    """Whoever edits a row, or puts it where another belongs, makes it worthless."""
    with pytest.raises(Tampered, match=forged.identifier.hex()):
        NOTARY.read(forged, Right)


def test_a_row_of_another_institution_is_refused() -> None:
    """The same key under another institution's name vouches for nothing here, and another key neither."""
    for notary in (Notary(THEIRS, INTL.prf_under(KEY)), Notary(OURS, INTL.prf_under(b"x" * 32))):
        with pytest.raises(Tampered):
            notary.read(ROW, Right)


def test_one_forged_row_spoils_a_list() -> None:
    """Many rows are believed together or not at all."""
    assert NOTARY.read_all([ROW, ROW], Right) == [VALUE, VALUE]
    with pytest.raises(Tampered):
        NOTARY.read_all([ROW, replace(ROW, mac=bytes(32))], Right)


def test_the_same_value_has_the_same_bytes() -> None:
    """The body is deterministic, so that a version's MAC can stand in the ledger."""
    same = Right(b"a" * 16, 10, ("analyst",))
    again = NOTARY.write(AuthorityKind.GRANT, b"g" * 16, 3, same, name="n", subject=SubjectId(b"s" * 16))
    assert (again.body, again.mac) == (ROW.body, ROW.mac)
    assert NOTARY.write(AuthorityKind.GRANT, b"g" * 16, 4, VALUE).mac != ROW.mac


def test_what_an_event_says_of_a_row_is_read_by_the_institution_only() -> None:
    """Veiled, a row's MAC looks different in every event and fact; the same key takes the veil off again."""
    mac, events = ROW.mac.hex(), (EventId(b"1" * 16), EventId(b"2" * 16))
    said = {NOTARY.veil(event, fact, mac) for event in events for fact in ("row", "was")}
    assert len(said) == 4
    assert mac not in said
    assert all(len(one) == 64 for one in said)
    assert {NOTARY.veil(events[0], "row", NOTARY.veil(events[0], "row", mac))} == {mac}
    assert Notary(OURS, INTL.prf_under(b"x" * 32)).veil(events[0], "row", NOTARY.veil(events[0], "row", mac)) != mac
