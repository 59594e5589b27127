"""A steward's correction: what it changes, what it cannot hide, and the case that is made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shouxin.detection.column_evidence import observe
from shouxin.detection.columns import Certainty
from shouxin.detection.media.media_finding import MediaFinding, MediaForm
from shouxin.detection.survey.correction import case_file, correction, read_cases, replay
from shouxin.detection.survey.evidence import PlaceEvidence, ScanReport, TextEvidence
from shouxin.detection.survey.grading import judge_report
from shouxin.detection.survey.reading import MediaWindow
from shouxin.detection.survey.words import explain_column
from shouxin.errors import Invalid, NotFound
from shouxin.operations.scanning.scan_source import read_report
from tests.connectors.readers.sources import CARDS, MOBILES, scanned

FOLDER = Path(__file__).parents[1] / "cases"


def _report(*columns: tuple[str, list[str]]) -> ScanReport:
    places = [PlaceEvidence("a.csv", "csv", columns=[observe(name, values) for name, values in columns])]
    return ScanReport("export", places=places)


def test_a_column_holds_what_the_steward_says() -> None:
    """Serial numbers that look like mobiles are none; the grade of the place follows; other sources are not touched."""
    report = _report(("runs", MOBILES))
    assert judge_report(report).level > 0
    said = correction(report, "a.csv", [], "not-personal", column="runs")
    verdict = judge_report(report, corrections=[said])
    column = verdict.places[0].columns[0]
    assert (verdict.level, column.items, column.certainty) == (0, (), Certainty.NOTHING)
    assert column.reasons == ("corrected",)
    assert "corrected by a steward" in explain_column(column, report.places[0].columns[0], "en")
    other = ScanReport("other", places=report.places)
    assert judge_report(other, corrections=[said]).level > 0


def test_a_correction_hides_nothing_that_came_later() -> None:
    """The same column, now with cards: they are graded, and somebody is asked to look again."""
    said = correction(_report(("runs", MOBILES)), "a.csv", [], "not-personal", column="runs")
    later = judge_report(_report(("runs", CARDS)), corrections=[said]).places[0].columns[0]
    assert later.items == ("account.card_number",)
    assert (later.certainty, later.reasons) == (Certainty.DOUBTFUL, ("corrected", "changed"))


def test_what_was_overlooked_is_graded() -> None:
    """A column and a place to which items are added."""
    report = _report(("c7", ["A-1", "A-2"]))
    column = correction(report, "a.csv", ["contact.wechat"], "overlooked", column="c7")
    place = correction(report, "a.csv", ["identity.name"], "overlooked")
    assert set(judge_report(report, corrections=[column, place]).places[0].items) == {"contact.wechat", "identity.name"}


def test_a_kind_in_a_text_is_taken_out(tmp_path: Path) -> None:
    """Until there is ten times as much of it."""
    (tmp_path / "a.log").write_text("\n".join(f"run {one}" for one in MOBILES[:20]), "utf-8")
    report = scanned(tmp_path)
    said = correction(report, "a.log", [], "not-personal", kind="mobile")
    assert judge_report(report, corrections=[said]).level == 0
    (tmp_path / "a.log").write_text("\n".join(f"run {one}" for one in MOBILES[:210]), "utf-8")
    assert judge_report(scanned(tmp_path), corrections=[said]).level > 0


def test_a_false_face_is_taken_out() -> None:
    """A kind seen in a picture is not graded any more; another kind is, and ten times as many faces are."""

    def report(faces: int, *more: MediaFinding) -> ScanReport:
        one = PlaceEvidence("card.png")
        found = [*[MediaFinding("face", 0.9)] * faces, *more]
        one.add_media(MediaWindow("card.png", MediaForm.PICTURE, found, 1, 1))
        return ScanReport("export", places=[one])

    seen = report(2)
    assert judge_report(seen).places[0].items == ("biometric.face_photo",)
    said = correction(seen, "card.png", [], "not-personal", kind="face")
    assert (said.was, judge_report(seen, corrections=[said]).level) == (("biometric.face_photo",), 0)
    both = judge_report(report(2, MediaFinding("mobile", 0.9)), corrections=[said]).places[0]
    assert both.items == ("contact.mobile",)
    assert judge_report(report(21), corrections=[said]).level > 0
    (kept,) = read_cases(case_file([said]))
    assert kept == said
    assert [(case.now, case.holds) for case in replay([kept])] == [(("biometric.face_photo",), False)]


def test_a_kind_in_a_text_is_a_case_too(tmp_path: Path) -> None:
    """The counts of the text of the day are judged again: while the rules still count the kind, the case is wrong."""
    (tmp_path / "a.log").write_text("\n".join(f"run {one}" for one in MOBILES[:20]), "utf-8")
    said = correction(scanned(tmp_path), "a.log", [], "not-personal", kind="mobile")
    assert [(case.now, case.holds) for case in replay([said])] == [(("contact.mobile",), False)]
    found = {"person_name": {8: 1}}
    few = ScanReport("export", places=[PlaceEvidence("b.log", text=TextEvidence(10, 1, found))])
    assert [case.holds for case in replay([correction(few, "b.log", [], "not-personal", kind="person_name")])] == [True]


@pytest.mark.parametrize(
    ("place", "items", "reason", "what"),
    [
        ("b.csv", [], "not-personal", {"column": "runs"}),
        ("a.csv", [], "not-personal", {"column": "other"}),
        ("a.csv", [], "not-personal", {"kind": "mobile"}),
        ("a.csv", [], "not-personal", {}),
        ("a.csv", [], "because", {"column": "runs"}),
        ("a.csv", ["contact.mobile"], "not-personal", {"column": "runs", "kind": "mobile"}),
    ],
)
def test_a_correction_is_about_something_that_was_seen(place: str, items: list[str], reason: str, what: Any) -> None:
    """No such place, column, kind or reason; nothing said; two things at once."""
    with pytest.raises(Invalid):
        correction(_report(("runs", MOBILES)), place, items, reason, **what)


def test_an_item_is_one_of_the_taxonomy() -> None:
    """An unknown code is refused."""
    with pytest.raises((Invalid, NotFound)):
        correction(_report(("runs", MOBILES)), "a.csv", ["identity.shoe"], "other-item", column="runs")


def test_a_case_is_read_back_and_replayed() -> None:
    """As it was, without a value; the rules alone still say otherwise; the file reads as a report too."""
    report = _report(("runs", MOBILES), ("phone", MOBILES))
    wrong = correction(report, "a.csv", [], "not-personal", column="runs")
    right = correction(report, "a.csv", ["contact.mobile"], "other-item", column="phone")
    data = case_file([wrong, right])
    assert read_cases(data) == [wrong, right]
    assert [one.holds for one in replay(read_cases(data))] == [False, True]
    assert judge_report(read_report(data)).places[0].items == ("contact.mobile",)
    assert b"contact.mobile" in data
    assert not [one for one in MOBILES if one.encode() in data]
    for broken in (b"", b"{}", b'{"format": "other/1"}'):
        with pytest.raises(Invalid):
            read_cases(broken)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.name)
def test_the_rules_answer_the_cases_of_stewards(path: Path) -> None:
    """Every case that was exported into the folder is answered without the correction."""
    cases = replay(read_cases(path.read_bytes()))
    assert cases
    assert [(one.said.place, one.said.column, one.now) for one in cases if not one.holds] == []
