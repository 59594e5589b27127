from __future__ import annotations

import pytest

from shouxin.errors import Forked, Invalid, RolledBack, Tampered
from shouxin.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from shouxin.ledger.note import KeySigner, SignatureKind, sign
from shouxin.ledger.proof import consistency_proof
from shouxin.ledger.tiles import append_tiles
from shouxin.ledger.tree import leaf_hash, root_of
from shouxin.ledger.witness import (
    AddCheckpoint,
    Witness,
    WitnessAnswer,
    WitnessedHead,
    WitnessOutcome,
    check_extends,
    cosign,
    format_request,
    parse_request,
    step,
)
from tests.ledger.signers import signer_of

ORIGIN = "ledger.example/2026"
TIME = 1_700_000_000
HASHES = [leaf_hash(bytes([number])) for number in range(20)]
TILES, _ = append_tiles({}, 0, HASHES)


LOG = signer_of(ORIGIN, 1)
SIGNER = signer_of("witness.example", 2, SignatureKind.COSIGNATURE)
WITNESS = Witness(SIGNER, {ORIGIN: (LOG.verifier,)})


def _proof(old: int, new: int) -> tuple[bytes, ...]:
    return consistency_proof(old, new, lambda level, index: TILES[level, index]) if old else ()


def _head(size: int) -> WitnessedHead:
    return WitnessedHead(ORIGIN, size, root_of(HASHES[:size]))


def _request(
    old: int,
    new: int,
    *,
    proof: tuple[bytes, ...] | None = None,
    root: bytes | None = None,
    origin: str = ORIGIN,
    log: KeySigner = LOG,
) -> AddCheckpoint:
    head = Checkpoint(origin, new, root or root_of(HASHES[:new]))
    signed = str(sign(head.body(), [log]))
    return parse_request(format_request(old, _proof(old, new) if proof is None else proof, signed))


def _step(head: WitnessedHead | None, request: AddCheckpoint) -> WitnessAnswer:
    """Take the step and hold the witness to its first law: it moves only when it cosigns."""
    after, answer = step(WITNESS, head, request, TIME)
    assert (after == head) or answer.outcome is WitnessOutcome.COSIGNED
    return answer


def test_a_witness_follows_a_log_as_it_grows() -> None:
    """First sight, growth, the same head again: each is cosigned, and the cosignature opens with the checkpoint."""
    head: WitnessedHead | None = None
    for old, new in ((0, 0), (0, 3), (3, 8), (8, 8), (8, 20)):
        request = _request(old, new)
        head, answer = step(WITNESS, head, request, TIME)
        assert answer.outcome is WitnessOutcome.COSIGNED
        assert head == _head(new)
        opened = open_checkpoint(request.signed + answer.body, [LOG.verifier, SIGNER.verifier])
        assert opened.witnesses == {"witness.example"}
        assert opened.cosignatures[0].time == TIME


def test_a_log_that_is_not_known_is_told_so() -> None:
    """404: the origin is on nobody's list, whoever signed."""
    request = _request(0, 3, origin="unknown.example", log=signer_of("unknown.example", 7))
    assert _step(None, request) == WitnessAnswer(WitnessOutcome.UNKNOWN_LOG)


def test_a_checkpoint_that_the_log_did_not_sign_is_refused() -> None:
    """403: an unknown key under the log's name, or another log's key."""
    for log in (signer_of(ORIGIN, 8), signer_of("other.example", 9)):
        assert _step(None, _request(0, 3, log=log)) == WitnessAnswer(WitnessOutcome.NOT_SIGNED)


def test_a_known_key_whose_signature_fails_is_refused() -> None:
    """403: the log's own line, taken from another checkpoint."""
    stolen = sign_checkpoint(Checkpoint(ORIGIN, 4, root_of(HASHES[:4])), [LOG]).rpartition("\n\n")[2]
    signed = f"{Checkpoint(ORIGIN, 3, root_of(HASHES[:3])).body()}\n{stolen}"
    assert _step(None, AddCheckpoint(0, (), signed, ORIGIN)).outcome is WitnessOutcome.NOT_SIGNED


def test_another_size_is_answered_with_the_known_one() -> None:
    """409: the body is the size that the witness knows; a log that knows nothing learns it by asking from 0."""
    assert _step(_head(8), _request(3, 20)) == WitnessAnswer(WitnessOutcome.OTHER_SIZE, "8\n")
    assert _step(_head(8), _request(0, 20)) == WitnessAnswer(WitnessOutcome.OTHER_SIZE, "8\n")
    assert _step(None, _request(3, 20)) == WitnessAnswer(WitnessOutcome.OTHER_SIZE, "0\n")


def test_a_log_cannot_be_made_smaller() -> None:
    """An old size above the new one is malformed; the old size told truly, the log has nothing to send."""
    assert _step(_head(8), _request(8, 3, proof=())).outcome is WitnessOutcome.MALFORMED
    assert _step(_head(8), _request(3, 3, proof=())) == WitnessAnswer(WitnessOutcome.OTHER_SIZE, "8\n")


@pytest.mark.parametrize(
    ("kept", "request_"),
    [
        (3, _request(3, 8, proof=())),
        (3, _request(3, 8, proof=_proof(3, 9))),
        (3, _request(3, 8, root=HASHES[0])),
        (8, _request(8, 8, root=HASHES[0])),
        (8, _request(8, 8, proof=(HASHES[0],))),
        (0, _request(0, 8, proof=(HASHES[0],))),
        (0, _request(0, 0, root=HASHES[0])),
    ],
)
def test_a_head_that_does_not_extend_is_not_cosigned(kept: int, request_: AddCheckpoint) -> None:
    """422: a proof that fails, a second root for one size, a proof from nothing, an odd root of an empty log."""
    assert _step(_head(kept), request_) == WitnessAnswer(WitnessOutcome.INCONSISTENT)


def test_a_request_reads_back() -> None:
    """What is formatted is parsed, with the origin that the checkpoint claims."""
    request = _request(3, 20)
    assert (request.old_size, request.proof, request.origin) == (3, _proof(3, 20), ORIGIN)
    assert format_request(request.old_size, request.proof, request.signed).startswith("old 3\n")


SIGNED = sign_checkpoint(Checkpoint(ORIGIN, 1, HASHES[0]), [LOG])


@pytest.mark.parametrize(
    "body",
    [
        "",
        SIGNED,
        f"old 03\n\n{SIGNED}",
        f"old -3\n\n{SIGNED}",
        f"new 3\n\n{SIGNED}",
        f"old 3\n{SIGNED}",
        f"old 3\nAAAA\n\n{SIGNED}",
        format_request(3, [HASHES[0]] * 64, SIGNED),
        "old 3\n\nno note",
        f"old 3\n\n\n{SIGNED}",
    ],
)
def test_a_malformed_request_is_refused(body: str) -> None:
    """400: an odd old size, more than 63 proof lines, hashes of another length, no checkpoint."""
    with pytest.raises(Invalid):
        parse_request(body)


@pytest.mark.parametrize("time", [0, -1, 1 << 63])
def test_a_cosignature_has_a_time(time: int) -> None:
    """Time 0 means 'not the largest tree I saw' and is never given away."""
    with pytest.raises(Invalid):
        cosign("text\n", SIGNER, time)


def test_a_log_holds_its_own_past_against_itself() -> None:
    """A smaller head is a rollback, a second root for one size is a fork, another log is a mistake."""
    check_extends(_head(3), Checkpoint(ORIGIN, 8, root_of(HASHES[:8])), _proof(3, 8))
    with pytest.raises(RolledBack):
        check_extends(_head(8), Checkpoint(ORIGIN, 3, root_of(HASHES[:3])), ())
    with pytest.raises(Forked):
        check_extends(_head(8), Checkpoint(ORIGIN, 8, HASHES[0]), ())
    with pytest.raises(Tampered):
        check_extends(_head(3), Checkpoint(ORIGIN, 8, HASHES[0]), _proof(3, 8))
    with pytest.raises(Invalid):
        check_extends(_head(3), Checkpoint("other.example", 8, HASHES[0]), ())
