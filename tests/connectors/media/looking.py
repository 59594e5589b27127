"""What the tests of the engines share: specimens, and a reading of them in the process apart."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np

from shouxin.connectors.readers.apart import Apart
from shouxin.connectors.readers.blob import Allowance, Blob
from shouxin.connectors.readers.content import Reading
from shouxin.demo.identities import Fabricator
from shouxin.detection.media.media_finding import MediaFinding
from shouxin.detection.survey.reading import MediaWindow, Piece, Sampling, Unread

WHO = Fabricator(7).identity(3)


def png(picture: np.ndarray) -> bytes:
    """A picture as a file."""
    return bytes(cv2.imencode(".png", picture)[1])


def pieces(data: bytes | Path, apart: Apart) -> list[Piece]:
    """What the scan reads of a file: its format recognised, its reader in a process apart."""
    if isinstance(data, Path):
        blob = Blob(data.name, data.stat().st_size, lambda: data.open("rb"), locator=("file", str(data)))
    else:
        blob = Blob("x", len(data), lambda: io.BytesIO(data))
    return list(Reading(Sampling(), Allowance.of(blob.size), apart).pieces(blob))


def findings(some: list[Piece]) -> list[MediaFinding]:
    """All findings of what was looked at."""
    return [one for piece in some if isinstance(piece, MediaWindow) for one in piece.findings]


def unread(some: list[Piece]) -> list[tuple[str, str]]:
    """Reason and detail of what was not looked into."""
    return [(one.reason.value, one.detail) for one in some if isinstance(one, Unread)]
