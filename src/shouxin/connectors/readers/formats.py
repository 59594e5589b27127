"""Which format bytes are of, by their first bytes: never by the name, which anybody may have given.

Laws. What is not recognised and has no look of text is ``unknown``: it is reported, not guessed at.

**Source:** the specifications of the formats; offsets are from the start of the file.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

__all__ = ["HEAD", "LOOKED_AT", "READ", "format_of", "looks_like_text", "wide_codec"]

HEAD: Final = 1 << 16  # bytes that are looked at
# Formats that a reader understands; every other one is told and left alone.
READ: Final = frozenset({"text", "zip", "gzip", "bzip2", "xz", "tar", "parquet", "sqlite", "ole2"})
# Formats that engines look at and listen to -> the reader apart that does.
LOOKED_AT: Final = MappingProxyType(
    {
        **dict.fromkeys(("png", "jpeg", "gif", "tiff", "webp", "bmp"), "picture"),
        "pdf": "pages",
        **dict.fromkeys(("mp4", "avi", "matroska", "ogg", "wave", "mp3", "flac"), "video"),
    },
)

_MAGIC: Final = (
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\x00", "xz"),
    (257, b"ustar", "tar"),
    (0, b"PAR1", "parquet"),
    (0, b"PARE", "parquet, encrypted"),
    (0, b"SQLite format 3\x00", "sqlite"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole2"),
    (0, b"%PDF-", "pdf"),
    (0, b"\x89PNG\r\n", "png"),
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"GIF8", "gif"),
    (0, b"II*\x00", "tiff"),
    (0, b"MM\x00*", "tiff"),
    (0, b"BM", "bmp"),
    (8, b"WEBP", "webp"),
    (8, b"WAVE", "wave"),
    (8, b"AVI ", "avi"),
    (4, b"ftyp", "mp4"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
    (0, b"OggS", "ogg"),
    (0, b"ID3", "mp3"),
    (0, b"fLaC", "flac"),
    (0, b"ORC", "orc"),
    (0, b"Obj\x01", "avro"),
    (0, b"ARROW1", "arrow"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"\x04\x22\x4d\x18", "lz4"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!", "rar"),
    (0, b"\x7fELF", "elf"),
    (0, b"MZ", "windows program"),
    (0, b"\xca\xfe\xba\xbe", "java class"),
    (0, b"\x00asm", "wasm"),
    (0, b"\x80\x04\x95", "pickle"),
    (0, b"\x89HDF", "hdf5"),
)
_CONTROLS: Final = bytes(sorted({*range(0x20), 0x7F} - {0x01, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1B}))
_FEW: Final = 0.02


def wide_codec(head: bytes) -> str:
    """Return the codec of UTF-16 or UTF-32 (by mark, or by where the zero bytes stand), else nothing."""
    quarters = [head[at::4] for at in range(4)]
    empty = [one.count(0) / len(one) if one else 0 for one in quarters]
    if head.startswith(b"\xff\xfe\0\0") or (len(head) >= 8 and empty[3] > 0.9 and empty[2] > 0.9 and empty[0] < 0.05):
        return "utf-32-le"
    if head.startswith(b"\0\0\xfe\xff") or (len(head) >= 8 and empty[0] > 0.9 and empty[1] > 0.9 and empty[3] < 0.05):
        return "utf-32-be"
    if head.startswith(b"\xff\xfe"):
        return "utf-16-le"
    if head.startswith(b"\xfe\xff"):
        return "utf-16-be"
    even, odd = head[0::2], head[1::2]
    if len(head) < 8 or not head.count(0):
        return ""
    first, second = even.count(0) / len(even), odd.count(0) / len(odd)
    if second > 0.4 and first < 0.05:
        return "utf-16-le"
    return "utf-16-be" if first > 0.4 and second < 0.05 else ""


def looks_like_text(head: bytes) -> bool:
    """Tell whether bytes may be read as text: hardly any control characters, UTF-16 or UTF-32."""
    if wide_codec(head):
        return True
    return len(head) - len(head.translate(None, _CONTROLS)) <= _FEW * len(head)


def format_of(head: bytes) -> str:
    """Return the format that a blob begins as; ``text`` for what may be read as text (also for nothing at all)."""
    if head.startswith(b"\xef\xbb\xbf"):
        return "text"
    for at, magic, name in _MAGIC:
        if head.startswith(magic, at):
            letters = len(magic) <= 3 and magic.isalnum()  # a text may begin with so few letters
            if not (letters and looks_like_text(head)):
                return name
    return "text" if looks_like_text(head) else "unknown"
