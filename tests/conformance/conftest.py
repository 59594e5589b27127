from __future__ import annotations

import pytest

from tests.conformance.issued import Issued, issue


@pytest.fixture(scope="session")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Issued:
    """Honest certificates of several shapes, issued once a process; a test changes copies."""
    return issue(tmp_path_factory.mktemp("issued"))
