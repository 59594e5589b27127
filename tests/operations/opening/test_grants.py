"""A grant: what it covers, when it ends, and that no card but today's gives one."""

from __future__ import annotations

from shouxin.operations.opening.approve import approve, request_access, withdraw_request
from shouxin.operations.opening.disclose import disclose
from tests.operations.opening.asking import granted, refused
from tests.operations.portfolio import ID_NUMBER, MOBILE, NAME, Hands, Lender, values_of


def test_raw_needs_every_level_and_ends_by_itself(bank: Lender) -> None:
    """A raw disclosure is refused before the last approval, permitted after it, and refused when the hour is over."""
    wish = bank.wish(bank.people[1], form="raw")
    assert refused(bank, "analyst", wish).endswith("APPROVAL")
    request = request_access(bank.workspace, bank.tokens["analyst"], wish)
    approve(bank.workspace, bank.tokens["approver"], request)
    assert refused(bank, "analyst", wish).endswith("APPROVAL")
    approve(bank.workspace, bank.tokens["dpo"], request)
    seen = disclose(bank.workspace, bank.tokens["analyst"], wish)
    assert seen.values[bank.people[1]][NAME] == values_of(1)[NAME]
    clock = bank.workspace.clock
    assert isinstance(clock, Hands)
    clock.on(minutes=59)
    disclose(bank.workspace, bank.tokens["analyst"], wish)
    clock.on(minutes=1)
    assert refused(bank, "analyst", wish).endswith("APPROVAL")


def test_a_clock_that_jumps_back_revives_no_grant(bank: Lender) -> None:
    """What the ledger has seen end stays ended, whatever the clock says."""
    wish = bank.wish(bank.people[1], form="raw")
    granted(bank, wish)
    clock = bank.workspace.clock
    assert isinstance(clock, Hands)
    clock.on(minutes=61)
    refused(bank, "analyst", wish)
    clock.on(minutes=-120)
    refused(bank, "analyst", wish)


def test_a_grant_is_for_what_was_asked(bank: Lender) -> None:
    """A grant covers its account, people and items, or fewer of them; not one more."""
    granted(bank, bank.wish(bank.people[1], items={NAME, MOBILE}, form="raw"))
    disclose(bank.workspace, bank.tokens["analyst"], bank.wish(bank.people[1], items={NAME}, form="raw"))
    for role, wish in (
        ("analyst", bank.wish(bank.people[1], items={NAME, ID_NUMBER}, form="raw")),
        ("analyst", bank.wish(bank.people[2], items={NAME}, form="raw")),
        ("analyst", bank.wish(bank.people[1], bank.people[2], items={NAME}, form="raw")),
        ("analyst.2", bank.wish(bank.people[1], items={NAME}, form="raw")),
    ):
        refused(bank, role, wish)


def test_two_grants_do_not_add_up(bank: Lender) -> None:
    """What is asked in one disclosure must be covered by one grant."""
    granted(bank, bank.wish(bank.people[1], items={NAME}, form="raw"))
    granted(bank, bank.wish(bank.people[1], items={MOBILE}, form="raw"))
    refused(bank, "analyst", bank.wish(bank.people[1], items={NAME, MOBILE}, form="raw"))


def test_a_grant_that_was_given_back_carries_nothing(bank: Lender) -> None:
    """Withdrawing the request ends the grant for the next disclosure."""
    wish = bank.wish(bank.people[1], form="raw")
    request = granted(bank, wish)
    withdraw_request(bank.workspace, bank.tokens["analyst"], request)
    refused(bank, "analyst", wish)
