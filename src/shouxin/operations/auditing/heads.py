"""The signed head of this institution's log (C2SP signed-note and tlog-checkpoint)."""

from __future__ import annotations

from shouxin.keys.signing import SigningKey
from shouxin.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from shouxin.ledger.note import KeySigner, SignatureKind, Verifier, sign

__all__ = ["LogHead"]


class LogHead:
    """Signs heads with the log's key, and checks notes against it."""

    def __init__(self, origin: str, seed: bytes) -> None:
        key = SigningKey(seed)
        self._verifier = Verifier(origin, SignatureKind.ED25519, key.public)
        self._signer = KeySigner(self._verifier, key.sign)

    @property
    def vkey(self) -> str:
        """The verifier key, as it is handed out."""
        return self._verifier.vkey

    @property
    def verifier(self) -> Verifier:
        """The verifier key as a value."""
        return self._verifier

    def sign(self, checkpoint: Checkpoint) -> str:
        """Return the signed note."""
        return sign_checkpoint(checkpoint, [self._signer])

    def sign_text(self, text: str) -> str:
        """Return ``text`` as a note signed by this log's key."""
        return str(sign(text, [self._signer]))

    def open(self, note: str) -> Checkpoint:
        """Check a note that this log signed and return what it says. Raises ``Tampered``."""
        return open_checkpoint(note, [self._verifier]).checkpoint
