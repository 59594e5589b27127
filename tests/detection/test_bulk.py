from __future__ import annotations

from importlib.util import find_spec

import pytest

from bench.detection.log_text import log_text
from shouxin.detection import plain
from shouxin.detection.bulk import finder

NATIVE = [False, True, None] if find_spec("hyperscan") else [False]


@pytest.mark.parametrize("native", NATIVE)
def test_a_log_gives_the_same_rows_as_the_reference(native: bool | None) -> None:
    """Two hundred kilobytes of dense log, plain and with what needs folding in some lines."""
    find = finder(native=native)
    data = log_text(100_000)
    wide = data.replace(b"154", "１５４".encode(), 30).replace(b"0571-", "0571—".encode())
    for block in (data, wide):
        rows = list(plain.find(block).rows())
        assert len(rows) > 2 * block.count(b"\n")
        assert list(find(block).rows()) == rows


@pytest.mark.parametrize("native", NATIVE)
@pytest.mark.parametrize(
    "block", [b"", b"\n", b"x", b"1", "中".encode(), b"\0" * 300, b"1 " * 500, b"@" * 300, b":" * 300]
)
def test_small_and_empty_blocks(native: bool, block: bytes) -> None:
    """Nothing to find is an answer, also where there is nothing at all."""
    assert list(finder(native=native)(block).rows()) == list(plain.find(block).rows())


def test_a_finder_does_not_remember_findings() -> None:
    """What one block held has no influence on the next."""
    find = finder()
    first, second = "手机13800138000".encode(), "订单13800138000".encode()
    assert [len(find(block)) for block in (first, second, first, second)] == [1, 0, 1, 0]
