from __future__ import annotations

from pathlib import Path

import pytest

from tests.operations.portfolio import Hands, Lender, lender


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two customers and a declined applicant."""
    made = lender(tmp_path, Hands())
    made.take([1, 2])
    made.take([3], customer=False)
    return made
