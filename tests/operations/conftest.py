from __future__ import annotations

import pytest

from tests.operations.portfolio import Hands


@pytest.fixture
def clock() -> Hands:
    """A clock that the test sets."""
    return Hands()
