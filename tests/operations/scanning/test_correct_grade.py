"""A correction is a row with a MAC and an event; it stands until it is withdrawn."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from shouxin.connectors.readers.files import FolderFiles
from shouxin.connectors.readers.notes_file import NotesFile
from shouxin.detection.column_evidence import observe
from shouxin.detection.survey.correction import case_file, correction, read_cases
from shouxin.detection.survey.evidence import PlaceEvidence, ScanReport
from shouxin.detection.survey.grading import judge_report
from shouxin.domain.clock import SystemClock
from shouxin.domain.event_kind import EventKind
from shouxin.errors import Invalid, NotFound, Refused, Tampered
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.scanning.correct_grade import (
    correct_grade,
    export_corrections,
    list_corrections,
    withdraw_correction,
)
from shouxin.operations.scanning.scan_source import read_report, scan_source, written
from tests import recorded
from tests.connectors.readers.sources import MOBILES, scanned
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
    told = [event.facts for event in recorded.events(workspace, EventKind.GRADE_CORRECTED)]
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


def test_a_correction_of_a_folder_is_not_one_of_another_folder_of_the_same_name(tmp_path: Path) -> None:
    """Two branches export to ``export``: what a steward says of one says nothing of the other, nor do its notes."""
    reports = []
    for branch in ("east", "west"):
        folder = tmp_path / branch / "export"
        folder.mkdir(parents=True)
        (folder / "a.csv").write_text("runs\n" + "\n".join(MOBILES) + "\n", "utf-8")
        reports.append(scanned(folder))
    east, west = reports
    assert (east.source, east.identity != west.identity) == (west.source, True)
    said = correction(east, "a.csv", [], "not-personal", column="runs")
    assert judge_report(east, corrections=[said]).level == 0
    assert judge_report(west, corrections=[said]).level > 0
    again = read_report(written(east))
    assert judge_report(again, corrections=read_cases(case_file([said]))).level == 0
    notes = NotesFile(tmp_path / "report.part")
    scan_source(FolderFiles(tmp_path / "east" / "export"), SystemClock(), notes=notes)
    with pytest.raises(Invalid, match="another scan"):
        scan_source(FolderFiles(tmp_path / "west" / "export"), SystemClock(), notes=notes, resume=True)
    notes.close()
