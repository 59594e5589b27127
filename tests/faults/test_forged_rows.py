"""Whoever can write SQL makes themselves no right: what they change is refused on use, or found by the audit."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import HoldId, ObjectId
from shouxin.errors import IntegrityError, Refused, RolledBack, ShouxinError, Tampered
from shouxin.operations.account_for import account_for
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.certifying.certify import certificate
from shouxin.operations.deletion.withdraw import withdraw_consent
from shouxin.operations.erasing.erase import erase, preview
from shouxin.operations.objects.keep import keep_object
from shouxin.operations.opening.approve import approve, request_access, withdraw_request
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.disclose_object import disclose_object
from shouxin.operations.retaining.holds import Demand, lift_hold, set_hold
from shouxin.operations.staff.accounts import close_account, list_accounts, sign_out
from shouxin.operations.subjects import freeze
from shouxin.vault.erasure import Outcome
from tests import recorded
from tests.operations.portfolio import CARD_NUMBER, JOB, VIDEO, Hands, Lender, card, lender
from tests.workspaces import adopt, close, signed_in

Forger = Callable[..., None]


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two customers and two declined applicants."""
    made = lender(tmp_path, Hands())
    made.take([1, 2])
    made.take([3, 4], customer=False)
    return made


def forge(bank: Lender, statement: str, *values: Any) -> int:
    """Change the data store behind everybody's back; return how many rows."""
    close(bank.workspace)
    return recorded.forge(bank.home / "data" / "data.db", statement, *values)


def rows_of(bank: Lender, table: str) -> list[tuple[Any, ...]]:
    """Return a table as it stands, to put it back later."""
    with sqlite3.connect(bank.home / "data" / "data.db") as rows:
        found = rows.execute(f"SELECT * FROM {table}").fetchall()
    rows.close()
    return found


def put_back(bank: Lender, table: str, old: list[tuple[Any, ...]]) -> None:
    """Replace a table by what stood in it before."""
    close(bank.workspace)
    with sqlite3.connect(bank.home / "data" / "data.db") as rows:
        rows.execute(f"DELETE FROM {table}")
        rows.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(old[0]))})", old)
    rows.close()


def found(bank: Lender) -> bool:
    """Say whether an audit finds something."""
    return not verify_ledger(bank.reopened().workspace).intact


def granted(bank: Lender) -> None:
    """Get the analyst a grant for applicant 1 raw."""
    wish = bank.wish(bank.people[1], form="raw")
    request = request_access(bank.workspace, bank.tokens["analyst"], wish)
    approve(bank.workspace, bank.tokens["approver"], request)
    approve(bank.workspace, bank.tokens["dpo"], request)


def _withdraw(request: bytes, bank: Lender) -> None:
    withdraw_request(bank.workspace, bank.tokens["analyst"], request)


@pytest.mark.parametrize(
    ("table", "part", "better"),
    [
        ("accounts", "roles", ["dpo", "operator"]),
        ("accounts", "closed", False),
        ("sign_ins", "until", 1 << 50),
        ("sign_ins", "account", ""),
        ("grants", "until", 1 << 50),
        ("grants", "items", ["account.card_number"]),
        ("requests", "levels", []),
        ("requests", "state", "granted"),
        ("consents", "given", 1),
        ("consents", "withdrawn", None),
        ("cards", "text", ""),
        ("subjects", "state", "active"),
        ("erasures", "parts", []),
        ("collections", "line", 0),
    ],
)
def test_a_row_that_says_something_else_is_refused_and_found(
    bank: Lender, table: str, part: str, better: object
) -> None:
    """A body changed in one place is not what the institution wrote: no operation uses it, and the audit names it."""
    granted(bank)
    request_access(bank.workspace, bank.tokens["analyst"], bank.wish(bank.people[2], form="raw"))  # nobody agreed yet
    erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    close_account(bank.workspace, bank.tokens["operator"], "model")
    bank.film(bank.people[1])
    bank.film(bank.people[2])
    withdraw_consent(bank.workspace, bank.tokens["rights_desk"], bank.people[2], "interview.video")
    requests = [request for request, *_ in rows_of(bank, "requests")]
    forged = 0
    for row in rows_of(bank, table):
        body = json.loads(row[5])
        assert msgspec.json.encode(body) == row[5]  # nothing but the value that is forged differs
        if body[part] != better:
            said = msgspec.json.encode(body | {part: better})
            forged += forge(bank, f"UPDATE {table} SET body = ? WHERE identifier = ?", said, row[0])
    assert forged
    uses: list[Callable[[Lender], object]] = [
        lambda bank: list_accounts(bank.workspace, bank.tokens["operator"]),
        lambda bank: bank.masked(bank.people[1]),
        lambda bank: disclose(bank.workspace, bank.tokens["analyst"], bank.wish(bank.people[1], form="raw")),
        lambda bank: preview(bank.workspace, bank.tokens["dpo"], bank.people[1]),
        lambda bank: request_access(bank.workspace, bank.tokens["analyst"], bank.wish(bank.people[1], form="raw")),
        lambda bank: bank.take([1]),
        *(partial(_withdraw, request) for request in requests),
        lambda bank: bank.masked(bank.people[3]),
        lambda bank: bank.film(bank.people[2]),
    ]
    if table not in {"erasures", "collections"}:
        refused = 0
        for use in uses:
            try:
                use(bank.reopened())
            except IntegrityError:
                refused += 1
            except ShouxinError:  # what is not forged may be refused for what it says
                continue
        assert refused
    assert any(flaw.place.startswith(f"{table}/") for flaw in verify_ledger(bank.reopened().workspace).flaws)


@pytest.mark.parametrize("table", ["accounts", "sign_ins", "grants", "requests", "consents", "cards", "subjects"])
@pytest.mark.parametrize("column", ["version", "mac"])
def test_version_and_mac_belong_to_the_row(bank: Lender, table: str, column: str) -> None:
    """A row with another version or MAC than it was written with is found by the audit."""
    granted(bank)
    change = "version + 1" if column == "version" else "zeroblob(32)"
    forge(bank, f"UPDATE {table} SET {column} = {change}")
    assert found(bank)


@pytest.mark.parametrize(
    "table",
    ["accounts", "sign_ins", "grants", "requests", "consents", "cards", "subjects", "erasures"],
)
def test_a_row_that_was_deleted_is_found(bank: Lender, table: str) -> None:
    """The record knows which rows stand: one that is missing is named."""
    granted(bank)
    erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    forge(bank, f"DELETE FROM {table} WHERE identifier = (SELECT max(identifier) FROM {table})")
    assert found(bank)


def test_somebody_elses_consent_carries_nothing(bank: Lender) -> None:
    """A consent row pointed at another person by its look-up column is no consent of theirs."""
    film = bank.film(bank.people[1])
    forge(bank, "UPDATE consents SET subject = ? WHERE name = 'interview.video'", bank.people[2])
    forge(bank, "UPDATE objects SET subject = ? WHERE subject = ?", bank.people[2], bank.people[1])
    again = bank.reopened()
    with pytest.raises((Refused, IntegrityError)):
        keep_object(
            again.workspace, bank.tokens["collector"], bank.people[2], "interview.video", VIDEO, [b"without consent"]
        )
    wish = bank.wish(bank.people[2], purpose="interview.video", items={VIDEO}, form="raw")
    with pytest.raises((Refused, IntegrityError)):
        disclose_object(again.workspace, bank.tokens["credit_officer"], wish, ObjectId(film))


def test_a_consent_for_one_purpose_carries_no_other(bank: Lender) -> None:
    """A consent row under another purpose's name is still the consent that was given."""
    who = bank.people[1]
    forge(bank, "UPDATE consents SET name = 'interview.video' WHERE subject = ?", who)
    with pytest.raises((Refused, IntegrityError)):
        keep_object(bank.reopened().workspace, bank.tokens["collector"], who, "interview.video", VIDEO, [b"x"])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cells SET term = 'file' WHERE term = 'identity'",
        "UPDATE cells SET term = 'no-such-term'",
        "UPDATE cells SET purpose = 'emergency.contact' WHERE purpose = 'customer.file'",
        "UPDATE cells SET purpose = 'no.such'",
    ],
)
def test_no_forged_column_gets_a_customers_data_erased(bank: Lender, statement: str) -> None:
    """What a statutory floor keeps is kept, or erasing is refused, whatever stands beside the sealed bytes."""
    before = {part.identifier: part.outcome for part in preview(bank.workspace, bank.tokens["dpo"], bank.people[1])}
    assert Outcome.RETAINED in before.values()
    forge(bank, statement)
    again = bank.reopened()
    try:
        planned = preview(again.workspace, bank.tokens["dpo"], bank.people[1])
    except ShouxinError:
        return
    lost = [part for part in planned if part.outcome is Outcome.ERASED and before[part.identifier] is Outcome.RETAINED]
    assert lost == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cells SET purpose = 'customer.file' WHERE purpose = 'loan.file'",
        "UPDATE cells SET subject = (SELECT max(subject) FROM cells)",
        "UPDATE cells SET cell = randomblob(16)",
        "UPDATE cells SET sealed = (SELECT max(sealed) FROM cells)",
        "UPDATE cells SET sealed = zeroblob(100)",
        "UPDATE cells SET kind = 'edge'",
        "UPDATE cells SET kind = 'nonsense'",
        "DELETE FROM cells WHERE purpose = 'loan.file'",
    ],
)
def test_a_cell_that_was_moved_or_taken_away_is_refused_or_found(bank: Lender, statement: str) -> None:
    """Moved to another purpose, person or place, changed or deleted: a cell never gives a wrong answer in silence."""
    before, who = bank.raw(bank.people[1]), bank.masked(bank.people[1])
    forge(bank, statement)
    again = bank.reopened()
    try:
        right = again.raw(bank.people[1]) == before and again.masked(bank.people[1]) == who
    except IntegrityError:
        return
    except ShouxinError:
        right = False
    assert right or found(bank)


def test_a_purpose_column_opens_no_more_than_the_purpose(bank: Lender) -> None:
    """A cell relabelled with another purpose that its reader may use does not open for them."""
    forge(bank, "UPDATE cells SET purpose = 'customer.file' WHERE purpose = 'loan.file'")
    again = bank.reopened()
    wish = bank.wish(bank.people[1], purpose="rights.answer", items={CARD_NUMBER, JOB})
    with pytest.raises(IntegrityError):
        disclose(again.workspace, bank.tokens["rights_desk"], wish)


def test_a_body_of_another_type_is_refused(bank: Lender) -> None:
    """A row whose body became text is tampering like any other, not a stumble of the program."""
    forge(bank, "UPDATE accounts SET body = CAST(body AS TEXT)")
    with pytest.raises(IntegrityError):
        bank.reopened().masked(bank.people[1])


def test_an_opening_that_was_deleted_is_found(bank: Lender) -> None:
    """Nobody can make it unseen that they looked: a list cut short is named by the audit, or not believed."""
    bank.masked(bank.people[1])
    seen = len(account_for(bank.workspace, bank.tokens["dpo"], bank.people[1]))
    forge(bank, "DELETE FROM openings WHERE leaf = (SELECT max(leaf) FROM openings)")
    try:
        right = len(account_for(bank.reopened().workspace, bank.tokens["dpo"], bank.people[1])) == seen
    except IntegrityError:
        return
    assert right or found(bank)


def test_an_entry_that_was_changed_is_never_handed_out(bank: Lender) -> None:
    """A disclosure's entry that says another purpose is refused when it is accounted for, not only by the audit."""
    bank.masked(bank.people[1])
    forge(
        bank,
        "UPDATE entries SET body = CAST(replace(CAST(body AS TEXT), 'customer.file', 'emergency.aid') AS BLOB)"
        " WHERE CAST(body AS TEXT) LIKE '%disclosure.made%'",
    )
    with pytest.raises(IntegrityError):
        account_for(bank.reopened().workspace, bank.tokens["dpo"], bank.people[1])


def _withdrawn(bank: Lender) -> None:
    withdraw_consent(bank.workspace, bank.tokens["rights_desk"], bank.people[1], "interview.video")


def _frozen(bank: Lender) -> None:
    freeze(bank.workspace, bank.tokens["dpo"], bank.people[1])


def _request_withdrawn(bank: Lender) -> None:
    (request,) = {row[0] for row in rows_of(bank, "requests")}
    withdraw_request(bank.workspace, bank.tokens["analyst"], request)


def _signed_out(bank: Lender) -> None:
    sign_out(bank.workspace, bank.tokens["model"])


def _closed(bank: Lender) -> None:
    close_account(bank.workspace, bank.tokens["operator"], "model")


def _card_replaced(bank: Lender) -> None:
    adopt(bank.workspace, bank.tokens["dpo"], card("customer.file", 2))


def _erased(bank: Lender) -> None:
    erase(bank.workspace, bank.tokens["dpo"], bank.people[1])


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("consents", _withdrawn),
        ("subjects", _frozen),
        ("subjects", _erased),
        ("grants", _request_withdrawn),
        ("requests", _request_withdrawn),
        ("sign_ins", _signed_out),
        ("accounts", _closed),
        ("cards", _card_replaced),
    ],
)
def test_an_old_version_put_back_is_found(bank: Lender, table: str, change: Callable[[Lender], None]) -> None:
    """A right that ended, put back as it was while it ran, is named by the audit."""
    granted(bank)
    bank.film(bank.people[1])
    signed_in(bank.workspace, "model")
    old = rows_of(bank, table)
    change(bank)
    assert not found(bank)
    put_back(bank, table, old)
    assert found(bank)


def held(bank: Lender) -> HoldId:
    """Have a court hold everything of applicant 3, whom nothing else keeps."""
    review = local_date(bank.workspace.clock.now()) + timedelta(days=60)
    demand = Demand("court", "rights.answer", bytes(32), review)
    return set_hold(bank.workspace, bank.tokens["dpo"], bank.people[3], demand)


def test_a_deleted_hold_is_noticed_before_an_erasure(bank: Lender) -> None:
    """Whoever deletes a hold does not get the person erased: the person's own row says that there is one."""
    held(bank)
    assert {part.outcome for part in preview(bank.workspace, bank.tokens["dpo"], bank.people[3])} == {Outcome.RETAINED}
    forge(bank, "DELETE FROM holds")
    again = bank.reopened()
    for act in (preview, erase):
        with pytest.raises(Tampered, match="holds"):
            act(again.workspace, bank.tokens["dpo"], bank.people[3])
    assert not again.is_gone(bank.people[3])
    assert erase(again.workspace, bank.tokens["dpo"], bank.people[4])  # of whom nothing was forged


def test_one_of_two_deleted_holds_is_noticed(bank: Lender) -> None:
    """Beside another hold that stands, the missing one is missed all the same."""
    held(bank)
    first = rows_of(bank, "holds")
    held(bank)
    put_back(bank, "holds", first)
    with pytest.raises(Tampered, match="holds"):
        preview(bank.reopened().workspace, bank.tokens["dpo"], bank.people[3])


def test_a_lifted_hold_put_back_is_noticed(bank: Lender) -> None:
    """A hold that was lifted keeps nothing any more, also when its row says again that it stands."""
    hold = held(bank)
    old = rows_of(bank, "holds")
    lift_hold(bank.workspace, bank.tokens["rights_desk"], hold, bytes(32))
    assert {part.outcome for part in preview(bank.workspace, bank.tokens["dpo"], bank.people[3])} == {Outcome.ERASED}
    put_back(bank, "holds", old)
    with pytest.raises(RolledBack, match="holds"):
        preview(bank.reopened().workspace, bank.tokens["dpo"], bank.people[3])


def test_a_grant_for_somebody_else_is_no_grant(bank: Lender) -> None:
    """A grant row filed under another account by its look-up column opens nothing for them."""
    granted(bank)
    analyst2 = bank.tokens["analyst.2"]
    account = {a.name: i for i, a in list_accounts(bank.workspace, bank.tokens["operator"])}["analyst.2"]
    forge(bank, "UPDATE grants SET name = ?", account.hex())
    with pytest.raises(Tampered):
        disclose(bank.reopened().workspace, analyst2, bank.wish(bank.people[1], form="raw"))
    assert found(bank)


def test_a_row_of_one_kind_is_none_of_another(bank: Lender) -> None:
    """A genuine row copied into another table is not believed there."""
    granted(bank)
    forge(
        bank, "INSERT INTO grants SELECT randomblob(16), institution, version, name, subject, body, mac FROM requests"
    )
    assert found(bank)
    forge(bank, "UPDATE grants SET name = (SELECT max(name) FROM grants)")
    with pytest.raises((IntegrityError, Refused)):
        disclose(bank.reopened().workspace, bank.tokens["analyst"], bank.wish(bank.people[2], form="raw"))


def test_the_outcome_of_an_erasure_cannot_be_edited(bank: Lender) -> None:
    """A certificate is not issued from an erasure's row that says something else."""
    operation, _ = erase(bank.workspace, bank.tokens["dpo"], bank.people[1])
    ((_, _, _, _, _, body, _),) = rows_of(bank, "erasures")
    forge(bank, "UPDATE erasures SET body = ?", body.replace(b'"retained"', b'"erased"'))
    with pytest.raises(IntegrityError):
        certificate(bank.reopened().workspace, bank.tokens["dpo"], operation)
