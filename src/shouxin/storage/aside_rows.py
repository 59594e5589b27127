"""What is set aside of the places of sources, in SQL: one row a record, sealed by whoever writes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select

from shouxin.storage.shared import Shared
from shouxin.storage.statement import Statement
from shouxin.storage.tables import asides

__all__ = ["AsideRows"]

_OF_PLACE: Final = Statement(
    select(asides.c.digest, asides.c.sealed).where(asides.c.place == bindparam("at")).order_by(asides.c.digest)
)
_ADD: Final = Statement(insert(asides))
_FORGET: Final = Statement(
    delete(asides).where(asides.c.place == bindparam("at"), asides.c.digest == bindparam("which"))
)


class AsideRows:
    """The driver of ``vault.records.AsideStore`` on one connection."""

    def __init__(self, connection: Connection, shared: Shared) -> None:
        self._connection = connection
        self._shared = shared

    def of_place(self, place: bytes) -> list[tuple[bytes, bytes]]:
        """Return what is set aside of ``place``: digest and sealed row, by digest."""
        return [(bytes(digest), bytes(sealed)) for digest, sealed in _OF_PLACE.all(self._connection, at=place)]

    def add(self, place: bytes, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Note what is set aside of ``place``."""
        if new := [(place, digest, sealed) for digest, sealed in rows]:
            self._shared.write()
            _ADD.run_many(self._connection, new)

    def forget(self, place: bytes, digests: Sequence[bytes]) -> int:
        """Forget these of what is set aside of ``place``; return how many there were."""
        if not digests:
            return 0
        self._shared.write()
        return sum(_FORGET.run(self._connection, at=place, which=digest) for digest in digests)
