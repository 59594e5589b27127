"""Documents are derived from what is adopted, for whoever is signed in, and change nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.actors.account import Token
from shouxin.documents.processing_record import ProcessingRecord
from shouxin.documents.sharing import SharingList
from shouxin.domain.clock import local_date
from shouxin.errors import NotFound, NotSignedIn
from shouxin.operations.adopting.derive import DocumentKind, derive
from tests.documents.lender import BUREAU
from tests.operations.portfolio import Hands
from tests.workspaces import PURPOSE, audited, fresh, ready, signed_in

KINDS: tuple[DocumentKind, ...] = ("record", "inventory", "sharing", "assessment")


@pytest.mark.parametrize("kind", KINDS)
def test_each_document_is_about_what_is_adopted_and_records_nothing(tmp_path: Path, kind: DocumentKind) -> None:
    """Whoever is signed in gets it; it names the institution and the law pack; the ledger does not grow."""
    workspace = ready(tmp_path)
    analyst = signed_in(workspace, "analyst")
    size = audited(workspace).size
    value = derive(workspace, analyst, kind, "zh")
    assert (value.kind, value.institution, value.pack) == (kind, "测试金融有限公司", workspace.pack.digest)
    assert audited(workspace).size == size
    with pytest.raises(NotSignedIn):
        derive(workspace, Token("nobody"), kind, "zh")
    with pytest.raises(NotFound):
        derive(workspace, analyst, kind, "zh", "no.such.purpose")


def test_nothing_adopted_is_said(tmp_path: Path) -> None:
    """A lender without cards has no record to show."""
    workspace = fresh(tmp_path)
    with pytest.raises(NotFound):
        derive(workspace, signed_in(workspace, "dpo"), "record", "en")


def test_the_register_comes_as_an_argument(tmp_path: Path) -> None:
    """A recipient that no card names is advice; without a register there is none to speak of."""
    workspace = ready(tmp_path)
    dpo = signed_in(workspace, "dpo")
    record = derive(workspace, dpo, "record", "en", PURPOSE)
    assert isinstance(record, ProcessingRecord)
    assert [one.purpose for one in record.entries] == [PURPOSE]
    shared = [derive(workspace, dpo, "sharing", "en", recipients=given) for given in ((), (BUREAU,))]
    assert [[f.code for f in one.findings] for one in shared if isinstance(one, SharingList)] == [
        [],
        ["recipient-unused"],
    ]


def test_a_clock_that_went_back_revives_no_contract(tmp_path: Path) -> None:
    """The day of a document is never before what the ledger has seen."""
    hands = Hands()
    workspace = ready(tmp_path, hands)
    dpo = signed_in(workspace, "dpo")
    seen = derive(workspace, dpo, "record", "en").on
    hands.on(days=-40)
    assert local_date(hands.now()) < seen
    assert derive(workspace, dpo, "record", "en").on == seen
