"""The port for copies of whole stores: backups, and the public part of the log."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import msgspec

__all__ = ["VERIFIER", "Backups", "Manifest", "Publication"]

# Where the stand-alone program that checks certificates is published.
VERIFIER: Final = "verify_certificate.py"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: SHA-256 of every file by name, the epoch of its keyring, the size of its log."""

    files: dict[str, str]
    epoch: int
    size: int

    def digest(self) -> str:
        """Return SHA-256 of the manifest in canonical JSON, in hexadecimal."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()


class Backups(Protocol):
    """Copies stores out and back. Data and keyring go to two folders that must be kept apart."""

    def make(self, target: Path) -> Manifest:
        """Write consistent copies below ``target``; durable on return. Keyring first, so no cell lacks its key."""
        ...

    def check(self, source: Path) -> Manifest:
        """Return the manifest of a backup whose every file is as it was written. Raises ``Tampered`` otherwise."""
        ...

    def rehearse(self) -> int:
        """Back the keyring up into a fresh folder, restore it from there, open every chain; return how many."""
        ...


class Publication(Protocol):
    """What of the log is public: tiles, entries, the checkpoint with its cosignatures (c2sp.org/tlog-tiles)."""

    def put_tiles(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write files by their tlog-tiles path; full tiles and bundles never change."""
        ...

    def put_checkpoint(self, note: str) -> None:
        """Publish a checkpoint; after its tiles."""
        ...

    def put_verifier(self) -> None:
        """Publish the stand-alone program that checks certificates; it is the same for everybody."""
        ...

    def verifier(self) -> bytes:
        """Return that program as it ships, whatever is published now."""
        ...

    def checkpoint(self) -> str | None:
        """Return the published checkpoint, or nothing."""
        ...

    def names(self, below: str) -> Iterable[str]:
        """Return the path of every published file below a folder."""
        ...

    def read(self, path: str) -> bytes | None:
        """Return a published file, or nothing."""
        ...
