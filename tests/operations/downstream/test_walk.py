"""A row says by itself whose it is; where nothing is known of what it says, it is in doubt, and that is said."""

from __future__ import annotations

from pathlib import Path

from shouxin.domain.items import ItemCode
from shouxin.operations.downstream.amend import Correction, correct_downstream, freeze_downstream
from shouxin.operations.downstream.report import Report
from shouxin.operations.downstream.walk import Trail
from shouxin.vault.erasure import Outcome
from tests.operations.downstream.small import Small

_MOBILE = "13900000001"
_KNOWN = {"id_number": ["1"], "mobile": [_MOBILE]}
_HEAD = """dataset = "crm"
version = 1
[identities]
customer_no = { one = true }
mobile = { item = "contact.mobile", weak = true }
"""
_NUMBERED = _HEAD + "id_number = { one = true }\n"
_PERSON = """
[table.person]
key = ["id"]
strategy = "delete_row"
freeze = { column = "frozen", value = 1, free = 0 }
[table.person.columns]
id = { not_personal = "number" }
customer_no = { item = "loan.contract_number", identity = "customer_no" }
name = { item = "identity.name" }
mobile = { item = "contact.mobile", identity = "mobile" }
frozen = { not_personal = "flag" }
"""
_MADE = (
    "CREATE TABLE person(id INTEGER NOT NULL PRIMARY KEY, customer_no TEXT, name TEXT, mobile TEXT, frozen INTEGER);"
)
_ONE = f"{_MADE} INSERT INTO person VALUES (1, 'C1', 'a', '{_MOBILE}', 0), (2, 'C2', 'b', '13900000002', 0);"
_PAPER = """
[table.paper]
key = ["id"]
strategy = "delete_row"
[table.paper.columns]
id = { not_personal = "number" }
person = { not_personal = "number", references = "person.id", of = "person" }
id_number = { item = "identity.id_number", identity = "id_number" }
"""
_PAPERS = """CREATE TABLE paper(id INTEGER NOT NULL PRIMARY KEY, person INTEGER REFERENCES person(id), id_number TEXT);
INSERT INTO paper VALUES (7, 1, '1'), (8, 2, '2');"""
_CALL = """
[table.call]
key = ["id"]
strategy = "delete_row"
[table.call.columns]
id = { not_personal = "number" }
person = { not_personal = "number", references = "person.id", of = "person" }
mobile = { item = "contact.mobile", identity = "mobile" }
"""
_CALLS = f"""CREATE TABLE call(id INTEGER NOT NULL PRIMARY KEY, person INTEGER REFERENCES person(id), mobile TEXT);
INSERT INTO call VALUES (20, 2, '{_MOBILE}');"""


def _said(report: Report) -> dict[str, tuple[str, int]]:
    return {part.table: (str(part.outcome), part.rows) for part in report.parts}


def test_a_row_that_names_its_owner_in_words_nobody_knows_is_in_doubt(tmp_path: Path) -> None:
    """The person's row has a number of the lender's own: it stays, is counted, and never is "nothing found"."""
    small = Small(tmp_path, _ONE, _PERSON, _HEAD)
    before = small.rows("person")
    seen = small.erase_all(_KNOWN, preview=True)
    report = small.erase_all(_KNOWN)
    assert _said(seen) == _said(report) == {"person": ("failed", 1)}
    (part,) = report.having(Outcome.FAILED)
    assert "customer_no" in part.reason
    assert part.to_do
    assert not [word for word in ("C1", "a", _MOBILE) if word in part.reason.split() + part.to_do.split()]
    assert small.rows("person") == before


def test_correcting_and_freezing_say_what_they_left_in_doubt(tmp_path: Path) -> None:
    """Neither the flag nor the name is set, and neither is called done or nothing found."""
    small = Small(tmp_path, _ONE, _PERSON, _HEAD)
    before = small.rows("person")
    known = Trail.of(_KNOWN)
    told = Correction(ItemCode("identity.name"), "c")
    assert _said(correct_downstream(small.database, small.dataset, known, told)) == {"person": ("failed", 1)}
    assert _said(freeze_downstream(small.database, small.dataset, known)) == {"person": ("failed", 1)}
    assert small.rows("person") == before


def test_once_its_number_is_known_the_row_goes_and_others_stay(tmp_path: Path) -> None:
    """A number that is known decides: the row of it is theirs, one of another number and the same mobile is not."""
    small = Small(tmp_path, f"{_ONE} INSERT INTO person VALUES (3, 'C3', 'c', '{_MOBILE}', 0);", _PERSON, _HEAD)
    assert _said(small.erase_all(_KNOWN)) == {"person": ("failed", 2)}
    report = small.erase_all({**_KNOWN, "customer_no": ["C1"]})
    assert _said(report) == {"person": ("erased", 1)}
    assert [row[0] for row in small.rows("person")] == [2, 3]


def test_what_leads_to_somebody_else_is_not_in_doubt(tmp_path: Path) -> None:
    """A call of somebody's, with this mobile: whoever it refers to has another ID number, so it is no business here."""
    small = Small(tmp_path, f"{_ONE} {_PAPERS} {_CALLS}", _PERSON + _PAPER + _CALL, _NUMBERED)
    report = small.erase_all(_KNOWN)
    assert _said(report) == {"person": ("erased", 1), "paper": ("erased", 1), "call": ("nothing-found", 0)}
    assert [row[0] for row in small.rows("call")] == [20]


def test_what_leads_to_nobody_who_is_known_is_in_doubt(tmp_path: Path) -> None:
    """The same call where no paper says whose the other person's row is: it may be theirs too, so it is said."""
    papers = _PAPERS.replace(", (8, 2, '2')", "")
    made = f"{_MADE} INSERT INTO person VALUES (1, NULL, 'a', '{_MOBILE}', 0), (2, NULL, 'b', NULL, 0);"
    small = Small(tmp_path, f"{made} {papers} {_CALLS}", _PERSON + _PAPER + _CALL, _NUMBERED)
    report = small.erase_all(_KNOWN)
    assert _said(report) == {"person": ("erased", 1), "paper": ("erased", 1), "call": ("failed", 1)}
    assert [row[0] for row in small.rows("call")] == [20]


def test_beyond_so_many_looks_all_that_is_left_is_in_doubt(tmp_path: Path) -> None:
    """A mobile in the calls of 150 others: 100 of them are looked up, the rest is said, and all stand."""
    many = "WITH RECURSIVE n(i) AS (SELECT 100 UNION SELECT i + 1 FROM n WHERE i < 249)"
    made = f"""{_ONE} {_PAPERS} {_CALLS} DELETE FROM call;
    INSERT INTO person {many} SELECT i, 'C' || i, 'x', NULL, 0 FROM n;
    INSERT INTO paper {many} SELECT i, i, i FROM n;
    INSERT INTO call {many} SELECT i, i, '{_MOBILE}' FROM n;"""
    small = Small(tmp_path, made, _PERSON + _PAPER + _CALL, _NUMBERED)
    report = small.erase_all(_KNOWN)
    assert _said(report) == {"person": ("erased", 1), "paper": ("erased", 1), "call": ("failed", 50)}
    assert len(small.rows("call")) == 150


def test_of_a_kind_of_which_a_person_has_many_another_number_shows_nothing(tmp_path: Path) -> None:
    """Somebody may have two accounts: the second, found by the mobile alone, is in doubt and not somebody else's."""
    head = _HEAD.replace("customer_no = { one = true }", "customer_no = {}")
    small = Small(tmp_path, f"{_ONE} INSERT INTO person VALUES (3, 'C3', 'a', '{_MOBILE}', 0);", _PERSON, head)
    (part,) = small.erase_all({**_KNOWN, "customer_no": ["C1"]}).having(Outcome.FAILED)
    assert (part.table, part.rows) == ("person", 1)
    assert [row[0] for row in small.rows("person")] == [2, 3]
