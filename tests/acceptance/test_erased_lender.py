"""The acceptance of issue 4: one person leaves vault and a real database of 21 tables, and can show it to anybody."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from shouxin.approvals.order import Ground
from shouxin.approvals.order_transitions import OrderState
from shouxin.connectors.downstream.sql_database import SqlDatabase
from shouxin.domain.plaintext import Plaintext
from shouxin.operations.auditing.publish import publish
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.certifying.certify import certificate, certificate_bytes
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.collecting.intake import Collected, Intake
from shouxin.operations.collecting.intake import Person as Applicant
from shouxin.operations.collecting.kept_out import SUPPRESSED
from shouxin.operations.deletion.decide import agree_order, show_order, submit_order
from shouxin.operations.deletion.draft import Proof, Wanted, draft_order, preview_order
from shouxin.operations.deletion.execute import execute_order
from shouxin.operations.deletion.progress import progress_of
from shouxin.operations.downstream.databases import register_database
from tests.connectors.downstream.lender import TEXT, Person, Portfolio, build, contents, everywhere
from tests.databases import Fresh, postgresql
from tests.operations.deletion.house import PAPER, House, house
from tests.operations.portfolio import ID_NUMBER, MOBILE, NAME, PLAN, told

__all__ = ["postgresql"]

ROOT = Path(__file__).resolve().parents[2]


def _somebody(made: Portfolio) -> Person:
    """Somebody whose mobile is their own, with rows in most tables, whom rows of others name."""
    wanted = {"customer", "contract", "guarantee", "document", "sms_log", "customer_device", "event"}

    def fits(person: Person) -> bool:
        own = {row.table.name for row in made.rows if row.owner == person.number}
        return not made.shared(person.mobile) and own >= wanted and any(person.number in r.names for r in made.rows)

    return next(filter(fits, made.people))


def _sync(home: House, people: list[Person], night: bytes) -> Collected:
    lines = [
        Intake(
            line,
            Applicant(
                {
                    NAME: Plaintext.of(one.name),
                    ID_NUMBER: Plaintext.of(one.id_number),
                    MOBILE: Plaintext.of(one.mobile),
                },
                told(),
            ),
        )
        for line, one in enumerate(people, 1)
    ]
    place = source_digest("core", night)
    return collect(home.bank.workspace, home.bank.tokens["collector"], PLAN, lines, place=place)


@pytest.mark.slow
def test_a_person_leaves_a_real_lender_and_proves_it(tmp_path: Path, postgresql: Fresh) -> None:
    """Ordered, agreed, carried out: no row of theirs is left in 21 tables, every other row is what it was.

    Tonight's file does not bring them back. Somebody who has the certificate, the log's key and one Python file is
    convinced; by a certificate with another outcome, not.
    """
    made = Portfolio(120, random.Random(20261122))
    who, other = _somebody(made), made.people[0]
    address = postgresql()
    engine = build(address, made)
    home = house(tmp_path)
    workspace, tokens = home.bank.workspace, home.bank.tokens
    assert _sync(home, [who, other], b"yesterday").taken == 2
    (subject,) = home.bank.look_up(ID_NUMBER, Plaintext.of(who.id_number))
    register_database(workspace, tokens["dpo"], TEXT, "LENDER_DSN")

    def opened(_variable: str) -> SqlDatabase:
        return SqlDatabase(address)

    order_id = draft_order(workspace, home.desk, Wanted((subject,), Ground.ASKED), Proof("in-person", PAPER))
    seen = preview_order(workspace, home.desk, order_id, opened)
    there = {one.what: one.count for one in seen.lines if one.where == "lender-core" and one.outcome == "erased"}
    assert contents(engine) == made.contents(), "a preview changes nothing"
    assert {"customer", "contract", "sms_log"} <= there.keys()
    assert all(one.article for one in seen.lines)
    submit_order(workspace, home.desk, order_id)
    agree_order(workspace, tokens["approver"], order_id)
    home.clock.on(minutes=61)
    assert execute_order(workspace, home.desk, order_id, opened).state is OrderState.DONE
    kept = show_order(workspace, tokens["dpo"], order_id).order.preview
    assert kept == seen

    assert contents(engine) == made.without(who.number)
    for text in (who.id_number, who.id_number.lower(), who.customer_no, who.name, who.mobile, who.email):
        assert everywhere(engine, text) == []
    assert everywhere(engine, other.customer_no) != []
    assert home.bank.is_gone(subject)

    tonight = _sync(home, [who, other], b"tonight")
    assert (tonight.taken, [one.reason for one in tonight.aside]) == (1, [SUPPRESSED])
    assert home.bank.look_up(ID_NUMBER, Plaintext.of(who.id_number)) == []

    publish(workspace, tokens["operator"])
    (operation,) = progress_of(workspace, tokens["dpo"], order_id).operations
    document = certificate(workspace, tokens["dpo"], operation)
    (said,) = document["downstream"]
    assert {one["table"]: one["before"] for one in said["tables"] if one["outcome"] == "erased"} == there
    assert all(one["after"] == 0 or one["table"] == "audit_entry" for one in said["tables"])
    assert verify_ledger(workspace).flaws == []
    key = tmp_path / "log.vkey"
    key.write_text(str(workspace.head.vkey), "utf-8")

    def convinced(shown: dict[str, object]) -> bool:
        file = tmp_path / "certificate.json"
        file.write_bytes(certificate_bytes(shown))
        command = [sys.executable, "-I", str(ROOT / "verify_certificate.py"), str(file), "--key", str(key)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0

    assert convinced(document)
    assert not convinced({**document, "outcome": "nothing-found"})
    assert not convinced({**document, "downstream": []})
