"""Which frames are read: the first, those that differ, and one now and then."""

from __future__ import annotations

from shouxin.detection.media.box import Box
from shouxin.detection.media.change import GRID, ChangeWatch


def _picture(*patches: tuple[int, int, int, int], ink: int = 220) -> bytes:
    rows = [bytearray([100]) * GRID[0] for _ in range(GRID[1])]
    for left, top, right, bottom in patches:
        for row in rows[top:bottom]:
            row[left:right] = bytes([ink]) * (right - left)
    return b"".join(map(bytes, rows))


_CARD = (32, 8, 60, 28)


def _read(samples: list[bytes], *, at_once: bool = False, faces: tuple[Box, ...] = ()) -> list[int]:
    watch = ChangeWatch(at_once=at_once)
    return [at for at, small in enumerate(samples) if watch.reads(small, at / 4, faces)]


def test_a_still_picture_is_read_once_and_then_rarely() -> None:
    """Twenty seconds in which nothing changes are read at the start and after fifteen."""
    assert _read([_picture()] * 80) == [0, 60]


def test_a_card_is_read_when_it_has_settled_and_so_is_its_going() -> None:
    """A card that slides in is read where it stops, and the scene again when it is gone."""
    slides = [_picture((left, 8, min(64, left + 28), 28)) for left in (56, 48, 40, 32)]
    assert _read([_picture(), *slides, *[_picture(_CARD)] * 4, *[_picture()] * 4]) == [0, 5, 10]


def test_whoever_masks_waits_for_nothing_to_settle() -> None:
    """At once, each position of a card that slides is read."""
    slides = [_picture((left, 8, min(64, left + 28), 28)) for left in (56, 48, 40, 32)]
    assert _read([_picture(), *slides, _picture(_CARD)], at_once=True) == [0, 1, 2, 3, 4]


def test_what_never_settles_is_read_after_two_seconds() -> None:
    """A picture that flickers is read every two seconds."""
    flicker = [_picture(_CARD, ink=ink) for ink in (0, 250, 160)] * 8
    assert _read([_picture(), *flicker]) == [0, 8, 16, 24]


def test_a_face_that_moves_is_no_change() -> None:
    """What changes under a face is not read; without the face it would be."""
    talking = [_picture((4, 4, 20, 28), ink=ink) for ink in (150, 200, 200, 200)]
    face = Box(4, 4, 20, 28)
    assert _read([_picture(), *talking], faces=(face,)) == [0]
    assert _read([_picture(), *talking]) == [0, 3]


def test_a_slow_change_adds_up() -> None:
    """A scene that darkens by one step a sample is read when it differs enough from what was read."""
    darker = [bytes([200 - step]) * (GRID[0] * GRID[1]) for step in range(30)]
    assert _read(darker) == [0, 13, 26]
