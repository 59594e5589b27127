"""A correction is a row with a MAC and an event; it stands until it is withdrawn."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from shouxin.detection.column_evidence import observe
from shouxin.detection.survey.correction import correction, read_cases
from shouxin.detection.survey.evidence import PlaceEvidence, ScanReport
from shouxin.domain.event_kind import EventKind
from shouxin.errors import NotFound, Refused, Tampered
from shouxin.ledger.entry import decode
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.scanning.correct_grade import (
    correct_grade,
    export_corrections,
    list_corrections,
    withdraw_correction,
)
from tests.connectors.readers.sources import MOBILES
from tests.workspaces import close, fresh, home_of, reopened, signed_in

REPORT = ScanReport("export", places=[PlaceEvidence("a.csv", "csv", columns=[observe("runs", MOBILES)])])
SAID = correction(REPORT, "a.csv", [], "not-personal", column="runs")


def test_a_correction_is_kept_recorded_changed_and_withdrawn(tmp_path: Path) -> None:
    """Each step is an event of codes; neither place nor column stands in it; the rows are what the log vouches for."""
    workspace = fresh(tmp_path)
    steward = signed_in(workspace, "data_steward")
    correct_grade(workspace, steward, SAID)
    other = replace(SAID, items=correction(REPORT, "a.csv", ["device.id"], "other-item", column="runs").items)
    correct_grade(workspace, signed_in(workspace, "dpo"), other)
    assert [one.said for one in list_corrections(workspace, steward)] == [other]
    assert read_cases(export_corrections(workspace, steward)) == [other]
    withdraw_correction(workspace, steward, SAID)
    assert list_corrections(workspace, steward) == []
    assert [(one.said, one.ended) for one in list_corrections(workspace, steward, every=True)] == [(other, True)]
    with pytest.raises(NotFound):
        withdraw_correction(workspace, steward, SAID)
    bodies = workspace.data.read(lambda records: list(records.ledger.entries(0, records.ledger.size)))
    told = [event.facts for _, body in bodies if (event := decode(body)).kind is EventKind.GRADE_CORRECTED]
    assert [(one["change"], one["role"], one["items"], one["removed"]) for one in told] == [
        ("made", "data_steward", [], ["contact.mobile"]),
        ("changed", "dpo", ["device.id"], ["contact.mobile"]),
        ("withdrawn", "data_steward", ["device.id"], ["contact.mobile"]),
    ]
    assert "runs" not in str(told)
    assert verify_ledger(workspace).flaws == []


@pytest.mark.parametrize("role", ["analyst", "operator", "auditor"])
def test_others_correct_nothing(tmp_path: Path, role: str) -> None:
    """Only a data steward or the data-protection officer."""
    workspace = fresh(tmp_path)
    with pytest.raises(Refused):
        correct_grade(workspace, signed_in(workspace, role), SAID)


def test_a_forged_correction_is_seen(tmp_path: Path) -> None:
    """A row that was changed in the store hides nothing: whoever reads it is told."""
    workspace = fresh(tmp_path)
    steward = signed_in(workspace, "data_steward")
    correct_grade(workspace, steward, SAID)
    close(workspace)
    with sqlite3.connect(home_of(tmp_path) / "data" / "data.db") as rows:
        statement = "UPDATE grade_corrections SET body = replace(CAST(body AS TEXT), 'runs', 'phone')"
        assert rows.execute(statement).rowcount == 1
    rows.close()
    with pytest.raises(Tampered):
        list_corrections(reopened(tmp_path), steward)
