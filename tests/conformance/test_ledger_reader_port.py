"""The port of a log that is read (``ledger.store``): one suite over every driver, on a snapshot and while it grows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from shouxin.errors import Tampered
from shouxin.ledger.store import LedgerReader
from shouxin.ledger.tiles import TILE_WIDTH
from shouxin.ledger.tree import HASH_BYTES, leaf_hash
from shouxin.operations.workspace import DataStore
from shouxin.vault.records import Records
from tests.conformance.data_stores import place, store_of
from tests.conformance.drivers import Opener
from tests.events import an_event

__all__ = ["place", "store_of"]

MANY = TILE_WIDTH + 3
AT = 1_700_000_000_000
# How a reader is come by: on a snapshot, or inside the transaction that writes.
WAYS: dict[str, Callable[[DataStore, Callable[[LedgerReader], None]], object]] = {
    "snapshot": lambda store, look: store.read(lambda records: look(records.ledger)),
    "transaction": lambda store, look: store.transact(lambda records: look(records.ledger)),
}


@pytest.fixture(params=list(WAYS.values()), ids=list(WAYS))
def looks(request: pytest.FixtureRequest, store_of: Opener[DataStore]) -> Callable[..., None]:
    """Run a look at a log of ``count`` leaves."""

    def run(count: int, look: Callable[[LedgerReader], None]) -> None:
        store, seen = store_of(), []

        def fill(records: Records) -> None:
            for number in range(count):
                records.record(an_event(at=AT + number))

        def noting(ledger: LedgerReader) -> None:
            look(ledger)
            seen.append(ledger.size)

        if count:
            store.transact(fill)
        request.param(store, noting)
        assert seen == [count]

    return run


def test_an_empty_log_has_nothing(looks: Callable[..., None]) -> None:
    """No leaf, no time, no tile."""

    def look(ledger: LedgerReader) -> None:
        assert (ledger.size, ledger.last_at, list(ledger.entries(0, 9))) == (0, 0, [])
        for missing in (lambda: ledger.entry(0), lambda: ledger.tile(0, 0)):
            with pytest.raises(Tampered):
                missing()

    looks(0, look)


def test_leaves_are_read_one_by_one_and_in_order(looks: Callable[..., None]) -> None:
    """Each by its number, any range of those that exist, and the time of the last."""

    def look(ledger: LedgerReader) -> None:
        every = list(ledger.entries(0, MANY + 9))
        assert [leaf for leaf, _ in every] == list(range(MANY))
        assert [ledger.entry(leaf) for leaf in range(MANY)] == [body for _, body in every]
        assert list(ledger.entries(250, 258)) == every[250:258]
        assert list(ledger.entries(7, 7)) == []
        assert (ledger.size, ledger.last_at) == (MANY, AT + MANY - 1)
        with pytest.raises(Tampered):
            ledger.entry(MANY)

    looks(MANY, look)


def test_tiles_hold_the_hashes_of_the_leaves(looks: Callable[..., None]) -> None:
    """Level 0 has those of the leaves, a full tile and a begun one; level 1 the root of the full tile."""

    def look(ledger: LedgerReader) -> None:
        hashes = [leaf_hash(body) for _, body in ledger.entries(0, MANY)]
        assert ledger.tile(0, 0) == b"".join(hashes[:TILE_WIDTH])
        assert ledger.tile(0, 1) == b"".join(hashes[TILE_WIDTH:])
        level = hashes[:TILE_WIDTH]
        while len(level) > 1:  # RFC 6962, section 2.1
            pairs = zip(level[::2], level[1::2], strict=True)
            level = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs]
        assert ledger.tile(1, 0) == level[0]
        assert len(ledger.tile(1, 0)) == HASH_BYTES
        with pytest.raises(Tampered):
            ledger.tile(0, 2)

    looks(MANY, look)
