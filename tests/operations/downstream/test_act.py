"""Plans on small databases: clocks of their own, circles of references, tables that nobody described."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from shouxin.errors import Invalid
from shouxin.operations.downstream.schema import compare
from shouxin.vault.erasure import Outcome
from tests.operations.downstream.small import Small

PERSON = """
[table.person]
key = ["id"]
strategy = "delete_row"
[table.person.columns]
id = { item = "account.login_name", identity = "who" }
"""


def test_a_clock_of_the_row_itself_decides(tmp_path: Path) -> None:
    """Of three loans the one that ended long ago goes, one that ended lately is kept with its date, one runs on."""
    small = Small(
        tmp_path,
        "CREATE TABLE loan (no TEXT NOT NULL PRIMARY KEY, who TEXT, ended DATE, nick TEXT, still INT);"
        "INSERT INTO loan VALUES ('1','A','2016-11-22','n',0),('2','A','2020-05-01','n',0),('3','A',NULL,NULL,0),"
        "('4','B',NULL,'n',0);",
        '[table.loan]\nkey = ["no"]\n'
        'strategy = { keep = "CN-AML-34-3-TRANSACTION", reason = "transactions", since = "ended" }\n'
        '[table.loan.columns]\nno = { item = "loan.contract_number" }\n'
        'who = { item = "account.login_name", identity = "who" }\nended = { not_personal = "date" }\n'
        'nick = { item = "identity.former_name", strategy = "null" }\nstill = { not_personal = "flag" }\n'
        '[table.loan.freeze]\ncolumn = "still"\nvalue = 1\nfree = 0\n',
    )
    report = small.erase()
    assert small.rows("loan") == [
        ("2", "A", "2020-05-01", None, 1),
        ("3", "A", None, None, 1),
        ("4", "B", None, "n", 0),
    ]
    kept = {(one.until, one.rows, one.frozen) for one in report.having(Outcome.RETAINED)}
    assert kept == {(date(2030, 5, 1), 1, 1), (None, 1, 1)}
    assert report.having(Outcome.ERASED)[0].rows == 2, "one row deleted, one changed"
    assert report.outcome is Outcome.ERASED
    assert small.erase().outcome is Outcome.RETAINED


def test_rows_that_refer_to_one_another_go_in_waves(tmp_path: Path) -> None:
    """A chain by a column that may not be null is deleted from its end."""
    small = Small(
        tmp_path,
        "CREATE TABLE person (id TEXT NOT NULL PRIMARY KEY);"
        "CREATE TABLE page (id INTEGER NOT NULL PRIMARY KEY, who TEXT NOT NULL REFERENCES person(id),"
        " first INTEGER NOT NULL REFERENCES page(id));"
        "INSERT INTO person VALUES ('A'),('B');"
        "INSERT INTO page VALUES (1,'A',1),(2,'A',1),(3,'A',2),(4,'B',4);",
        PERSON + '[table.page]\nkey = ["id"]\nstrategy = "delete_row"\n[table.page.columns]\n'
        'id = { not_personal = "n" }\nwho = { item = "account.login_name", references = "person.id", of = "person" }\n'
        'first = { not_personal = "n", references = "page.id", of = "person" }\n',
    )
    assert small.erase().outcome is Outcome.ERASED
    assert (small.rows("person"), small.rows("page")) == ([("B",)], [(4, "B", 4)])


def test_a_circle_that_nothing_breaks_is_failed(tmp_path: Path) -> None:
    """Two tables that refer to each other by columns that may not be null: nothing is done, what to do is said."""
    small = Small(
        tmp_path,
        "CREATE TABLE person (id TEXT NOT NULL PRIMARY KEY, main INTEGER NOT NULL REFERENCES card(id)"
        " DEFERRABLE INITIALLY DEFERRED);"
        "CREATE TABLE card (id INTEGER NOT NULL PRIMARY KEY, who TEXT NOT NULL REFERENCES person(id));"
        "INSERT INTO person VALUES ('A', 1); INSERT INTO card VALUES (1, 'A');",
        PERSON + 'main = { not_personal = "key", references = "card.id", of = "person" }\n'
        '[table.card]\nkey = ["id"]\nstrategy = "delete_row"\n[table.card.columns]\nid = { not_personal = "n" }\n'
        'who = { item = "account.login_name", references = "person.id", of = "person" }\n',
    )
    (part,) = small.erase().parts
    assert part.reason == "cycle"
    assert "nullable" in part.to_do
    assert small.rows("card") == [(1, "A")]


def test_a_placeholder_shared_by_many_is_no_person(tmp_path: Path) -> None:
    """More rows than one person can have stop the walk."""
    rows = ",".join(f"({n},'A')" for n in range(300))
    small = Small(
        tmp_path,
        f"CREATE TABLE visit (id INTEGER NOT NULL PRIMARY KEY, who TEXT); INSERT INTO visit VALUES {rows};",
        '[table.visit]\nkey = ["id"]\nstrategy = "delete_row"\n[table.visit.columns]\nid = { not_personal = "n" }\n'
        'who = { item = "account.login_name", identity = "who" }\n',
    )
    small.dataset = replace(small.dataset, most_rows=200)
    (part,) = small.erase().parts
    assert part.reason == "more than 200 rows"
    assert len(small.rows("visit")) == 300


def test_text_is_never_a_number(tmp_path: Path) -> None:
    """A word sought in a column of numbers matches nothing, and a number written as text does."""
    small = Small(
        tmp_path,
        "CREATE TABLE person (id INTEGER NOT NULL PRIMARY KEY); INSERT INTO person VALUES (0), (7);",
        PERSON,
    )
    for word in ("A", "", "7x", "٧", "9" * 40):
        assert small.erase(word).outcome is Outcome.NOTHING_FOUND
    assert small.rows("person") == [(0,), (7,)]
    assert small.erase("7").outcome is Outcome.ERASED
    assert small.rows("person") == [(0,)]


def test_a_preview_says_what_an_erasure_would_do(tmp_path: Path) -> None:
    """The same parts, before; and nothing is changed."""
    small = Small(
        tmp_path, "CREATE TABLE person (id TEXT NOT NULL PRIMARY KEY); INSERT INTO person VALUES ('A');", PERSON
    )
    seen = small.erase(preview=True)
    assert not seen.done
    assert small.rows("person") == [("A",)]
    assert seen.parts == small.erase().parts


@pytest.mark.parametrize(
    ("script", "described", "code"),
    [
        ("CREATE TABLE person (id TEXT, no TEXT)", 'no = { item = "identity.name" }\n', "key-not-unique"),
        (
            "CREATE TABLE person (id TEXT NOT NULL PRIMARY KEY, no TEXT NOT NULL)",
            'no = { item = "identity.name", strategy = "null" }\n',
            "not-nullable",
        ),
        (
            "CREATE TABLE person (id TEXT NOT NULL PRIMARY KEY, no TEXT UNIQUE)",
            'no = { item = "identity.name", strategy = { replace = "x" } }\n',
            "unique",
        ),
        (
            "CREATE TABLE person (id TEXT NOT NULL PRIMARY KEY, no VARCHAR(8))",
            'no = { item = "identity.name", strategy = "token" }\n',
            "no-room",
        ),
        (
            "CREATE TABLE person (id TEXT NOT NULL PRIMARY KEY, no TEXT AS (id || 'x'))",
            'no = { item = "identity.name", strategy = "null" }\n',
            "computed-column",
        ),
        (
            "CREATE TABLE city (id PRIMARY KEY); CREATE TABLE person (id TEXT NOT NULL UNIQUE, no REFERENCES city)",
            'no = { item = "identity.name" }\n',
            "reference-not-described",
        ),
    ],
)
def test_what_the_database_would_refuse_is_found_before(tmp_path: Path, script: str, described: str, code: str) -> None:
    """Each difference between description and schema that would break or bend an erasure blocks it."""
    person = PERSON if "strategy" not in described else PERSON.replace(
        '"who" }', '"who", strategy = { keep = "CN-AML-34-3-IDENTITY", reason = "why" } }'
    ).replace('strategy = "delete_row"\n', "")  # fmt: skip
    small = Small(tmp_path, script, person + described)
    found = compare(small.dataset, small.database.schema(small.dataset))
    assert code in {one.code for one in found if one.blocks}
    assert small.erase().outcome is Outcome.FAILED


def test_only_a_floor_that_may_decide_keeps(tmp_path: Path) -> None:
    """A rule that the law pack has not, that is no floor or was not read in its text, keeps nothing: it is refused."""
    for rule in ("CN-NO-SUCH", "CN-PIPL-19-SHORTEST", "CN-CDD-INVESTIGATION"):
        described = PERSON.replace('"delete_row"', f'{{ keep = "{rule}", reason = "why" }}')
        small = Small(tmp_path, "CREATE TABLE IF NOT EXISTS person (id TEXT NOT NULL PRIMARY KEY)", described)
        with pytest.raises(Invalid):
            small.terms()


def test_a_cascade_by_another_column_than_the_key_is_seen(tmp_path: Path) -> None:
    """A table that nobody described, joined to a unique column that the walk had no need of: nothing is taken along."""
    small = Small(
        tmp_path,
        "CREATE TABLE person (id TEXT NOT NULL PRIMARY KEY, no TEXT UNIQUE);"
        "CREATE TABLE ledger (no TEXT, FOREIGN KEY (no) REFERENCES person (no) ON DELETE CASCADE);"
        "INSERT INTO person VALUES ('A', 'N'); INSERT INTO ledger VALUES ('N');",
        PERSON + 'no = { not_personal = "number" }\n[not_described]\nledger = "books"\n',
    )
    (part,) = small.erase().parts
    assert (part.table, part.reason, part.rows) == ("ledger", "cascades", 1)
    assert small.rows("person") == [("A", "N")]


def test_what_a_kept_row_refers_to_is_kept_with_it(tmp_path: Path) -> None:
    """The address of a contract under a floor stays as long as the contract, and goes with it; nobody else's goes."""
    small = Small(
        tmp_path,
        "CREATE TABLE address (id INTEGER NOT NULL PRIMARY KEY, line TEXT);"
        "CREATE TABLE loan (no TEXT NOT NULL PRIMARY KEY, who TEXT, ended DATE, still INTEGER,"
        "place INTEGER REFERENCES address(id));"
        "INSERT INTO address VALUES (1,'own'),(2,'shared'),(3,'old');"
        "INSERT INTO loan VALUES ('1','A','2020-05-01',0,1),('2','A','2020-05-01',0,2),('3','B',NULL,0,2),"
        "('4','A','2001-01-01',0,3);",
        '[table.address]\nkey = ["id"]\nstrategy = "delete_row"\ngoes_with_last = true\n[table.address.columns]\n'
        'id = { not_personal = "n" }\nline = { item = "contact.address" }\n'
        '[table.loan]\nkey = ["no"]\n'
        'strategy = { keep = "CN-AML-34-3-TRANSACTION", reason = "transactions", since = "ended" }\n'
        '[table.loan.columns]\nno = { item = "loan.contract_number" }\n'
        'who = { item = "account.login_name", identity = "who" }\nended = { not_personal = "date" }\n'
        'place = { not_personal = "key", references = "address.id", of = "shared" }\n'
        'still = { not_personal = "flag" }\n[table.loan.freeze]\ncolumn = "still"\nvalue = 1\nfree = 0\n',
    )
    report = small.erase()
    assert small.rows("address") == [(1, "own"), (2, "shared")]
    assert [row[0] for row in small.rows("loan")] == ["1", "2", "3"]
    assert {part.table: (part.rows, part.until) for part in report.having(Outcome.RETAINED)} == {
        "loan": (2, date(2030, 5, 1)),
        "address": (1, date(2030, 5, 1)),
    }
    assert report.outcome is Outcome.ERASED
