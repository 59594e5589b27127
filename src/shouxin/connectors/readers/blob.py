"""A blob: bytes with a place, which can be opened again and again; and how much may be unpacked of one spot.

Laws. Whatever is unpacked, at any depth, is taken from one ``Allowance`` for the spot: its end is the end of a zip
bomb. Nothing is ever written to disk.

Called by: the folder and bucket (which make blobs), archives (which make blobs of blobs) and every format.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from shouxin.detection.survey.reading import UnreadReason
from shouxin.errors import Invalid

__all__ = ["CHUNK", "IN_MEMORY", "Allowance", "Blob", "chunks", "identity_of", "in_memory", "unreadable"]

CHUNK: Final = 1 << 20
IN_MEMORY: Final = 64 << 20  # bytes of a blob that may be held at once
_RATIO: Final = 200  # unpacked to packed; deflate reaches 1032, logs and JSON stay below 50
_LEAST: Final = 256 << 20  # bytes that may always be unpacked
_MEMBERS: Final = 100_000


def unreadable(reason: UnreadReason, detail: str = "") -> Invalid:
    """Return the error that a reader raises to say why it stops; whoever calls it makes an ``Unread`` of it."""
    return Invalid(detail, reason.value)


@dataclass(slots=True)
class Allowance:
    """What may still be unpacked of one spot: ``size`` bytes and ``members`` files."""

    size: int
    members: int = _MEMBERS

    @classmethod
    def of(cls, packed: int) -> Allowance:
        """Return the allowance of a spot of so many bytes."""
        return cls(max(_LEAST, _RATIO * packed))

    def take(self, size: int = 0, members: int = 0) -> None:
        """Take from it.

        Raises:
            Invalid: it is used up.
        """
        self.size -= size
        self.members -= members
        if self.size < 0 or self.members < 0:
            raise unreadable(UnreadReason.BOMB, "size" if self.size < 0 else "members")


@dataclass(frozen=True, slots=True)
class Blob:
    """``open`` returns a new stream from the start; ``seekable`` says whether it can go to the end and back.

    ``locator`` tells a process apart where to find it: ``file`` and a path, ``url`` and a URL and key, or nothing, if
    only its bytes can be handed over.
    """

    place: str
    size: int
    open: Callable[[], BinaryIO]
    seekable: bool = True
    locator: tuple[str, ...] = ()

    @property
    def suffix(self) -> str:
        """The last extension of its name, in small letters, without a dot."""
        name = self.place.replace("!", "/").rpartition("/")[2]
        return name.rpartition(".")[2].lower() if "." in name else ""


def identity_of(where: bytes) -> str:
    """Return what tells a source from another of the same name: a digest of where it lies (32 hexadecimal digits).

    Whoever holds a report and guesses the path can check the guess; nobody reads it off.
    """
    return hashlib.sha256(b"shouxin/scanned\0" + where).hexdigest()[:32]


def chunks(stream: BinaryIO, size: int = CHUNK) -> Iterator[bytes]:
    """Yield the rest of a stream."""
    while data := stream.read(size):
        yield data


def in_memory(blob: Blob, most: int = IN_MEMORY) -> bytes:
    """Return all bytes.

    Raises:
        Invalid: they are more than ``most``.
    """
    buffer = io.BytesIO()
    with blob.open() as stream:
        for data in chunks(stream):
            buffer.write(data)
            if buffer.tell() > most:
                raise unreadable(UnreadReason.TOO_LARGE, "packed")
    return buffer.getvalue()
