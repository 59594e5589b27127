"""Pictures, with the real engines, in the process apart."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from shouxin.connectors.readers.apart import Apart
from shouxin.demo.specimen import bank_card, id_card, number_box
from shouxin.detection.media.box import Box
from tests.connectors.media.looking import WHO, findings, pieces, png, unread


def _one(kind: str, data: bytes, apart: Apart) -> Box:
    (box,) = (one.box for one in findings(pieces(data, apart)) if one.kind == kind)
    assert box is not None
    return box


def test_the_number_of_a_card_is_read_at_its_place(apart: Apart) -> None:
    """An identity card gives its kind, its portrait and its number, which stands where it was printed."""
    found = {one.kind: one for one in findings(pieces(png(id_card(WHO)), apart))}
    assert {"face", "id_front", "resident_id"} <= set(found)
    printed, seen = Box(*number_box(WHO)), found["resident_id"].box
    assert seen is not None
    assert printed.likeness(seen) > 0.6
    assert "checksum" in found["resident_id"].evidence


def test_a_card_in_a_larger_picture_that_lies_on_its_head_is_read(apart: Apart) -> None:
    """A card upside down in a picture of twice its size gives its number, at the place where it lies."""
    table = np.full((1080, 1712, 3), 90, np.uint8)
    table[400:940, 700:1556] = np.rot90(id_card(WHO), 2)
    left, top, right, bottom = number_box(WHO)
    printed = Box(700 + 856 - right, 400 + 540 - bottom, 700 + 856 - left, 400 + 540 - top)
    assert printed.likeness(_one("resident_id", png(table), apart)) > 0.5


def test_a_bank_card_gives_its_number_and_its_validity(apart: Apart) -> None:
    """A bank card is told as such, with number and validity."""
    kinds = {one.kind for one in findings(pieces(png(bank_card(WHO)), apart))}
    assert kinds == {"bank_card_image", "bank_card", "card_expiry"}


def test_a_picture_without_anybody_holds_nothing(apart: Apart) -> None:
    """Noise, and a plain wall, show no face and no text."""
    noise = np.random.default_rng(1).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    assert not findings(pieces(png(noise), apart))
    assert not findings(pieces(png(np.full((480, 640, 3), 200, np.uint8)), apart))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png_that_says(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _tiff_of_frames(count: int) -> bytes:
    frames = [Image.new("L", (64, 48), 10 * at) for at in range(count)]
    held = io.BytesIO()
    frames[0].save(held, "TIFF", save_all=True, append_images=frames[1:])
    return held.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (_png_that_says(60_000, 60_000), ("bomb", "pixels")),
        (_png_that_says(2**31 - 1, 2**31 - 1), ("bomb", "pixels")),
        (png(id_card(WHO))[:20_000], ("broken", "picture")),
        (b"\xff\xd8\xff\xe0" + bytes(5_000), ("broken", "picture")),
        (b"GIF89a" + b"\xff" * 4_000, ("broken", "picture")),
        (_tiff_of_frames(20), ("too-large", "frames after 4")),
    ],
)
def test_hostile_pictures_are_told_and_not_decoded(data: bytes, reason: tuple[str, str], apart: Apart) -> None:
    """A bomb, a stump, a head without a body and a picture of too many frames end with a reason."""
    told = unread(pieces(data, apart))
    assert [why for why, _ in told] == [reason[0]]
    assert told[0][1].endswith(reason[1])
