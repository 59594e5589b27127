"""Findings with a beginning and an end, and masks that are there before what they hide."""

from __future__ import annotations

from shouxin.detection.media.box import Box
from shouxin.detection.media.media_finding import MediaFinding
from shouxin.detection.media.track import MaskTrack, Tracks

_HERE, _BESIDE, _THERE = Box(10, 10, 50, 50), Box(14, 12, 54, 52), Box(200, 10, 240, 50)


def _face(box: Box, score: float = 0.9) -> MediaFinding:
    return MediaFinding("face", score, box)


def _spans(tracks: Tracks) -> list[tuple[float, float]]:
    return [(one.start, one.end) for one in tracks.ended()]


def test_a_face_that_moves_a_little_is_one_finding() -> None:
    """Samples that overlap make one finding from the first to the last, with the best sight of it."""
    tracks = Tracks()
    for at, box, score in ((0.0, _HERE, 0.7), (0.25, _BESIDE, 0.9), (0.5, _HERE, 0.8)):
        tracks.see([_face(box, score)], at)
    (one,) = tracks.ended()
    assert (one.start, one.end, one.score, one.box) == (0.0, 0.5, 0.9, _BESIDE)


def test_two_faces_are_two_findings_and_one_that_returns_late_is_another() -> None:
    """What stands elsewhere is another finding, and so is what comes back after the hold."""
    tracks = Tracks()
    tracks.see([_face(_HERE), _face(_THERE)], 0.0)
    tracks.see([_face(_HERE)], 0.5)
    tracks.see([], 2.0)
    tracks.see([_face(_HERE)], 2.25)
    assert _spans(tracks) == [(0.0, 0.5), (0.0, 0.0), (2.25, 2.25)]


def test_a_card_lasts_until_the_picture_changes() -> None:
    """What is read stands until the next reading does not show it."""
    tracks = Tracks(hold=0)
    tracks.see([MediaFinding("id_front", 0.9, _HERE)], 1.0)
    tracks.last(5.0)
    tracks.see([], 5.0)
    tracks.last(9.0)
    assert _spans(tracks) == [(1.0, 5.0)]


def test_a_mask_covers_what_is_seen_on_both_sides_of_a_moment() -> None:
    """Between two samples the boxes of both are covered, before and after them only the nearer one."""
    masks = MaskTrack()
    for at, boxes in ((0.0, []), (1.0, [_HERE]), (2.0, [_THERE]), (3.0, [])):
        masks.see(at, boxes)
    assert masks.over(0.5) == [_HERE]
    assert masks.over(1.5) == [_HERE, _THERE]
    assert masks.over(2.5) == [_THERE]
    assert masks.over(3.5) == []


def test_a_face_that_is_lost_for_a_moment_stays_masked() -> None:
    """With a hold of one second, a gap of half a second is covered; without it is not."""
    masks = MaskTrack()
    for step in range(9):
        masks.see(step / 4, [] if step in {3, 4, 5} else [_HERE])
    assert all(masks.over(at / 20, hold=1.0) == [_HERE] for at in range(40))
    assert masks.over(1.05) == []
