"""What accounts for erasures ends too: tags, evidence of orders, and whose the entries of the log were."""

from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.approvals.order import Ground
from shouxin.approvals.order_transitions import OrderState
from shouxin.bootstrap import restore_workspace
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import OperationId, OrderId, SubjectId
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import NotFound, NotInThisState, Refused
from shouxin.ledger.log import FlawKind
from shouxin.operations.account_for import account_for
from shouxin.operations.acting import begin
from shouxin.operations.advance import advance
from shouxin.operations.auditing.publish import publish
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.certifying.certify import certificate
from shouxin.operations.deletion.decide import agree_order, show_order, submit_order
from shouxin.operations.deletion.draft import Proof, draft_order, preview_order
from shouxin.operations.deletion.expire import Ended, expire
from shouxin.operations.deletion.progress import progress_of
from shouxin.operations.pause import pause_deletions, resume_deletions
from shouxin.operations.recovery.backup import back_up, reconcile
from shouxin.vault.certificate import check
from shouxin.vault.records import Records
from tests.operations.deletion.house import COOL_MINUTES, House, house
from tests.operations.rights.counter import CARDS
from tests.workspaces import adopt, signed_in

ROLES = ("rights_desk", "approver", "analyst", "dpo", "operator", "auditor", "collector")


def _later(home: House, days: int) -> None:
    home.clock.on(days=days)
    again = home.bank.reopened(home.clock)
    again.tokens |= {role: signed_in(again.workspace, role) for role in ROLES}
    home.bank.workspace.close()
    home.bank = again


def _erased(tmp_path: Path) -> House:
    home = house(tmp_path)
    home.bank.take([1, 2], customer=False)
    home.bank.masked(*home.bank.people.values())
    home.bank.masked(home.bank.people[1])
    home.executed(home.cooled(home.wanted(home.bank.people[1], ground=Ground.ASKED)))
    return home


def test_nothing_ends_before_its_term_nor_before_it_is_sealed(tmp_path: Path) -> None:
    """A day too early, paused, or with old copies of the key still about: nothing; an analyst ends nothing."""
    home = _erased(tmp_path)
    _later(home, 365 * 3 - 2)
    assert expire(home.bank.workspace, home.desk) == Ended(0, 0, 0)
    _later(home, 5)
    assert expire(home.bank.workspace, home.desk).people == 0, "not sealed"
    pause_deletions(home.bank.workspace, home.bank.tokens["auditor"])
    with pytest.raises(NotInThisState):
        expire(home.bank.workspace, home.desk)
    resume_deletions(home.bank.workspace, home.bank.tokens["dpo"])
    with pytest.raises(Refused):
        expire(home.bank.workspace, home.bank.tokens["analyst"])


def test_after_the_term_nobody_can_say_whose_the_entries_were(tmp_path: Path) -> None:
    """The account says that it has ended; the log verifies; an old certificate does too; others' accounts go on."""
    home = _erased(tmp_path)
    workspace, tokens = home.bank.workspace, home.bank.tokens
    who, other = home.bank.people[1], home.bank.people[2]
    advance(workspace, tokens["operator"])
    (operation,) = [
        OperationId(row.identifier)
        for row in workspace.data.read(lambda records: records.authority.find(AuthorityKind.ERASURE))
    ]
    document = certificate(workspace, tokens["dpo"], operation)
    assert len(account_for(workspace, tokens["dpo"], who)) > 2
    before = len(account_for(workspace, tokens["dpo"], other))
    _later(home, 365 * 3 + 2)
    workspace, tokens = home.bank.workspace, home.bank.tokens
    assert verify_ledger(workspace).flaws == []
    assert expire(workspace, home.desk).people == 1
    with pytest.raises(NotFound, match="accountability"):
        account_for(workspace, tokens["dpo"], who)
    with pytest.raises(NotFound):
        certificate(workspace, tokens["dpo"], operation)
    listed = workspace.data.read(lambda records: records.cells.openings_of(who))
    assert listed == []
    assert len(account_for(workspace, tokens["dpo"], other)) == before
    assert verify_ledger(workspace).flaws == []
    assert check(document, workspace.head.verifier).openings == len(document["openings"])
    assert expire(workspace, home.desk) == Ended(0, 0, 0)


def test_an_order_forgets_who_asked_and_whom_it_was_about(tmp_path: Path) -> None:
    """What was decided stays; the digest of the identity check, the papers and the people go."""
    home = _erased(tmp_path)
    rows = home.bank.workspace.data.read(lambda records: records.authority.find(AuthorityKind.ORDER))
    order_id = OrderId(rows[0].identifier)
    assert show_order(home.bank.workspace, home.bank.tokens["dpo"], order_id).order.identity is not None
    _later(home, 365 * 3 + 2)
    assert expire(home.bank.workspace, home.desk) == Ended(0, 0, 1)
    boxed = show_order(home.bank.workspace, home.bank.tokens["dpo"], order_id)
    assert (boxed.order.identity, boxed.order.scope, boxed.sample) == (None, bytes(32), ())
    assert boxed.order.agreements != ()
    assert progress_of(home.bank.workspace, home.bank.tokens["dpo"], order_id).erased == 1
    assert verify_ledger(home.bank.workspace).flaws == []


def test_ended_tags_are_removed_and_one_that_is_put_back_is_seen(tmp_path: Path) -> None:
    """Five years on the tags are gone, on record: the log verifies, and does not once an old one is put back."""
    home = _erased(tmp_path)
    tags = home.bank.workspace.data.read(lambda records: records.authority.find(AuthorityKind.SUPPRESSION))
    assert len(tags) > 1
    _later(home, 1826)
    assert expire(home.bank.workspace, home.desk).tags == len(tags)
    assert home.bank.workspace.data.read(lambda records: records.authority.find(AuthorityKind.SUPPRESSION)) == []
    assert verify_ledger(home.bank.workspace).flaws == []

    def put_back(records: Records) -> None:
        records.authority.add(tags[:1])
        act = begin(home.bank.workspace, records, home.bank.tokens["dpo"])
        records.record(act.event(EventKind.RETENTION_REVIEWED, role="dpo", undated=0, kept=0, due=0, holds=0))

    home.bank.workspace.data.transact(put_back)
    (flaw,) = verify_ledger(home.bank.workspace).flaws
    assert (flaw.kind, flaw.detail.startswith("an old version was put back")) == (FlawKind.ALTERED_ROW, True)


def test_a_restore_brings_no_pepper_back(tmp_path: Path) -> None:
    """From a backup before the end: the journal ends it again, and the account stays ended."""
    home = _erased(tmp_path)
    advance(home.bank.workspace, home.bank.tokens["operator"])
    who = home.bank.people[1]
    _later(home, 365 * 3 + 2)
    back_up(home.bank.workspace, home.bank.tokens["operator"], tmp_path / "backup")
    assert expire(home.bank.workspace, home.desk).people == 1
    publish(home.bank.workspace, home.bank.tokens["operator"])
    home.bank.workspace.close()
    restored, _ = restore_workspace(home.bank.home, tmp_path / "backup", clock=home.clock)
    reconcile(restored, home.bank.tokens["operator"])
    with pytest.raises(NotFound, match="accountability"):
        account_for(restored, signed_in(restored, "dpo"), who)


def test_an_order_that_nobody_carried_out_forgets_as_well(tmp_path: Path) -> None:
    """Agreed to and left alone, or never decided: it expired, and its evidence goes when its term is over."""
    home = house(tmp_path)
    home.bank.take([1, 2], customer=False)
    agreed = home.agreed(home.wanted(home.bank.people[1], ground=Ground.ASKED))
    waiting = home.drafted(home.wanted(home.bank.people[2], ground=Ground.ASKED))
    submit_order(home.bank.workspace, home.desk, waiting)
    _later(home, 365 * 3 + 3)
    assert expire(home.bank.workspace, home.desk) == Ended(0, 0, 2)
    for order_id in (agreed, waiting):
        order = show_order(home.bank.workspace, home.bank.tokens["dpo"], order_id).order
        assert (order.state, order.identity, order.forgotten) == (OrderState.EXPIRED, None, True)


def test_an_order_waits_for_the_papers_that_were_handed_in(tmp_path: Path) -> None:
    """While a sealed paper stands its order says whose it is; once the paper is erased the order forgets."""
    home = house(tmp_path)
    evidence = next(text for text in CARDS if 'purpose = "rights.evidence"' in text)
    adopt(home.bank.workspace, home.bank.tokens["dpo"], evidence)
    home.bank.take([1, 2], customer=False)
    paper = Proof.of("in-person", Plaintext(b"a scan of somebody's card"))
    wanted = home.wanted(home.bank.people[1], ground=Ground.ASKED)
    order_id = draft_order(home.bank.workspace, home.desk, wanted, paper)
    preview_order(home.bank.workspace, home.desk, order_id)
    submit_order(home.bank.workspace, home.desk, order_id)
    agree_order(home.bank.workspace, home.bank.tokens["approver"], order_id)
    home.clock.on(minutes=COOL_MINUTES)
    home.executed(order_id)
    identity = show_order(home.bank.workspace, home.bank.tokens["dpo"], order_id).order.identity
    assert identity is not None
    _later(home, 365 * 3 + 3)
    assert expire(home.bank.workspace, home.desk) == Ended(0, 0, 0, waiting=1)
    assert show_order(home.bank.workspace, home.bank.tokens["dpo"], order_id).order.identity == identity
    home.executed(home.cooled(home.wanted(SubjectId(identity.under), ground=Ground.EXPIRED, due=True)))
    assert expire(home.bank.workspace, home.desk) == Ended(0, 0, 1)
    assert show_order(home.bank.workspace, home.bank.tokens["dpo"], order_id).order.identity is None
