"""What is said of a sealed object without opening it: when it was sealed, from where, whom it shows, what it is.

Laws. Tags are codes, counts, digests and identifiers; none is taken from the content but its format. What can be
derived is derived when asked (level and class by the taxonomy of the day, retention by the cards, the time by the log);
only source and format are stored, and both go with the object.

Called by: ``operations.objects.keep`` (writes) and ``operations.objects.object_tags`` (reads).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import ObjectId, SubjectId
from shouxin.domain.items import Grade, ItemCode
from shouxin.errors import Invalid

__all__ = ["ObjectTags", "Origin", "format_of"]

# Sources and formats are codes that people choose. With more than six digits one could be somebody's number.
_CODE: Final = re.compile(r"(?!(?:[^0-9]*[0-9]){7})[a-z0-9][a-z0-9_.:+-]{0,79}")
_HEADS: Final = (  # offset, first bytes, format; as the formats' own specifications have them
    (0, b"\xff\xd8\xff", "image.jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image.png"),
    (0, b"GIF8", "image.gif"),
    (8, b"WEBP", "image.webp"),
    (0, b"BM", "image.bmp"),
    (0, b"II*\0", "image.tiff"),
    (0, b"MM\0*", "image.tiff"),
    (4, b"ftypheic", "image.heic"),
    (4, b"ftypM4A", "audio.m4a"),
    (4, b"ftyp", "video.mp4"),
    (0, b"\x1a\x45\xdf\xa3", "video.matroska"),
    (8, b"AVI ", "video.avi"),
    (8, b"WAVE", "audio.wav"),
    (0, b"ID3", "audio.mp3"),
    (0, b"\xff\xfb", "audio.mp3"),
    (0, b"OggS", "audio.ogg"),
    (0, b"fLaC", "audio.flac"),
    (0, b"#!AMR", "audio.amr"),
    (0, b"%PDF-", "document.pdf"),
    (0, b"PK\x03\x04", "document.zip"),
    (0, b"\xd0\xcf\x11\xe0", "document.office"),
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an object came from: the code of its source (empty: a person brought it) and its format.

    Raises:
        Invalid: the source is no code.
    """

    source: str = ""
    format: str = "unknown"

    def __post_init__(self) -> None:
        """Refuse what could be somebody's name or number."""
        if self.source and not _CODE.fullmatch(self.source):
            raise Invalid("a source is a code: a-z, 0-9, dot, hyphen and underscore, at most six digits", "source")


@dataclass(frozen=True, slots=True)
class ObjectTags:
    """The tags of one object. ``digest`` is SHA-256 of the sealed bytes, ``size`` counts plaintext bytes.

    ``subjects`` are all whom it depicts, its owner first. ``retention`` is a state of ``retention.outlook`` and
    ``until`` the day (ISO 8601) on which that changes; empty where no clock says.
    """

    object_id: ObjectId
    created: Instant
    origin: Origin
    subjects: tuple[SubjectId, ...]
    purpose: str
    item: ItemCode
    grade: Grade
    size: int
    digest: bytes
    term: str
    retention: str
    until: str


def format_of(first: bytes) -> str:
    """Return the format that the first bytes (16 or more) of an object show, as ``family.format``."""
    return next((name for at, head, name in _HEADS if first[at : at + len(head)] == head), "unknown")
