"""What a card would change is told before it is adopted, and nothing changes by asking."""

from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.errors import Invalid, Refused
from shouxin.operations.adopting.impact import impact_of
from shouxin.operations.consenting.choose import Choice, give_consent
from shouxin.operations.opening.approve import approve, request_access
from shouxin.operations.opening.disclose import disclose
from tests import recorded
from tests.operations.portfolio import card, lender
from tests.workspaces import adopt

WITHOUT_FLOOR = '[retention.contract]\nitems = ["credit.amount", "loan.duration"]\nceiling_days = 30\n'


def test_a_new_version_tells_whom_it_concerns(tmp_path: Path) -> None:
    """Consents that no longer fit, terms with what they keep, floors that go on: counted, and nothing is adopted."""
    bank = lender(tmp_path)
    bank.take([1, 2])
    bank.film(bank.people[1])
    desk, officer = bank.tokens["collector"], bank.tokens["dpo"]
    give_consent(bank.workspace, desk, bank.people[2], Choice("interview.video", "zh", agreed=True))
    before = recorded.size(bank.workspace)
    same = impact_of(bank.workspace, officer, card("interview.video", 2))
    automated = card("interview.video", 2).replace("[roles]", "automated = true\n\n[roles]", 1)
    assert impact_of(bank.workspace, officer, automated).asked_again == 2  # as a decision would see it
    assert (same.new, same.consents, same.asked_again, same.changed, same.terms) == (False, 2, 0, (), ())
    wider = card("interview.video", 2).replace(
        'raw = ["credit_officer"]', 'raw = ["credit_officer"]\nmasked = ["analyst"]'
    )
    assert wider != card("interview.video", 2)
    found = impact_of(bank.workspace, officer, wider)
    assert (found.consents, found.asked_again) == (2, 2)
    assert {one.name: one.gains for one in found.changed} == {"forms": ("masked",), "roles": ("masked: analyst",)}
    assert recorded.size(bank.workspace) == before


def test_a_floor_that_is_left_out_goes_on_for_what_is_kept(tmp_path: Path) -> None:
    """A version without a floor says that the floor holds on for the cells that were kept under it."""
    bank = lender(tmp_path)
    bank.take([1, 2])
    text = card("customer.file", 2)
    without = "\n".join(line for line in text.splitlines() if not line.startswith("floors"))
    assert without != text
    (term,) = impact_of(bank.workspace, bank.tokens["dpo"], without).terms
    assert (term.name, term.cells, len(term.keeps_floors)) == ("identity", 2, 1)


def test_a_purpose_that_is_new_concerns_nobody_yet(tmp_path: Path) -> None:
    """A first version has no consents, grants or cells; every term is new."""
    bank = lender(tmp_path)
    text = card("interview.video").replace("interview.video", "interview.more", 1)
    found = impact_of(bank.workspace, bank.tokens["dpo"], text)
    assert (found.new, found.consents, found.grants, found.changed) == (True, 0, 0, ())
    assert all(one.before is None and one.cells == 0 for one in found.terms)


def test_a_running_grant_is_void_under_any_other_version(tmp_path: Path) -> None:
    """What impact says of grants is what the next disclosure sees: a grant holds under its own version only."""
    bank = lender(tmp_path)
    bank.take([1])
    wish = bank.wish(bank.people[1], form="raw")
    request = request_access(bank.workspace, bank.tokens["analyst"], wish)
    for role in ("approver", "dpo"):
        approve(bank.workspace, bank.tokens[role], request)
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).values
    found = impact_of(bank.workspace, bank.tokens["dpo"], card("customer.file", 2))
    assert (found.grants, found.void) == (1, 1)
    adopt(bank.workspace, bank.tokens["dpo"], card("customer.file", 2))
    with pytest.raises(Refused):
        disclose(bank.workspace, bank.tokens["analyst"], wish)


def test_not_for_everybody_and_not_for_what_is_no_card(tmp_path: Path) -> None:
    """A collector is refused, and a text that does not read is told with its place."""
    bank = lender(tmp_path)
    with pytest.raises(Refused):
        impact_of(bank.workspace, bank.tokens["collector"], card("interview.video", 2))
    with pytest.raises(Invalid):
        impact_of(bank.workspace, bank.tokens["dpo"], "purpose = 1")
