"""The root provider: the only port through which a root key is ever used (design section 5).

There is one root key an epoch. Whoever destroys it destroys every old copy of everything below it, so a provider must
say how far its destruction reaches: what it cannot promise is a *residual*, listed on certificates.

Drivers: a key file (``storage.key_file``); OpenBao transit and PKCS#11 fit the same port. ``tests/conformance`` runs
one suite over each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType, Protocol

__all__ = ["EpochNumber", "Residual", "RootProvider"]

EpochNumber = NewType("EpochNumber", int)


@dataclass(frozen=True, slots=True)
class Residual:
    """Something that destruction does not reach: a stable code, and the days after which it no longer matters.

    ``days`` is nothing when only a custodian can end it (paper escrow, a snapshot that nobody manages).
    """

    code: str
    days: int | None


class RootProvider(Protocol):
    """Holds one root key an epoch and never gives it away: callers see wrapped bytes only.

    A driver may raise ``RootKeyUnavailable`` anywhere; nothing is half done then.
    """

    def create(self, epoch: EpochNumber) -> None:
        """Make the root key of ``epoch`` if it does not exist yet; on return it is durable."""
        ...

    def exists(self, epoch: EpochNumber) -> bool:
        """Say whether the provider can still use the root key of ``epoch``."""
        ...

    def wrap(self, epoch: EpochNumber, key: bytes) -> bytes:
        """Wrap a 32-byte key under the root key of ``epoch``."""
        ...

    def unwrap(self, epoch: EpochNumber, wrapped: bytes) -> bytes:
        """Undo ``wrap``. Raises ``Tampered`` for altered bytes or the root key of another epoch."""
        ...

    def destroy(self, epoch: EpochNumber) -> None:
        """Destroy the root key of ``epoch`` inside the provider; on return ``exists`` is false. May be repeated."""
        ...

    def residuals(self) -> tuple[Residual, ...]:
        """Say what its destruction cannot reach."""
        ...
