"""A witness that remembers (c2sp.org/tlog-witness, add-checkpoint): one suite over every driver.

What a witness answers is ``ledger.witness.step``, pure; a driver keeps its key and the last head that it saw.
"""

from __future__ import annotations

import threading

from shouxin.keys.signing import SigningKey
from shouxin.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from shouxin.ledger.note import KeySigner, SignatureKind, Verifier
from shouxin.ledger.proof import consistency_proof
from shouxin.ledger.tiles import append_tiles
from shouxin.ledger.tree import leaf_hash, root_of
from shouxin.ledger.witness import WitnessOutcome, format_request
from shouxin.storage.witness_file import WitnessFolder
from tests.conformance.drivers import Driver, Opener, over

WITNESSES: dict[str, Driver[WitnessFolder]] = {
    "folder": lambda folder: lambda: WitnessFolder(folder / "witness", "witness.example/w1"),
}
witness_of = over(WITNESSES)

ORIGIN, TIME = "ledger.example/2026", 1_800_000_000
HASHES = [leaf_hash(bytes([number])) for number in range(20)]
OTHERS = [leaf_hash(bytes([number, 1])) for number in range(20)]
_KEY = SigningKey(b"l" * 32)
LOG = KeySigner(Verifier(ORIGIN, SignatureKind.ED25519, _KEY.public), _KEY.sign)


def request(old: int, new: int, hashes: list[bytes] = HASHES) -> tuple[str, str]:
    """Return the log's checkpoint over ``new`` leaves, and what asks a witness who knows ``old`` to cosign it."""
    tiles, _ = append_tiles({}, 0, hashes)
    proof = consistency_proof(old, new, lambda level, index: tiles[level, index]) if old else ()
    note = sign_checkpoint(Checkpoint(ORIGIN, new, root_of(hashes[:new])), [LOG])
    return note, format_request(old, proof, note)


def asked(witness: WitnessFolder, old: int, new: int, hashes: list[bytes] = HASHES) -> WitnessOutcome:
    """Ask, and hold a cosignature to be one that others can check."""
    note, body = request(old, new, hashes)
    answer = witness.add_checkpoint(LOG.verifier, body, TIME)
    if answer.outcome is WitnessOutcome.COSIGNED:
        seen = open_checkpoint(note + answer.body, [LOG.verifier, witness.verifier])
        assert [one.verifier for one in seen.cosignatures] == [witness.verifier]
    return answer.outcome


def test_a_witness_keeps_its_key_and_what_it_saw(witness_of: Opener[WitnessFolder]) -> None:
    """Opened again it has the same key and the same head, and goes on from there."""
    first = witness_of()
    assert first.known(ORIGIN) == 0
    assert asked(first, 0, 5) is WitnessOutcome.COSIGNED
    later = witness_of()
    assert (later.verifier, later.known(ORIGIN), later.known("other.example/log")) == (first.verifier, 5, 0)
    assert asked(later, 5, 9) is WitnessOutcome.COSIGNED
    assert first.known(ORIGIN) == 9


def test_another_history_is_never_cosigned_and_not_remembered(witness_of: Opener[WitnessFolder]) -> None:
    """Of the same size or a larger one, with whatever proof; what it saw stays what it saw."""
    witness = witness_of()
    assert asked(witness, 0, 5) is WitnessOutcome.COSIGNED
    for old, new in ((5, 5), (5, 9), (0, 9), (4, 9)):
        assert asked(witness_of(), old, new, OTHERS) is not WitnessOutcome.COSIGNED
    assert witness_of().known(ORIGIN) == 5
    assert asked(witness, 5, 9) is WitnessOutcome.COSIGNED


def test_of_two_histories_that_come_at_once_one_is_cosigned(witness_of: Opener[WitnessFolder]) -> None:
    """Two openings that are asked at the same moment act one after the other: no fork slips between."""
    assert asked(witness_of(), 0, 5) is WitnessOutcome.COSIGNED
    forked = [*HASHES[:5], *OTHERS[5:]]
    start, outcomes = threading.Barrier(8), list[tuple[int, WitnessOutcome]]()

    def ask(number: int, witness: WitnessFolder) -> None:
        start.wait()
        outcomes.append((number % 2, asked(witness, 5, 9, forked if number % 2 else HASHES)))

    threads = [threading.Thread(target=ask, args=(number, witness_of())) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 8
    assert len({which for which, outcome in outcomes if outcome is WitnessOutcome.COSIGNED}) == 1
