"""Searching files for bytes: how the demo shows that what was erased is nowhere any more."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

__all__ = ["find"]

_PIECE: Final = 1 << 20


def find(folder: Path, needles: Mapping[str, bytes]) -> dict[str, int]:
    """Return, for each named needle, in how many files below ``folder`` its bytes stand (whole files, byte by byte)."""
    found = dict.fromkeys(needles, 0)
    overlap = max(map(len, needles.values()), default=1) - 1
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        missing = dict(needles)
        tail = b""
        with path.open("rb") as handle:
            while missing and (piece := handle.read(_PIECE)):
                window = tail + piece
                for name in [name for name, needle in missing.items() if needle in window]:
                    found[name] += 1
                    del missing[name]
                tail = window[-overlap:] if overlap else b""
    return found
