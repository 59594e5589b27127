"""Files that an edge writes: whole, on the disk on return, for nobody else on this machine to read."""

from __future__ import annotations

import os
from pathlib import Path

from shouxin.errors import StoreUnavailable

__all__ = ["write_once"]


def write_once(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, mode 0600; durable on return.

    Raises:
        StoreUnavailable: it is there already, or cannot be written.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreUnavailable(f"{path.name} cannot be written ({error.strerror})") from None
