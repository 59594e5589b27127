"""What the tests of the engines share: specimens, and a reading of them in the process apart."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import cv2
import numpy as np
from pypdf import PdfReader, PdfWriter

from shouxin.connectors.readers.apart import Apart
from shouxin.connectors.readers.blob import Allowance, Blob
from shouxin.connectors.readers.content import Reading
from shouxin.demo.identities import Fabricator
from shouxin.demo.specimen import contract_page
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


def pdf(*pages: bytes, extra: bytes = b"") -> bytes:
    """A PDF with a text layer: each page's content stream, with one Latin font."""
    objects = [b"<</Type/Catalog/Pages 2 0 R" + extra + b">>", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for content in pages:
        packed = zlib.compress(content)
        kids.append(len(objects) + 1)
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>/Contents %d 0 R>>"
            % (len(objects) + 2)
        )
        objects.append(b"<</Filter/FlateDecode/Length %d>>stream\n" % len(packed) + packed + b"\nendstream")
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj" % number + one + b"endobj\n"
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(
        b"%010d 00000 n \n" % at for at in places
    )
    end = b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(out))
    return bytes(out) + table + end


def says(text: str, top: int = 700) -> bytes:
    """What writes a line of Latin text on a page, in 12 points."""
    return f"BT /F 12 Tf 72 {top} Td ({text}) Tj ET".encode()


def scanned() -> bytes:
    """A contract as a scanner makes it: a picture of it, no text."""
    held = io.BytesIO()
    contract_page(WHO).save(held, "PDF", resolution=100)
    return held.getvalue()


def encrypted() -> bytes:
    """A document that opens with a password only."""
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(pdf(says("secret")))))
    writer.encrypt("a password", algorithm="AES-256")
    held = io.BytesIO()
    writer.write(held)
    return held.getvalue()
