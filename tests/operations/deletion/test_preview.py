"""What those who decide see: what, where, by which article, until when; and that many small orders are a bulk."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from shouxin.domain.clock import local_date
from shouxin.operations.adopting.recipients import register_recipient
from shouxin.operations.deletion.decide import cancel_order, show_order
from shouxin.operations.deletion.draft import draft_order, preview_order
from shouxin.operations.retaining.holds import Demand, set_hold
from shouxin.operations.retaining.relationship import end_relationship
from shouxin.policy.recipient import Recipient
from tests import workspaces
from tests.operations.deletion.house import DELETION, PAPER, house
from tests.operations.portfolio import CARD_NUMBER, JOB, card
from tests.workspaces import signed_in


def test_each_kept_item_has_its_own_date_or_none(tmp_path: Path) -> None:
    """What a floor keeps has the floor's day, what a court holds has none; what goes says by which article."""
    home = house(tmp_path)
    home.bank.take([1])
    workspace, tokens, who = home.bank.workspace, home.bank.tokens, home.bank.people[1]
    today = local_date(home.clock.now())
    end_relationship(workspace, tokens["dpo"], who, today)
    demand = Demand("court", "rights.answer", PAPER, today + timedelta(days=9), ("loan.file",))
    set_hold(workspace, tokens["dpo"], who, demand)
    seen = show_order(workspace, tokens["dpo"], home.drafted(home.wanted(who))).order.preview
    assert seen is not None
    lines = {(one.where, one.what): (one.outcome, one.article, one.until) for one in seen.lines}
    assert lines["vault", "employment.job"] == ("retained", "PIPL 13(1)", None)
    outcome, article, until = lines["vault", "identity.id_number"]
    assert (outcome, article) == ("retained", "AML 34(3)")
    assert until is not None
    assert (until.year, until.month) == (today.year + 10, today.month)


def test_the_databases_are_asked_table_by_table(tmp_path: Path) -> None:
    """Rows by table, each with an article; nothing changes there; without a way to open them, only their name."""
    home = house(tmp_path)
    home.bank.take([1, 2], customer=False)
    core = home.with_core(tmp_path, "work", "film")
    workspace = home.bank.workspace
    order_id = draft_order(workspace, home.desk, home.wanted(home.bank.people[1]))
    before = core.left()
    named = preview_order(workspace, home.desk, order_id)
    assert (named.systems, named.asked) == (("lender-core",), 0)
    asked = preview_order(workspace, home.desk, order_id, core.open)
    there = {one.what: (one.outcome, one.count, one.article) for one in asked.lines if one.where == "lender-core"}
    assert there == dict.fromkeys(("customer", "work", "film"), ("erased", 1, "PIPL 47(1)(1)"))
    assert asked.asked == 1
    assert core.left() == before


def test_whoever_an_earlier_version_named_is_among_the_recipients(tmp_path: Path) -> None:
    """What was given under a card is told of under any later one: seen before it is agreed to, as it is carried out."""
    home = house(tmp_path)
    workspace, tokens = home.bank.workspace, home.bank.tokens
    bureau = Recipient("bureau", "Bureau", "C-17", date(2035, 1, 1), "desk@bureau.example", (CARD_NUMBER, JOB))
    register_recipient(workspace, tokens["dpo"], bureau)
    listed = 'items = ["account.card_number", "employment.job"]\n[roles]'
    named = listed.replace("[roles]", 'recipients = ["bureau"]\ncontracts = { bureau = "C-17" }\n[roles]')
    text = card("loan.file", 2)
    assert text.count(listed) == 1
    workspaces.adopt(workspace, tokens["dpo"], text.replace(listed, named))
    home.bank.take([1], customer=False)
    workspaces.adopt(workspace, tokens["dpo"], card("loan.file", 3))
    seen = show_order(workspace, tokens["dpo"], home.drafted(home.wanted(home.bank.people[1]))).order.preview
    assert seen is not None
    assert seen.recipients == ("bureau",)


def test_many_small_orders_of_one_person_are_a_bulk(tmp_path: Path) -> None:
    """The order that reaches the bulk with those of the last days goes through the bulk's chain; others' do not count.

    A cancelled one does not count, nor one of a week ago, nor somebody else's.
    """
    home = house(tmp_path)
    card = DELETION.replace("version = 1", "version = 2").replace("bulk_days = 0", "bulk_days = 7")
    workspaces.adopt(home.bank.workspace, home.bank.tokens["dpo"], card)
    home.bank.take(range(1, 8), customer=False)
    workspace, people = home.bank.workspace, home.bank.people
    orders = [home.drafted(home.wanted(people[number])) for number in (1, 2, 3)]

    def bulk(order_id: object) -> bool:
        return show_order(workspace, home.bank.tokens["dpo"], order_id).order.bulk  # type: ignore[arg-type]

    assert [bulk(one) for one in orders] == [False, False, True]
    assert not bulk(draft_order(workspace, home.bank.tokens["dpo"], home.wanted(people[4])))
    cancel_order(workspace, home.desk, orders[0])
    assert not bulk(home.drafted(home.wanted(people[5])))
    assert bulk(home.drafted(home.wanted(people[6])))
    home.clock.on(days=8)
    home.bank.tokens["rights_desk"] = signed_in(workspace, "rights_desk")
    home.bank.tokens["dpo"] = signed_in(workspace, "dpo")
    assert not bulk(home.drafted(home.wanted(people[7])))
