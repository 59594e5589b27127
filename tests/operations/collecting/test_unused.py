from __future__ import annotations

from pathlib import Path

from shouxin.connectors.csv_file import CsvSource
from shouxin.domain.clock import DAY
from shouxin.domain.plaintext import Plaintext
from shouxin.operations.collecting.run_plan import run_plan
from shouxin.operations.collecting.unused import unused_items
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.look_up import look_up
from shouxin.operations.opening.permit import Wish
from shouxin.policy.card import Form
from tests import workspaces
from tests.operations.portfolio import Hands
from tests.plans import approved, file_of, person_line


def test_what_was_collected_and_never_used_is_named_and_what_was_used_is_not(tmp_path: Path) -> None:
    """After the days, every item without a use of its purpose; a use of one item takes that one off the list.

    On the last day before what came under the plan is due, and nobody is found by it any more.
    """
    clock = Hands()
    bank = workspaces.ready(tmp_path, clock)
    text = workspaces.CARD.replace("version = 1", "version = 2\nlook_ups_an_hour = 1000")
    workspaces.adopt(bank, workspaces.signed_in(bank, "dpo"), text)
    collector, _ = approved(bank)
    run_plan(bank, collector, "applications", CsvSource(file_of(tmp_path / "p.csv", range(1, 4))))
    assert unused_items(bank, workspaces.signed_in(bank, "dpo"), 88) == []
    clock.at += 89 * DAY
    dpo = workspaces.signed_in(bank, "dpo")
    found = unused_items(bank, dpo, 88)
    assert {(one.source, one.plan, one.purpose, one.item) for one in found} == {
        ("branch", "applications", "credit.review", item)
        for item in ("identity.name", "identity.id_number", "contact.mobile", "credit.amount")
    }
    assert {one.records for one in found} == {3}
    analyst = workspaces.signed_in(bank, "analyst")
    number = Plaintext.of(person_line(2).split(",")[1])
    (who,) = look_up(bank, analyst, workspaces.PURPOSE, workspaces.ID_NUMBER, number)
    disclose(bank, analyst, Wish(workspaces.PURPOSE, frozenset({workspaces.AMOUNT}), (who,), Form("masked")))
    left = {one.item for one in unused_items(bank, dpo, 88)}
    assert left == {"identity.name", "contact.mobile"}
    clock.at += 91 * DAY
    assert len(unused_items(bank, workspaces.signed_in(bank, "dpo"), 90)) == 4


def test_a_use_by_a_purpose_that_draws_on_it_counts(tmp_path: Path) -> None:
    """What one purpose keeps and another reads is used."""
    clock = Hands()
    bank = workspaces.ready(tmp_path, clock)
    reads = workspaces.CARD.replace('"credit.review"', '"credit.scoring"').partition("[retention.file]")[0]
    reads = reads.replace("[roles]", "XX").replace(
        "assessment", 'draws_on = ["credit.review"]\nlook_ups_an_hour = 9\nassessment'
    )
    reads = reads.replace("XX", "[roles]").replace('sealed = ["collector"]\n', "").replace('raw = ["analyst"]\n', "")
    workspaces.adopt(bank, workspaces.signed_in(bank, "dpo"), reads)
    collector, _ = approved(bank)
    run_plan(bank, collector, "applications", CsvSource(file_of(tmp_path / "p.csv", range(1, 4))))
    clock.at += 91 * DAY
    analyst = workspaces.signed_in(bank, "analyst")
    number = Plaintext.of(person_line(2).split(",")[1])
    look_up(bank, analyst, "credit.scoring", workspaces.ID_NUMBER, number)
    left = {one.item for one in unused_items(bank, workspaces.signed_in(bank, "dpo"), 90)}
    assert left == {"identity.name", "contact.mobile", "credit.amount"}
