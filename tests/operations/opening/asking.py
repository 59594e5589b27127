"""What tests of opening do again and again: ask for a wish, get it granted, or see it refused on record."""

from __future__ import annotations

from typing import Any

import pytest

from shouxin.domain.event_kind import EventKind
from shouxin.errors import Refused
from shouxin.operations.opening.approve import approve, request_access
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.permit import Wish
from tests import recorded
from tests.operations.portfolio import Lender


def granted(bank: Lender, wish: Wish) -> Any:
    """Get the analyst a grant for ``wish``; return the request."""
    request = request_access(bank.workspace, bank.tokens["analyst"], wish)
    approve(bank.workspace, bank.tokens["approver"], request)
    approve(bank.workspace, bank.tokens["dpo"], request)
    return request


def refused(bank: Lender, role: str, wish: Wish) -> str:
    """Ask for ``wish``, expect a refusal that is on record with its rules; return the first rule."""
    before, leaves = len(recorded.events(bank.workspace, EventKind.DISCLOSURE_REFUSED)), recorded.size(bank.workspace)
    with pytest.raises(Refused) as refusal:
        disclose(bank.workspace, bank.tokens[role], wish)
    rules = [rule for rule, _ in refusal.value.reasons]
    assert all(article for _, article in refusal.value.reasons)
    refusals = recorded.events(bank.workspace, EventKind.DISCLOSURE_REFUSED)
    assert (len(refusals), recorded.size(bank.workspace)) == (before + 1, leaves + 1)
    assert refusals[-1].facts["rules"] == rules
    return rules[0]
