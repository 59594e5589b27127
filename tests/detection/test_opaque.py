from __future__ import annotations

import pytest

from shouxin.detection.finding import FindingKind
from shouxin.detection.opaque import outside_uuids
from shouxin.detection.plain import find

IN_UUID = "req 1c83fa10-0571-8765-4321-9f0c1e2d3b4a done"


def _kinds(text: str) -> list[FindingKind]:
    return [one.kind for one in outside_uuids(find)(text.encode())]


def test_a_telephone_in_a_uuid_is_none() -> None:
    """The plain engine finds one there; around it nothing is found, and what stands beside a UUID stays."""
    assert FindingKind.LANDLINE in {one.kind for one in find(IN_UUID.encode())}
    assert _kinds(IN_UUID) == []
    assert _kinds(f"{IN_UUID}; 座机 0571-87654321; a@b.example.com") == [FindingKind.LANDLINE, FindingKind.EMAIL]


@pytest.mark.parametrize("text", ["电话 0571-87654321", "1c83fa10-0571-8765-4321 电话 0571-87654321"])
def test_a_telephone_is_one(text: str) -> None:
    """Without a whole UUID around it a telephone is found."""
    assert FindingKind.LANDLINE in _kinds(text)
