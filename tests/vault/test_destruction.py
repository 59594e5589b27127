"""The record of a destruction: its table, its witnesses, what a certificate says of it."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace
from datetime import date

import pytest

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import AccountId, new
from shouxin.errors import Invalid, NotInThisState, Refused
from shouxin.vault.destruction import (
    METHODS,
    TRANSITIONS,
    DestructionEvent,
    DestructionRecord,
    DestructionState,
    Medium,
    check_method,
    escalate,
    residual_of,
    witness,
)

OWNER, ONE, TWO, THREE = (new(AccountId) for _ in range(4))
SERIAL, EVIDENCE = "5" * 64, "e" * 64


def record(state: DestructionState = DestructionState.OPEN) -> DestructionRecord:
    """Return a disk that is to be shredded."""
    day = date(2026, 12, 31)
    return DestructionRecord(
        Medium.DISK, "destroy-shred", SERIAL, "branch-7", OWNER, "operator", Instant(1), day, state=state
    )


def test_two_different_witnesses_make_it_destroyed() -> None:
    """One is not enough; the second ends it, from open and from escalated alike."""
    for state in (DestructionState.OPEN, DestructionState.ESCALATED):
        first = witness(record(state), ONE, SERIAL, EVIDENCE, Instant(2))
        assert first.state is state
        done = witness(first, TWO, SERIAL, "f" * 64, Instant(3))
        assert done.state is DestructionState.DESTROYED
        assert [(seen.account, seen.evidence) for seen in done.witnesses] == [(ONE, EVIDENCE), (TWO, "f" * 64)]
        with pytest.raises(NotInThisState):
            witness(done, THREE, SERIAL, EVIDENCE, Instant(4))


def test_neither_the_owner_nor_the_same_person_twice() -> None:
    """Both are refused; so is a serial that is not the record's, which no witness then counts for."""
    with pytest.raises(Refused):
        witness(record(), OWNER, SERIAL, EVIDENCE, Instant(2))
    first = witness(record(), ONE, SERIAL, EVIDENCE, Instant(2))
    with pytest.raises(Refused):
        witness(first, ONE, SERIAL, EVIDENCE, Instant(3))
    with pytest.raises(Invalid):
        witness(first, TWO, "6" * 64, EVIDENCE, Instant(3))


def test_nothing_shows_nothing_and_one_picture_is_one_witness() -> None:
    """The digest of an empty file, what is no digest, and what the other witness has shown: none of them counts."""
    for shown in (hashlib.sha256(b"").hexdigest(), "", "e" * 62, "no digest"):
        with pytest.raises(Invalid):
            witness(record(), ONE, SERIAL, shown, Instant(2))
    first = witness(record(), ONE, SERIAL, EVIDENCE, Instant(2))
    for shown in (EVIDENCE, EVIDENCE.upper()):
        with pytest.raises(Refused, match="shown by the other one"):
            witness(first, TWO, SERIAL, shown, Instant(3))


@pytest.mark.parametrize("state", DestructionState)
def test_only_what_is_open_is_escalated(state: DestructionState) -> None:
    """Once its day has passed; what is over or escalated already is left."""
    late = date(2027, 1, 1)
    assert record(state).overdue(late) is (state is DestructionState.OPEN)
    assert not record(state).overdue(record().due)
    if state is DestructionState.OPEN:
        assert escalate(record(state)).state is DestructionState.ESCALATED
    else:
        with pytest.raises(NotInThisState):
            escalate(record(state))


def test_nothing_leads_out_of_destroyed() -> None:
    """And every other state can get there."""
    assert not [pair for pair in TRANSITIONS if pair[0] is DestructionState.DESTROYED]
    complete = {state for state, event in TRANSITIONS if event is DestructionEvent.COMPLETE}
    assert complete == set(DestructionState) - {DestructionState.DESTROYED}


def test_a_method_suits_its_medium() -> None:
    """Paper is not degaussed, flash neither; every thing can be shredded; unknown words are refused."""
    every = {method for methods in METHODS.values() for method in methods}
    for medium, method in itertools.product(Medium, every):
        if method in METHODS[medium]:
            check_method(medium, method)
        else:
            with pytest.raises(Invalid):
                check_method(medium, method)
    for medium, method in ((Medium.PAPER, "purge-degauss"), (Medium.FLASH, "purge-degauss"), (Medium.DISK, "throw")):
        with pytest.raises(Invalid):
            check_method(medium, method)
    shredded = {medium for medium, methods in METHODS.items() if "destroy-shred" in methods}
    assert shredded == {*Medium} - {Medium.DATABASE_ROWS}
    assert all(method.partition("-")[0] in {"clear", "purge", "destroy"} for method in every)


def test_a_certificate_says_what_where_who_and_when() -> None:
    """Open until it is destroyed, also when it is late; then closed, and still listed."""
    said = residual_of(record())
    assert (said.what, said.where, said.owner, said.due.isoformat(), said.state) == (
        "disk-not-destroyed",
        "branch-7",
        "operator",
        "2026-12-31",
        "open",
    )
    assert residual_of(record(DestructionState.ESCALATED)).state == "open"
    assert residual_of(replace(record(), state=DestructionState.DESTROYED)).state == "closed"
