"""What a deletion leaves behind in a bucket and in a database is a residual with owner, day, and whose day it is."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from shouxin.approvals.order_transitions import OrderState
from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import OperationId
from shouxin.errors import Invalid
from shouxin.operations.certifying.certify import certificate
from shouxin.operations.deletion.decide import leave_system
from shouxin.operations.deletion.progress import progress_of
from shouxin.operations.downstream.databases import register_database, switch_database
from shouxin.operations.downstream.reading import read_dataset
from shouxin.operations.erasing.erase import erase
from shouxin.operations.objects.archive import run_archive
from shouxin.vault.certificate import check
from tests.buckets import bucket
from tests.databases import Fresh, mariadb, postgresql
from tests.operations.archives import DAYS, wait, with_archive
from tests.operations.core import described
from tests.operations.deletion.house import House, house
from tests.operations.portfolio import Hands, Lender

__all__ = ["mariadb", "postgresql"]

VERSIONS = "versions-in-the-archive-bucket"
DEAD_ROWS = {"postgresql": "dead-rows-and-wal-of-a-database", "mariadb": "undo-and-binlog-of-a-database"}


def listed(bank: Lender, operation: OperationId, *codes: str) -> list[tuple[str, str, str, str, date]]:
    """Return the residuals of these codes on the certificate, which holds."""
    document = certificate(bank.workspace, bank.tokens["dpo"], operation)
    check(document, bank.workspace.head.verifier)
    assert document["accountable_until"] > document["live"][:10]
    found = [one for one in document["residuals"] if one["what"] in codes]
    named = ("where", "owner", "state", "day_set_by")
    return [(*(one[name] for name in named), date.fromisoformat(one["due"])) for one in found]  # type: ignore[misc]


def archived(tmp_path: Path, where: str, days: int | None) -> Lender:
    """Return a lender whose customer 1 has a film in the archive, customer 2 one that never went there."""
    clock = Hands()
    bank = with_archive(tmp_path, clock, where)
    if days is not None:
        settings = bank.home / "config.toml"
        settings.write_text(f"archive_residual_days = {days}\n" + settings.read_text("utf-8"), "utf-8")
        bank = bank.reopened(clock)
    bank.take([1, 2], customer=False)
    bank.film(bank.people[1])
    wait(bank, clock, days=DAYS + 1)
    assert run_archive(bank.workspace, bank.tokens["operator"]).archived == 1
    bank.film(bank.people[2])
    return bank


@pytest.mark.parametrize(("days", "rule"), [(None, "accountable-until"), (7, "own-settings"), (0, "")])
def test_a_bucket_may_keep_what_was_deleted_in_it(tmp_path: Path, days: int | None, rule: str) -> None:
    """Of whoever had an object there, until the day of the settings, else while the lender accounts for it."""
    bank = archived(tmp_path, bucket(), days)
    done, erasure = erase(bank.workspace, bank.tokens["dpo"], bank.people[1])
    assert erasure.accountable_until is not None
    found = listed(bank, done, VERSIONS)
    if not rule:
        assert found == []
        return
    live = date.fromisoformat(certificate(bank.workspace, bank.tokens["dpo"], done)["live"][:10])
    ((*said, due),) = found
    assert said == ["archive", "data-protection-officer", "open", rule]
    if days is None:
        assert due == erasure.accountable_until
    else:
        assert timedelta(days - 1) <= due - live <= timedelta(days + 1)
    other, _ = erase(bank.workspace, bank.tokens["dpo"], bank.people[2])
    assert listed(bank, other, VERSIONS) == []


def test_a_folder_keeps_nothing_behind(tmp_path: Path) -> None:
    """What is removed from a folder of this machine has no versions."""
    bank = archived(tmp_path, "../archive", None)
    done, _ = erase(bank.workspace, bank.tokens["dpo"], bank.people[1])
    assert listed(bank, done, VERSIONS) == []


def erased_in(home: House, number: int) -> OperationId:
    """Erase a customer by an order, in the database too."""
    order = home.cooled(home.wanted(home.bank.people[number]))
    home.executed(order)
    (operation,) = progress_of(home.bank.workspace, home.bank.tokens["dpo"], order).operations
    return operation


@pytest.mark.parametrize("kind", DEAD_ROWS)
def test_a_database_keeps_dead_rows_and_logs_for_a_while(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    """Of rows that went from it, until the day of its description, else while the lender accounts for it."""
    fresh: Fresh = request.getfixturevalue(kind)
    home = house(tmp_path)
    home.bank.take([1, 2, 3], customer=False)
    home.with_core(fresh(), "work")
    bank, code = home.bank, DEAD_ROWS[kind]
    ((*said, due),) = listed(bank, erased_in(home, 1), *DEAD_ROWS.values(), VERSIONS)
    assert said == ["lender-core", "data-protection-officer", "open", "accountable-until"]
    assert due.year >= local_date(home.clock.now()).year + 3
    for number, days in ((2, 3), (3, 0)):
        text = described("work").replace("version = 1", f"version = {number}\nresidual_days = {days}")
        register_database(bank.workspace, bank.tokens["dpo"], text, "LENDER_DSN")
        found = listed(bank, erased_in(home, number), code)
        assert [one[3] for one in found] == (["own-settings"] if days else [])
        assert all(0 <= (one[4] - local_date(home.clock.now())).days <= days + 1 for one in found)


def test_what_an_earlier_run_erased_lies_in_the_logs_all_the_same(tmp_path: Path, postgresql: Fresh) -> None:
    """Where another database failed first, this one answers 'nothing found' the second time."""
    home = house(tmp_path)
    home.bank.take([1, 2], customer=False)
    core = home.with_core(postgresql(), "work")
    bank, code = home.bank, DEAD_ROWS["postgresql"]
    register_database(bank.workspace, bank.tokens["dpo"], described(name="lender-off"), "LENDER_DSN")
    switch_database(bank.workspace, bank.tokens["dpo"], "lender-off", on=False)
    order = home.cooled(home.wanted(bank.people[1]))
    assert home.executed(order).state is OrderState.UNFINISHED
    assert core.left()["customer"] == {2}
    leave_system(bank.workspace, bank.tokens["dpo"], order, "lender-off", local_date(home.clock.now()) + timedelta(9))
    assert home.executed(order).state is OrderState.DONE
    (operation,) = progress_of(bank.workspace, bank.tokens["dpo"], order).operations
    assert [one[0] for one in listed(bank, operation, code)] == ["lender-core"]
    told = certificate(bank.workspace, bank.tokens["dpo"], operation)["downstream"]
    assert ("lender-core", "nothing-found") in {(one["database"], one["outcome"]) for one in told}


def test_sqlite_overwrites_what_it_deletes(tmp_path: Path) -> None:
    """It is told to, so nothing is listed."""
    home = house(tmp_path)
    home.bank.take([1], customer=False)
    home.with_core(tmp_path, "work")
    assert listed(home.bank, erased_in(home, 1), *DEAD_ROWS.values()) == []


def test_days_that_are_none_do_not_read() -> None:
    """A description that says less than no day, or more than ten years, is refused with its line."""
    for days in (-1, 3661):
        with pytest.raises(Invalid, match="residual_days are 0 to 3660") as refused:
            read_dataset(described("work").replace("version = 1", f"version = 1\nresidual_days = {days}"))
        assert refused.value.place == "dataset:3"
