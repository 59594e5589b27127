"""One identity, however it is written."""

from __future__ import annotations

import pytest

from shouxin.domain.items import ItemCode
from shouxin.operations.downstream.spelling import folded, spellings

MOBILE, ID_NUMBER = ItemCode("contact.mobile"), ItemCode("identity.id_number")


@pytest.mark.parametrize(
    "written", ["19900001234", "+8619900001234", "199 0000 1234", "0086199-0000-1234", "１９９00001234"]
)
def test_every_spelling_of_a_mobile_is_sought(written: str) -> None:
    """Whatever was given, the plain form and the usual ones are asked for; all fold to one."""
    assert folded(MOBILE, written) == "19900001234"
    assert {"19900001234", "+8619900001234", "199 0000 1234", "199-0000-1234", "+86 199 0000 1234", written} <= set(
        spellings(MOBILE, written)
    )
    assert {folded(MOBILE, one) for one in spellings(MOBILE, written)} == {"19900001234"}


def test_an_id_number_is_sought_in_both_cases() -> None:
    """The check letter is written as x or X."""
    assert set(spellings(ID_NUMBER, "99999919700000001x")) == {"99999919700000001x", "99999919700000001X"}


@pytest.mark.parametrize("empty", ["", "  ", "-"])
def test_what_identifies_nobody_is_not_sought(empty: str) -> None:
    """An empty value or a dash in the column of a mobile leads nowhere."""
    assert folded(MOBILE, empty) == ""
    assert [one for one in spellings(MOBILE, empty) if folded(MOBILE, one)] == []
    assert folded(None, " KH-1 ") == "KH-1"
