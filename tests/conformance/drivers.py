"""What the suites of ports share: a driver's line, and the fixture that runs a suite over every driver.

A driver's line makes an empty store in a folder (or wherever it keeps things) and returns something that opens it: call
it twice and the second opening sees what the first one made durable. A new driver is one more line in the table of its
port, at the head of that port's suite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from shouxin.domain.identifiers import InstitutionId
from shouxin.keys.root import EpochNumber
from shouxin.operations.auditing.heads import LogHead

__all__ = ["HEAD", "INSTITUTION", "ONE", "THREE", "TWO", "Driver", "Opener", "over"]

T = TypeVar("T")
Opener = Callable[[], T]
Driver = Callable[[Path], Opener[T]]
ONE, TWO, THREE = EpochNumber(1), EpochNumber(2), EpochNumber(3)
INSTITUTION = InstitutionId(b"i" * 16)
HEAD = LogHead("lender.example/log", b"h" * 32)


def over(drivers: dict[str, Driver[Any]]) -> Any:
    """Return a fixture that gives each driver's opener in turn, and closes what it opened."""

    @pytest.fixture(params=list(drivers.values()), ids=list(drivers))
    def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener[Any]]:
        opened: list[Any] = []
        make = request.param(tmp_path)

        def again() -> Any:
            opened.append(make())
            return opened[-1]

        yield again
        for one in opened:
            getattr(one, "close", lambda: None)()

    return opener
