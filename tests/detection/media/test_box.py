"""Boxes: what they share, and what covers them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shouxin.detection.media.box import Box, hull, merged

_edges = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(1, 30), st.integers(1, 30))
_boxes = st.lists(_edges.map(lambda e: Box(e[0], e[1], e[0] + e[2], e[1] + e[3])), min_size=1, max_size=12)


def test_likeness_is_what_is_shared_of_the_whole() -> None:
    """Two boxes that share a third of all they cover have a likeness of one third; apart they have none."""
    assert Box(0, 0, 20, 10).likeness(Box(10, 0, 30, 10)) == 1 / 3
    assert Box(0, 0, 20, 10).likeness(Box(20, 0, 30, 10)) == 0


def test_a_grown_box_stays_in_its_picture() -> None:
    """A box grows by its share or by the least, whichever is more, and not over the edge."""
    assert Box(10, 10, 30, 20).grown(0.5, (35, 100), 6) == Box(0, 4, 35, 26)


@given(_boxes)
def test_merged_boxes_cover_all_and_touch_nowhere(boxes: list[Box]) -> None:
    """Every box lies in one of the merged ones, which do not touch and stay within the hull of all."""
    together = merged(boxes)
    assert all(any(one.shared(box) == box.area for one in together) for box in boxes)
    assert all(
        one is other
        or one.left > other.right
        or other.left > one.right
        or one.top > other.bottom
        or other.top > one.bottom
        for one in together
        for other in together
    )
    assert hull(together) == hull(boxes)
