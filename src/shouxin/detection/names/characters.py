"""Bytes as arrays: the code of every character, and the place of its first byte.

Laws. No bytes are refused: a broken or rare sequence becomes one character that no rule and no list knows. Codes and
places have one length, and ``PAD`` characters of nothing stand on both sides, so that looking around never leaves the
array. The text of a span is made from the codes, so its characters are counted as the arrays count them.

Called by: ``finder``; the training tools.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["PAD", "Bits", "Characters", "Codes", "Spots", "characters"]

Codes: TypeAlias = npt.NDArray[np.uint32]
Spots: TypeAlias = npt.NDArray[np.int64]
Bits: TypeAlias = npt.NDArray[np.bool_]

PAD: Final = 8
_NOTHING: Final = 0
_UNKNOWN: Final = 0xFFFD
_CLASSES: Final = 0x10000


def _classes() -> Codes:
    """Code -> the code that stands for it in features: all digits alike, all letters, all blanks."""
    table = np.arange(_CLASSES, dtype=np.uint32)
    table[ord("0") : ord("9") + 1] = ord("0")
    table[ord("a") : ord("z") + 1] = ord("a")
    table[ord("A") : ord("Z") + 1] = ord("a")
    table[[9, 13, 32, 160]] = 32
    return table


_TABLE: Final = _classes()


@dataclass(frozen=True, slots=True)
class Characters:
    """A text: ``codes`` as they are, ``classes`` as features see them (both padded), ``places`` of each in bytes.

    ``places`` has one entry more than there are characters: the end.
    """

    codes: Codes
    classes: Codes
    places: Spots
    han: Bits

    def __len__(self) -> int:
        return len(self.places) - 1

    def text(self) -> str:
        """The characters as a string of the same length."""
        return self.codes[PAD:-PAD].astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def characters(data: bytes) -> Characters:
    """Return the characters of UTF-8 bytes."""
    octets = np.frombuffer(data + b"\x80\x80\x80", np.uint8)
    starts = np.flatnonzero((octets & 0xC0) != 0x80)
    first = octets[starts].astype(np.uint32)
    codes = np.full(len(starts) + 2 * PAD, _NOTHING, np.uint32)
    inner = codes[PAD : len(codes) - PAD]
    inner[:] = first
    wide = np.flatnonzero(first >= 0x80)
    if len(wide):
        lead, at = first[wide], starts[wide]
        second, third = octets[at + 1].astype(np.uint32) & 0x3F, octets[at + 2].astype(np.uint32) & 0x3F
        three = (lead & 0x0F) << 12 | second << 6 | third
        two = (lead & 0x1F) << 6 | second
        inner[wide] = np.where(
            lead < 0xC0, _UNKNOWN, np.where(lead < 0xE0, two, np.where(lead < 0xF0, three, _UNKNOWN))
        )
    classes = _TABLE[codes]
    han = (codes >= 0x4E00) & (codes <= 0x9FFF) | (codes == 0x3007)
    places = np.append(starts, len(data)).astype(np.int64)
    return Characters(codes, classes, places, han)
