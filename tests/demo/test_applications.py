from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouxin.demo.applications import MOST_ROWS, Application, Defect, applications, columns, write_csv
from shouxin.demo.identities import AS_OF, is_fabricated
from shouxin.detection.checksums import id_number_is_valid
from shouxin.errors import Invalid

ID = "identity.id_number"
TEN = tuple(applications(10))


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines()


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def _age(application: Application) -> int:
    born = date.fromisoformat(application.values["identity.birth_date"])
    return AS_OF.year - born.year - ((AS_OF.month, AS_OF.day) < (born.month, born.day))


def test_a_thousand_come_from_the_german_set() -> None:
    """Each German row is joined with the person of its number: 28 items, right age and sex, 300 declined."""
    german = list(applications(1000))
    assert [application.line for application in german] == list(range(1, 1001))
    assert Counter(application.declined for application in german) == {False: 700, True: 300}
    assert {len(application.values) for application in german} == {28}
    assert len({application.values[ID] for application in german}) == 1000
    for application in german:
        assert str(_age(application)) == application.values["identity.age"]
        assert is_fabricated(application.values[ID])
        woman = application.values["family.status"].startswith("female")
        assert int(application.values[ID][16]) % 2 != woman
        assert application.declined == (application.values["credit.decision"] == "bad")
    assert (german[0].values["credit.amount"], german[0].values["loan.duration"]) == ("1169", "6")


@pytest.mark.slow
def test_more_come_from_the_taiwan_set() -> None:
    """Beyond a thousand the rows are Taiwan's, 30,000 at most, of which 6,636 defaulted."""
    taiwan = list(applications(MOST_ROWS))
    assert len(taiwan) == MOST_ROWS
    assert sum(application.declined for application in taiwan) == 6_636
    assert len({application.values["contact.mobile"] for application in taiwan}) == MOST_ROWS
    first = taiwan[0]
    assert str(_age(first)) == first.values["identity.age"] == "24"
    assert (first.values["credit.amount"], first.values["family.status"]) == ("20000", "female : married")


@pytest.mark.parametrize("rows", [0, -1, MOST_ROWS + 1])
def test_too_many_rows_are_refused_at_the_call(rows: int) -> None:
    """A number of rows that no set has is refused before the first row is asked for."""
    with pytest.raises(Invalid):
        applications(rows)


def test_fewer_rows_are_the_first_rows() -> None:
    """The same seed gives the same applications, and a smaller number gives the first of them."""
    assert tuple(applications(3)) == TEN[:3]
    assert next(applications(1, seed=1)).values[ID] != TEN[0].values[ID]
    assert len(list(applications(1001))) == 1001


def test_a_file_holds_what_the_applications_hold(tmp_path: Path) -> None:
    """What is written reads back value for value, with contacts and address book, and application n on line n + 1."""
    target = tmp_path / "loans.csv"
    assert write_csv(target, TEN) == 10
    rows = _read(target)
    assert tuple(rows[0]) == columns(TEN[0])
    for application, row in zip(TEN, rows, strict=True):
        assert {code: row[code] for code in application.values} == application.values
        assert row["application"] == str(application.line)
        assert row["emergency_2.mobile"] == application.emergency[1].mobile
        assert row["emergency_1.relation"] == application.emergency[0].relation
        assert row["address_book"] == ";".join(application.address_book or ())
        assert _lines(target)[application.line].startswith(row["application"].encode() + b",")
    assert {bool(row["address_book"]) for row in rows} == {True, False}


@settings(max_examples=30)
@given(bad=st.dictionaries(st.integers(1, 10), st.sampled_from(Defect)))
def test_only_the_bad_lines_are_bad(tmp_path_factory: pytest.TempPathFactory, bad: dict[int, Defect]) -> None:
    """Each spoilt line has its own defect and no other, and every other line is as without."""
    folder = tmp_path_factory.mktemp("csv")
    write_csv(folder / "good.csv", TEN)
    write_csv(folder / "bad.csv", TEN, bad)
    good, spoilt = _lines(folder / "good.csv"), _lines(folder / "bad.csv")
    width = len(columns(TEN[0]))
    assert len(good) == len(spoilt)
    for line, (right, wrong) in enumerate(zip(good, spoilt, strict=True)):
        if line not in bad:
            assert wrong == right
            continue
        assert wrong != right
        readable = bad[line] is not Defect.BROKEN_ENCODING
        fields = next(csv.reader([wrong.decode("utf-8" if readable else "gb18030")]))
        short = {Defect.MISSING_COLUMN: width - 1, Defect.TOO_FEW_FIELDS: 3}
        assert len(fields) == short.get(bad[line], width)
        if bad[line] is Defect.WRONG_CHECK_DIGIT:
            assert not id_number_is_valid(fields[2])
            assert fields[2][:17] == TEN[line - 1].values[ID][:17]
        if not readable:
            with pytest.raises(UnicodeDecodeError):
                wrong.decode("utf-8")


@pytest.mark.slow
def test_broken_encoding_is_never_valid_by_accident(tmp_path: Path) -> None:
    """Not one of a thousand lines of GB 18030 can be read as UTF-8."""
    target = tmp_path / "loans.csv"
    write_csv(target, applications(1000), dict.fromkeys(range(1, 1001), Defect.BROKEN_ENCODING))
    for line in _lines(target)[1:]:
        with pytest.raises(UnicodeDecodeError):
            line.decode("utf-8")


def test_a_column_can_be_left_out_of_the_file(tmp_path: Path) -> None:
    """A column that is left out is missing from the header and from every line."""
    target = tmp_path / "loans.csv"
    write_csv(target, TEN, leave_out=[ID, "address_book"])
    rows = _read(target)
    assert set(columns(TEN[0])) - set(rows[0]) == {ID, "address_book"}
    assert {len(row) for row in rows} == {len(columns(TEN[0])) - 2}
    assert rows[0]["identity.name"] == TEN[0].values["identity.name"]


@pytest.mark.parametrize(
    ("rows", "bad", "leave_out"),
    [
        (TEN, {11: Defect.TOO_FEW_FIELDS}, ()),
        (TEN, {1: Defect.WRONG_CHECK_DIGIT}, (ID,)),
        ((), {}, ()),
    ],
)
def test_a_refused_file_leaves_nothing_behind(
    tmp_path: Path, rows: tuple[Application, ...], bad: dict[int, Defect], leave_out: tuple[str, ...]
) -> None:
    """A defect that cannot be planted, or no rows, is refused, and what was at the path stays as it was."""
    target = tmp_path / "loans.csv"
    target.write_text("before", encoding="utf-8")
    with pytest.raises(Invalid):
        write_csv(target, rows, bad, leave_out)
    assert target.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [target]
