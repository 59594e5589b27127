from __future__ import annotations

import pytest

from shouxin.detection import plain
from shouxin.detection.finding import SHAPE, FindingKind
from shouxin.detection.survey.evidence import PlaceEvidence, ScanReport, TextEvidence, shown
from shouxin.detection.survey.grading import judge_place, judge_report
from shouxin.detection.survey.reading import Basis, RowWindow
from shouxin.detection.survey.words import explain_column, explain_kind, percent
from tests.connectors.readers.sources import CARDS, IDS, MOBILES
from tests.detection.test_column_evidence import ORDERS


def _table(**columns: list[str]) -> PlaceEvidence:
    evidence = PlaceEvidence("t")
    rows = max(map(len, columns.values()))
    evidence.add_rows(RowWindow("t", "csv", columns, rows, rows, Basis.ALL), plain.find)
    return evidence


def _text(text: str) -> PlaceEvidence:
    evidence = PlaceEvidence("log", "text", text=TextEvidence())
    assert evidence.text is not None
    evidence.text.add(evidence.text.watched(plain.find)(text.encode()))
    return evidence


def test_the_highest_wins_and_combination_raises() -> None:
    """Four columns of C2 in one table are C3 together; each alone is not; two tables are not combined."""
    four = _table(cust_name=["张伟"] * 400, cert_no=IDS, phone=MOBILES, card_no=CARDS)
    verdict = judge_place(four)
    assert verdict.grade is not None
    assert (verdict.grade.level, verdict.grade.klass, verdict.grade.raised_by) == (4, "C3", ("FOUR-ELEMENTS",))
    apart = ScanReport(
        "s", places=[_table(cust_name=["张伟"] * 400, cert_no=IDS), _table(phone=MOBILES, card_no=CARDS)]
    )
    together = judge_report(apart)
    assert (together.level, together.klass) == (3, "C2")
    assert len(together.at_level(3)) == 2


def test_windows_of_one_table_add_up() -> None:
    """Rows in two windows are judged as rows in one."""
    once, twice = _table(phone=MOBILES), PlaceEvidence("t")
    for part in (MOBILES[:100], MOBILES[100:]):
        twice.add_rows(RowWindow("t", "csv", {"phone": part}, len(part), len(part), Basis.ALL), plain.find)
    assert once == twice


def test_text_is_graded_by_what_is_believed() -> None:
    """Order numbers that pass as cards by chance are told, not graded; weak findings are a hint; cards count."""
    orders = judge_place(_text("\n".join(f"ref {one}" for one in ORDERS)))
    assert orders.grade is None
    (kind,) = orders.kinds
    assert (kind.kind, kind.chance) == (FindingKind.BANK_CARD, True)
    cards = judge_place(_text("\n".join([f"pay {one}" for one in CARDS[:5]] + [f"id {one}" for one in IDS])))
    assert set(cards.items) == {"account.card_number", "identity.id_number"}
    weak = PlaceEvidence("t", text=TextEvidence(found={"resident_id_15": {SHAPE: 3}, "made_up": {SHAPE: 1}}))
    assert judge_place(weak).grade is None
    assert judge_place(weak).kinds[0].weak == 3


def test_a_verdict_explains_itself() -> None:
    """In both languages, with counts and bounds; a contradicted name and chance say so."""
    evidence = _table(cert_no=IDS, phone=["n/a"] * 400, ref=ORDERS[:400], x=["-"] * 400)
    told = {
        language: [
            explain_column(verdict, seen, language)
            for verdict, seen in zip(judge_place(evidence).columns, evidence.columns, strict=True)
        ]
        for language in ("zh", "en")
    }
    cert, phone, order, other = told["en"]
    assert "400 of 400 values looked at are: Identity document number with a right check digit; 99" in cert
    assert "the name of the column says so too" in cert
    assert "the 400 values looked at say no: at most 0.95% can be" in phone
    assert "no more than chance lets through of 400 numbers" in order
    assert other == "nothing in the 400 values looked at; at most 0.95% of them can hold any (95%)"
    assert told["zh"][0].startswith("抽查的 400 个值中有 400 个是身份证件号码（校验位正确）")
    assert explain_kind(judge_place(_text(f"call {MOBILES[0]}")).kinds[0], "zh") == "1 处手机号码"


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0%"), (1, "100%"), (0.5, "50%"), (0.99996, "100%"), (0.0004, "0.04%"), (0.955, "95.5%")]
)
def test_percent_is_as_exact_as_it_needs(share: float, text: str) -> None:
    """Near the ends two digits, in the middle none."""
    assert percent(share) == text


def test_a_place_that_names_a_person_is_shown_without() -> None:
    """Numbers of people become their kind; addresses of machines stay; torn bytes do not raise."""
    assert shown(f"loans/{MOBILES[0]}/{IDS[0]}.pdf") == ("loans/[mobile]/[resident_id].pdf", ("mobile", "resident_id"))
    assert shown("10.0.0.5/app.log") == ("10.0.0.5/app.log", ())
    assert shown("a\udcff.txt")[0].startswith("a")
