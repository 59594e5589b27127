"""One process apart for all tests of a worker: the engines are loaded once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shouxin.connectors.readers.apart import Apart


@pytest.fixture(scope="session")
def apart() -> Iterator[Apart]:
    """The child in which engines run; started again after a test that ends it."""
    one = Apart(120.0)
    yield one
    one.close()
