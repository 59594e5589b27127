"""A sealed cell: its format, and that it opens only where it belongs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shouxin.domain.identifiers import CellId, InstitutionId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Tampered
from shouxin.keys.suite import INTL
from shouxin.vault.cell import Binding, item_codes, open_cell, seal_cell

KEY = b"k" * 32
BINDING = Binding(InstitutionId(b"i" * 16), SubjectId(b"s" * 16), "credit.review", CellId(b"c" * 16))
NAME, MOBILE = ItemCode("identity.name"), ItemCode("contact.mobile")
VALUES = {NAME: Plaintext.of("张三"), MOBILE: Plaintext.of("13800138000")}
SEALED = seal_cell(INTL, KEY, BINDING, VALUES)


def test_what_was_sealed_is_opened() -> None:
    """All items, or the ones asked for; one that the cell does not have is left out."""
    assert open_cell(INTL, KEY, BINDING, SEALED) == VALUES
    assert open_cell(INTL, KEY, BINDING, SEALED, [MOBILE]) == {MOBILE: VALUES[MOBILE]}
    assert open_cell(INTL, KEY, BINDING, SEALED, [ItemCode("credit.amount")]) == {}
    assert open_cell(INTL, KEY, BINDING, SEALED, []) == {}


def test_item_codes_are_read_without_a_key() -> None:
    """What kinds of data a cell holds is no secret, and stands in their order."""
    assert item_codes(SEALED) == [NAME, MOBILE]


def test_no_value_stands_in_the_clear() -> None:
    """The bytes hold codes, never values, and sealing twice gives other bytes."""
    assert "张三".encode() not in SEALED
    assert b"13800138000" not in SEALED
    assert seal_cell(INTL, KEY, BINDING, VALUES) != SEALED


def test_the_format_is_fixed() -> None:
    """Magic, format, suite, schema and key id stand where stored cells have them; lengths add up."""
    assert SEALED[:6] == b"SX\x01\x01\x00\x01"
    assert SEALED[6:22] == BINDING.cell
    assert SEALED[22:24] == b"\x00\x02"
    assert SEALED[24:38] == bytes([13]) + b"identity.name"
    overhead = 24 + sum(1 + len(code) + 4 + 12 + 16 for code in VALUES)
    assert len(SEALED) == overhead + sum(len(value) for value in VALUES.values())


@pytest.mark.parametrize(
    "moved",
    [
        replace(BINDING, institution=InstitutionId(b"j" * 16)),
        replace(BINDING, subject=SubjectId(b"t" * 16)),
        replace(BINDING, purpose="marketing"),
        replace(BINDING, cell=CellId(b"d" * 16)),
    ],
    ids=["institution", "subject", "purpose", "cell"],
)
def test_a_cell_that_was_moved_does_not_open(moved: Binding) -> None:
    """Put under another institution, person, purpose or cell, it is seen as moved."""
    with pytest.raises(Tampered):
        open_cell(INTL, KEY, moved, SEALED)
    with pytest.raises(Tampered):
        open_cell(INTL, KEY, moved, SEALED, [MOBILE])


def test_values_exchanged_inside_a_cell_do_not_open() -> None:
    """A name shown as a mobile, under the right key, is seen."""
    values = {NAME: Plaintext.of("00000000000"), MOBILE: Plaintext.of("13800138000")}
    sealed = seal_cell(INTL, KEY, BINDING, values)
    size = 12 + 11 + 16
    exchanged = sealed[: -2 * size] + sealed[-size:] + sealed[-2 * size : -size]
    with pytest.raises(Tampered):
        open_cell(INTL, KEY, BINDING, exchanged)


def test_another_key_does_not_open_it() -> None:
    """Without its own key a cell is closed."""
    with pytest.raises(Tampered):
        open_cell(INTL, b"x" * 32, BINDING, SEALED)


@pytest.mark.parametrize("cut", range(len(SEALED)))
def test_a_truncated_cell_is_seen(cut: int) -> None:
    """Cut anywhere, it is refused, for all items and for one."""
    for items in (None, [NAME], [MOBILE]):
        with pytest.raises(Tampered):
            open_cell(INTL, KEY, BINDING, SEALED[:cut], items)


@pytest.mark.parametrize("tail", [b"\0", b"\0" * 28, SEALED])
def test_an_extended_cell_is_seen(tail: bytes) -> None:
    """Bytes behind the last value are refused."""
    with pytest.raises(Tampered):
        open_cell(INTL, KEY, BINDING, SEALED + tail)


def test_a_directory_that_names_an_item_twice_is_refused() -> None:
    """Two entries of one code cannot both be true."""
    both = {ItemCode("identity.aaaa"): Plaintext.of("1"), ItemCode("identity.bbbb"): Plaintext.of("1")}
    sealed = seal_cell(INTL, KEY, BINDING, both)
    with pytest.raises(Tampered):
        item_codes(sealed.replace(b"identity.bbbb", b"identity.aaaa"))
