"""What arrays say of rows of bytes, against the same said byte by byte."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from shouxin.detection.token_arrays import (
    AFTER,
    BEFORE,
    bits,
    classes,
    highest,
    is_one_of,
    run_length,
    tokenised,
    windows,
)
from shouxin.detection.tokens import TOKEN_LENGTHS

rows_of_flags = st.lists(st.lists(st.booleans(), min_size=32, max_size=32), min_size=1, max_size=6)


@given(rows_of_flags, st.integers(1, 31))
@example([[True] * 32], 31)
@example([[False] * 32], 1)
def test_a_row_of_flags_as_one_number(rows: list[list[bool]], width: int) -> None:
    """The lowest bit is the first flag; runs are counted from it, and those as long as asked for count as none."""
    flags = np.array(rows)
    assert bits(flags).tolist() == [sum(flag << place for place, flag in enumerate(row)) for row in rows]
    runs = [[*row, False].index(False) for row in rows]
    assert run_length(flags, width).tolist() == [run if run < width else 0 for run in runs]


@given(st.lists(st.integers(1, (1 << 53) - 1), min_size=1))
@example([1, 2, 3, (1 << 53) - 1, 1 << 52, (1 << 32) - 1])
def test_the_highest_bit(numbers: list[int]) -> None:
    """As Python counts the bits of a number."""
    assert highest(np.array(numbers, np.uint64)).tolist() == [number.bit_length() - 1 for number in numbers]


@given(st.binary(min_size=40, max_size=80), st.lists(st.integers(0, 20), max_size=5), st.integers(1, 20))
def test_windows_are_slices(data: bytes, starts: list[int], width: int) -> None:
    """A row holds the bytes from its start on, and may be written to."""
    rows = windows(np.frombuffer(data, np.uint8), np.array(starts, np.int64), width)
    assert [row.tobytes() for row in rows] == [data[start : start + width] for start in starts]
    assert rows.shape == (len(starts), width)


@given(st.binary(max_size=40), st.lists(st.binary(max_size=5), min_size=1, max_size=8))
def test_classes_are_memberships(data: bytes, groups: list[bytes]) -> None:
    """Bit by bit, a byte is in the group of that bit or is not."""
    seen = classes(np.frombuffer(data, np.uint8), tuple(groups)).tolist()
    assert seen == [sum((byte in group) << bit for bit, group in enumerate(groups)) for byte in data]


@given(st.lists(st.integers(-9, 9)), st.sets(st.integers(-5, 5), min_size=1))
def test_numbers_among_others(numbers: list[int], members: set[int]) -> None:
    """Also beyond the least and the greatest of them."""
    found = is_one_of(np.array(numbers, np.int64), np.array(sorted(members), np.int64))
    assert found.tolist() == [number in members for number in numbers]


@given(st.text("aZ09 -中\n", max_size=60).map(str.encode))
@example(b"")
@example(b"1" * 300 + b"-2")
def test_tokens_and_what_stands_between(block: bytes) -> None:
    """Tokens are the maximal runs of ASCII letters and digits; two are joined where one byte parts them."""
    padded = b"\0" * BEFORE + block + b"\0" * AFTER
    tokens = tokenised(padded)
    pieces = [padded[start:end] for start, end in zip(tokens.starts.tolist(), tokens.ends.tolist(), strict=True)]
    parted = "".join(chr(byte) if chr(byte).isalnum() and byte < 0x80 else " " for byte in block)
    assert [piece.decode() for piece in pieces] == parted.split()
    assert tokens.lengths.tolist() == [min(255, len(piece)) for piece in pieces]
    assert max(TOKEN_LENGTHS) < 255
    gaps = (tokens.starts[1:] - tokens.ends[:-1]).tolist()
    assert tokens.joined.tolist() == [gap == 1 for gap in gaps] + [False] * bool(pieces)
