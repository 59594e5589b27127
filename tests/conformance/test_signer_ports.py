"""Who signs (``ledger.note.NoteSigner``, ``operations.workspace.Head``): one suite each over every driver."""

from __future__ import annotations

import pytest

from shouxin.errors import Invalid, Tampered
from shouxin.keys.signing import SigningKey
from shouxin.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from shouxin.ledger.note import KeySigner, NoteSigner, SignatureKind, Verifier, parse_verifier
from shouxin.operations.auditing.heads import LogHead
from shouxin.operations.workspace import Head

ORIGIN = "lender.example/log"
CHECKPOINT = Checkpoint(ORIGIN, 7, b"r" * 32)
_KEY, _OTHER = SigningKey(b"k" * 32), SigningKey(b"o" * 32)
_VERIFIER = Verifier(ORIGIN, SignatureKind.ED25519, _KEY.public)
# A signer, and the public key under which what it signs is checked.
SIGNERS: dict[str, tuple[NoteSigner, Verifier]] = {
    "a key in memory": (KeySigner(_VERIFIER, _KEY.sign), _VERIFIER),
}
HEADS: dict[str, Head] = {"a key in memory": LogHead(ORIGIN, b"k" * 32)}


@pytest.fixture(params=SIGNERS.values(), ids=SIGNERS)
def pair(request: pytest.FixtureRequest) -> tuple[NoteSigner, Verifier]:
    """Each signer with its verifier."""
    found: tuple[NoteSigner, Verifier] = request.param
    return found


@pytest.fixture(params=HEADS.values(), ids=HEADS)
def head(request: pytest.FixtureRequest) -> Head:
    """Each head in turn."""
    found: Head = request.param
    return found


def test_what_a_signer_signs_holds_under_its_own_key(pair: tuple[NoteSigner, Verifier]) -> None:
    """Name and key id are those of the public key; nothing holds under another key of the same name."""
    signer, verifier = pair
    assert (signer.name, signer.key_id) == (verifier.name, verifier.key_id)
    assert len(signer.sign(b"message")) == 64
    note = sign_checkpoint(CHECKPOINT, [signer])
    assert open_checkpoint(note, [verifier]).checkpoint == CHECKPOINT
    with pytest.raises(Tampered):
        open_checkpoint(note, [Verifier(verifier.name, SignatureKind.ED25519, _OTHER.public)])


def test_a_head_reads_what_it_signed_and_nothing_else(head: Head) -> None:
    """Its line of text is its key; a note of another key, or with another size, does not open."""
    assert parse_verifier(head.vkey) == head.verifier
    note = head.sign(CHECKPOINT)
    assert head.open(note) == open_checkpoint(note, [head.verifier]).checkpoint == CHECKPOINT
    for forged in (note.replace("\n7\n", "\n8\n", 1), LogHead(ORIGIN, b"o" * 32).sign(CHECKPOINT)):
        assert forged != note
        with pytest.raises(Tampered):
            head.open(forged)


def test_a_head_signs_texts_that_are_no_checkpoints(head: Head) -> None:
    """A text comes back as a note that the head's key signed, and is not taken for a checkpoint."""
    note = head.sign_text("a paper\n")
    text, _, lines = note.partition("\n\n")
    assert text == "a paper"
    assert lines.startswith(f"— {head.verifier.name} ")
    with pytest.raises(Invalid):
        head.open(note)
