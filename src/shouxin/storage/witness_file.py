"""A witness as a folder: its own key, and the last head that it saw; a program of its own, apart from the log.

Compare and store are one step under a lock, and what was seen is durable before the cosignature is handed out: two
racing requests cannot make the witness sign two histories.

**Source:** c2sp.org/tlog-witness.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from shouxin.errors import Misconfigured
from shouxin.keys.signing import SigningKey
from shouxin.ledger.note import KeySigner, SignatureKind, Verifier
from shouxin.ledger.witness import AddCheckpoint, Witness, WitnessAnswer, WitnessedHead, parse_request, step
from shouxin.storage.files import guarded, write_whole

__all__ = ["WitnessFolder"]


class WitnessFolder:
    """Cosigns checkpoints of the logs whose keys it is given."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        key = folder / "witness.key"
        with guarded("the witness's folder"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not key.exists():
                write_whole(key, secrets.token_bytes(32))
            seed = key.read_bytes()
        if len(seed) != 32:
            raise Misconfigured("the witness's key has not 32 bytes")
        signing = SigningKey(seed)
        self.verifier = Verifier(name, SignatureKind.COSIGNATURE, signing.public)
        self._signer = KeySigner(self.verifier, signing.sign)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _head(self, origin: str) -> tuple[Path, WitnessedHead | None]:
        place = self._folder / f"{origin.replace('/', '_')}.head"
        if not place.exists():
            return place, None
        return place, msgspec.json.decode(place.read_bytes(), type=WitnessedHead)

    def known(self, origin: str) -> int:
        """Return how many leaves of the log ``origin`` this witness has seen."""
        with guarded("the witness's folder"), self._locked():
            head = self._head(origin)[1]
            return 0 if head is None else head.size

    def add_checkpoint(self, log: Verifier, body: str, time: int) -> WitnessAnswer:
        """Answer an add-checkpoint request at ``time`` (seconds since 1970); durable before it returns.

        Raises:
            Invalid: the request does not read.
        """
        request: AddCheckpoint = parse_request(body)
        with guarded("the witness's folder"), self._locked():
            place, head = self._head(log.name)
            witness = Witness(self._signer, {log.name: (log,)})
            after, answer = step(witness, head, request, time)
            if after is not None and after != head:
                write_whole(place, msgspec.json.encode(after))
            return answer
