"""A sealed cell, for any values: it comes back, and no altered or moved byte ever gives a wrong answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.domain.identifiers import CellId, InstitutionId, SubjectId
from shouxin.domain.items import ItemCode, taxonomy
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Tampered
from shouxin.keys.suite import INTL
from shouxin.vault.cell import Binding, item_codes, open_cell, seal_cell

CODES = sorted(taxonomy().items)
VALUES = st.dictionaries(
    st.sampled_from(CODES),
    st.one_of(st.binary(max_size=200), st.text(max_size=50).map(str.encode)).map(Plaintext),
    min_size=1,
)
IDENTIFIERS = st.binary(min_size=16, max_size=16)
PURPOSES = st.from_regex(r"[a-z][a-z0-9_.]{0,30}", fullmatch=True)
BINDINGS = st.builds(
    Binding, IDENTIFIERS.map(InstitutionId), IDENTIFIERS.map(SubjectId), PURPOSES, IDENTIFIERS.map(CellId)
)
KEYS = st.binary(min_size=32, max_size=32)

KEY = b"k" * 32
BINDING = Binding(InstitutionId(b"i" * 16), SubjectId(b"s" * 16), "credit.review", CellId(b"c" * 16))
NAME, MOBILE = ItemCode("identity.name"), ItemCode("contact.mobile")
SOME = {NAME: Plaintext.of("张三"), MOBILE: Plaintext.of("13800138000"), ItemCode("credit.amount"): Plaintext(b"")}
SEALED = seal_cell(INTL, KEY, BINDING, SOME)


@given(KEYS, BINDINGS, VALUES, st.data())
def test_any_values_come_back(
    key: bytes, binding: Binding, values: dict[ItemCode, Plaintext], data: st.DataObject
) -> None:
    """Whatever was sealed is opened: all of it, and any choice of it."""
    sealed = seal_cell(INTL, key, binding, values)
    assert open_cell(INTL, key, binding, sealed) == values
    assert item_codes(sealed) == list(values)
    wanted = data.draw(st.lists(st.sampled_from(CODES), unique=True))
    expected = {item: value for item, value in values.items() if item in wanted}
    assert open_cell(INTL, key, binding, sealed, wanted) == expected


@given(KEYS, BINDINGS, BINDINGS, VALUES)
def test_no_other_binding_opens_it(
    key: bytes, binding: Binding, other: Binding, values: dict[ItemCode, Plaintext]
) -> None:
    """However a cell is moved, it opens only where institution, subject, purpose and cell are its own."""
    sealed = seal_cell(INTL, key, binding, values)
    for field in ("institution", "subject", "purpose", "cell"):
        moved = replace(binding, **{field: getattr(other, field)})
        if moved != binding:
            with pytest.raises(Tampered):
                open_cell(INTL, key, moved, sealed)


def _altered(at: int, flip: int) -> bytes:
    return SEALED[:at] + bytes([SEALED[at] ^ flip]) + SEALED[at + 1 :]


@pytest.mark.parametrize("flip", [1, 2, 0x20, 0x80])
def test_any_altered_byte_is_seen_when_all_is_opened(flip: int) -> None:
    """One altered byte anywhere, and the cell does not open."""
    for at in range(len(SEALED)):
        with pytest.raises(Tampered):
            open_cell(INTL, KEY, BINDING, _altered(at, flip))


@pytest.mark.parametrize("item", SOME)
def test_any_altered_byte_is_seen_or_changes_no_answer(item: ItemCode) -> None:
    """One altered byte anywhere: asking for one item gives its true value or an integrity failure, never less."""
    wrong: list[int] = []
    for at in range(len(SEALED)):
        try:
            opened = open_cell(INTL, KEY, BINDING, _altered(at, 1), [item])
        except Tampered:
            continue
        if opened != {item: SOME[item]}:
            wrong.append(at)
    assert wrong == []


@pytest.mark.parametrize("items", [None, [], [NAME]])
def test_a_cell_that_was_emptied_is_seen(items: list[ItemCode] | None) -> None:
    """A header whose directory says that there is nothing was not written by anybody: no cell is empty."""
    with pytest.raises(Tampered):
        open_cell(INTL, KEY, BINDING, SEALED[:22] + b"\0\0", items)


@given(st.binary(max_size=300))
def test_bytes_that_are_no_cell_are_seen(data: bytes) -> None:
    """Whatever stands in a row instead of a cell is tampering, never another error."""
    for sealed in (data, SEALED[:22] + data, SEALED[:24] + data):
        with pytest.raises(Tampered):
            open_cell(INTL, KEY, BINDING, sealed)


@given(st.integers(0, len(SEALED)), st.integers(0, len(SEALED)), st.binary(max_size=40))
def test_spliced_cells_are_seen(start: int, end: int, middle: bytes) -> None:
    """Cut out, repeat or insert anything anywhere: what is not the cell does not open."""
    spliced = SEALED[:start] + middle + SEALED[end:]
    if spliced != SEALED:
        with pytest.raises(Tampered):
            open_cell(INTL, KEY, BINDING, spliced)
