"""Archives and packed files: each member is a blob, read in a stream and never written anywhere.

Laws. Names of members are only shown, never used as paths. What is unpacked comes off the allowance of the spot, at
whatever depth; the list of a zip is looked at before it is read, because its length is the sender's word.

Called by: ``content``.
**Source:** APPNOTE.TXT 6.3.10, 4.3.14 and 4.3.16 (ends of the central directory); Python's ``zipfile`` and ``tarfile``.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Callable, Generator
from typing import BinaryIO, Final, cast

from shouxin.connectors.readers.blob import Allowance, Blob, unreadable
from shouxin.detection.survey.reading import Unread, UnreadReason

__all__ = ["PACKED", "members_of_tar", "members_of_zip", "names_of_zip", "unpacked"]

_DIRECTORY: Final = 32 << 20  # bytes of a zip's list of members
_HEADER: Final = 4 << 20  # bytes of a tar that are read at once
_TAIL: Final = (1 << 16) + 22
_ENCRYPTED: Final = 1
_OPEN: Final[dict[str, Callable[[BinaryIO], BinaryIO]]] = {
    "gzip": lambda raw: cast("BinaryIO", gzip.GzipFile(fileobj=raw, mode="rb")),
    "bzip2": lambda raw: cast("BinaryIO", bz2.BZ2File(raw)),
    "xz": lambda raw: cast("BinaryIO", lzma.LZMAFile(raw)),  # noqa: SIM115 - whoever opens a blob closes it
}
PACKED: Final = frozenset(_OPEN)
_SUFFIXES: Final = {"tgz": "tar", "tbz2": "tar", "txz": "tar", "gz": "", "bz2": "", "xz": ""}


class _Metered(io.RawIOBase):
    """A stream whose bytes come off an allowance. Going back costs again, so nothing is free."""

    def __init__(self, inner: BinaryIO, allowance: Allowance, below: BinaryIO | None) -> None:
        self._inner, self._allowance, self._below = inner, allowance, below

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self._inner.read(min(size, 1 << 20) if size >= 0 else 1 << 20)
        self._allowance.take(len(data))
        if size < 0 and data:
            return data + self.read()
        return data

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # the stubs say any buffer
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        before = self._inner.tell()
        after = self._inner.seek(offset, whence)
        self._allowance.take(after - before if after > before else after)
        return after

    def tell(self) -> int:
        return self._inner.tell()

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
            if self._below is not None:
                self._below.close()  # an unpacker leaves open what it reads from
        super().close()


def _metered(inner: BinaryIO, allowance: Allowance, below: BinaryIO | None = None) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(_Metered(inner, allowance, below), 1 << 16))


def unpacked(blob: Blob, form: str, allowance: Allowance) -> Blob:
    """Return what a packed blob holds; its name loses the extension of packing."""
    name = blob.place.replace("!", "/").rpartition("/")[2]
    stem, _, suffix = name.rpartition(".")
    inner = f"{stem}.{_SUFFIXES[suffix.lower()]}".rstrip(".") if suffix.lower() in _SUFFIXES and stem else name
    allowance.take(members=1)

    def opened() -> BinaryIO:
        packed = blob.open()
        return _metered(_OPEN[form](packed), allowance, packed)

    return Blob(f"{blob.place}!{inner}", 0, opened, seekable=False)


def _directory_size(stream: BinaryIO) -> int:
    """The claimed size of a zip's central directory, which is what will be read of it."""
    end = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, end - _TAIL - 76))
    tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 16:
        raise unreadable(UnreadReason.BROKEN, "zip without end")
    size = int(struct.unpack_from("<I", tail, at + 12)[0])
    wide = tail.rfind(b"PK\x06\x06", 0, at)
    if wide >= 0 and len(tail) >= wide + 48:
        size = max(size if size != 0xFFFFFFFF else 0, int(struct.unpack_from("<Q", tail, wide + 40)[0]))
    return size


def _open_zip(blob: Blob) -> zipfile.ZipFile:
    stream = blob.open()
    try:
        if _directory_size(stream) > _DIRECTORY:
            raise unreadable(UnreadReason.BOMB, "members")
        return zipfile.ZipFile(stream)
    except BaseException:
        stream.close()
        raise


def _close(archive: zipfile.ZipFile) -> None:
    stream = archive.fp
    archive.close()
    if stream is not None:
        stream.close()


def names_of_zip(blob: Blob) -> frozenset[str]:
    """Return the names of the members.

    Raises:
        Invalid: its list is too long. zipfile.BadZipFile: it is no zip.
    """
    archive = _open_zip(blob)
    names = frozenset(archive.namelist())
    _close(archive)
    return names


def members_of_zip(blob: Blob, allowance: Allowance) -> Generator[Blob | Unread]:
    """Yield the files in a zip, in its order.

    Raises:
        As ``names_of_zip``.
    """
    archive = _open_zip(blob)
    try:
        for info in archive.infolist():
            allowance.take(members=1)
            place = f"{blob.place}!{info.filename}"
            if info.is_dir():
                continue
            if info.flag_bits & _ENCRYPTED:
                yield Unread(place, UnreadReason.ENCRYPTED, "zip", info.file_size)
                continue

            def opened(info: zipfile.ZipInfo = info) -> BinaryIO:
                return _metered(cast("BinaryIO", archive.open(info)), allowance)

            yield Blob(place, info.file_size, opened, seekable=False)
    finally:
        _close(archive)


class _Modest:
    """What ``tarfile`` reads its headers from: a header that claims to be huge is not read."""

    def __init__(self, stream: BinaryIO) -> None:
        self.tell, self.seek, self._read = stream.tell, stream.seek, stream.read

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _HEADER:
            raise unreadable(UnreadReason.BOMB, "header")
        return self._read(size)


def members_of_tar(blob: Blob, allowance: Allowance) -> Generator[Blob | Unread]:
    """Yield the files in a tar, in its order; a sparse one, whose size is only claimed, is told as a bomb.

    Raises:
        Invalid: the allowance ends, or a header is too long. tarfile.TarError: it is none.
    """
    with blob.open() as stream, tarfile.open(fileobj=cast("BinaryIO", _Modest(stream)), mode="r:") as archive:
        for info in archive:
            allowance.take(members=1)
            vars(archive)["members"] = []  # the list would grow with the archive
            place = f"{blob.place}!{info.name}"
            if info.issparse():
                yield Unread(place, UnreadReason.BOMB, "sparse", info.size)
            elif info.isfile():

                def opened(info: tarfile.TarInfo = info) -> BinaryIO:
                    return _metered(cast("BinaryIO", archive.extractfile(info)), allowance)

                yield Blob(place, info.size, opened, seekable=False)
            elif not info.isdir():
                yield Unread(place, UnreadReason.SPECIAL, "link or device")
