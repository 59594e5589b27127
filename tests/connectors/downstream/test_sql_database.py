"""One person leaves a real database, whole, and nobody else is touched; what cannot be done is said."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa

from shouxin.connectors.downstream.sql_database import SqlDatabase
from shouxin.domain.items import ItemCode
from shouxin.errors import Misconfigured, StoreUnavailable
from shouxin.operations.downstream.act import erase_downstream, preview_downstream
from shouxin.operations.downstream.amend import Correction, correct_downstream, freeze_downstream
from shouxin.operations.downstream.report import Amended, Report
from shouxin.operations.downstream.rows import Rows, Sought
from shouxin.operations.downstream.schema import compare
from shouxin.operations.downstream.walk import Trail
from shouxin.vault.erasure import Outcome
from tests.connectors.downstream.lender import (
    DATA,
    Person,
    Portfolio,
    build,
    contents,
    dataset,
    everywhere,
    terms,
    trail,
)
from tests.databases import Fresh

PEOPLE = 200


def portfolio(count: int = PEOPLE) -> Portfolio:
    """The same people each time."""
    return Portfolio(count, random.Random(20261122))


def somebody(made: Portfolio, *, alone: bool = True) -> Person:
    """Somebody with contracts, a guarantor and guarantees, whose mobile is theirs ``alone`` or a household's."""
    tables = ("contract", "payment", "guarantee", "document", "sms_log", "collection_note", "customer_device")
    wanted = tables if alone else tables[:1]

    def fits(person: Person) -> bool:
        own = {row.table.name for row in made.rows if row.owner == person.number}
        named = {row.table.name for row in made.rows if person.number in row.names}
        return made.shared(person.mobile) is not alone and own >= set(wanted) and bool(named)

    return next(filter(fits, made.people))


def reasons(report: Report) -> dict[str, str]:
    """What failed, and why, by table."""
    return {part.table: part.reason for part in report.having(Outcome.FAILED)}


@pytest.mark.slow
def test_one_person_is_erased_and_nobody_else_is_touched(address: str) -> None:
    """Of 200 people in 21 tables one goes, in every spelling and reference; every other row is what it was."""
    made = portfolio()
    who = somebody(made)
    engine = build(address, made)
    assert contents(engine) == made.contents()
    assert {"customer", "sms_log", "lead"} <= set(everywhere(engine, who.mobile))
    assert {"customer", "event", "audit_entry"} <= set(everywhere(engine, who.customer_no))
    described, database = dataset(), SqlDatabase(address)

    before = preview_downstream(database, described, trail(who), terms(described))
    assert contents(engine) == made.contents(), "a preview changes nothing"
    report = erase_downstream(database, described, trail(who), terms(described))

    assert contents(engine) == made.without(who.number)
    for text in (who.id_number, who.id_number.lower(), who.customer_no, who.name, who.mobile, who.email):
        assert everywhere(engine, text) == []
    assert report.outcome is Outcome.ERASED
    assert not report.after
    assert report.before == before.before
    assert {part.table: part.rows for part in before.having(Outcome.ERASED)} == {
        part.table: part.rows for part in report.having(Outcome.ERASED)
    }
    again = erase_downstream(database, described, report.trail, terms(described))
    assert again.outcome is Outcome.NOTHING_FOUND
    assert contents(engine) == made.without(who.number)


def test_of_a_shared_mobile_nobody_says_whose_it_is(sqlite: Fresh) -> None:
    """Rows that only a household's mobile leads to stay and are reported; all others of the person go."""
    made = portfolio()
    who = somebody(made, alone=False)
    address = sqlite()
    engine = build(address, made)
    described = dataset()
    report = erase_downstream(SqlDatabase(address), described, trail(who), terms(described))
    assert contents(engine) == made.without(who.number)
    assert report.outcome is Outcome.FAILED
    assert set(reasons(report)) <= {"sms_log", "lead"}
    assert reasons(report)
    assert everywhere(engine, who.id_number) == []
    assert everywhere(engine, who.mobile)


def test_what_law_keeps_is_retained_with_its_article_and_date(address: str) -> None:
    """Under a floor that runs, identity and contracts stay for ten years; marketing and notes go at once."""
    made = portfolio(12)
    who = somebody_with_contract(made)
    engine = build(address, made)
    described, database = dataset(), SqlDatabase(address)
    ended = date(2026, 3, 31)
    report = erase_downstream(database, described, trail(who), terms(described, ended))
    kept = {part.table: part for part in report.having(Outcome.RETAINED)}
    assert {"customer", "contract", "identity_document"} <= set(kept)
    assert {part.until for part in kept.values()} == {date(2036, 3, 31)}
    assert kept["contract"].rule == "CN-AML-34-3-TRANSACTION"
    assert kept["contract"].article == "AML 34(3)"
    rows = contents(engine)
    assert not [row for row in rows["marketing"] if row[0] == who.number]
    (own,) = [row for row in rows["customer"] if row[0] == who.number]
    assert own[2].upper() == who.id_number
    assert own[5] is None, "the e-mail is no identity data and goes"
    again = erase_downstream(database, described, report.trail, terms(described, ended))
    assert again.outcome is Outcome.RETAINED
    assert contents(engine) == rows
    over = erase_downstream(database, described, trail(who), terms(described, date(2016, 11, 22)))
    assert over.outcome is Outcome.ERASED
    assert contents(engine) == made.without(who.number)


def somebody_with_contract(made: Portfolio) -> Person:
    """Somebody with a contract whose mobile is theirs alone."""
    owners = {row.owner for row in made.rows if row.table.name == "contract"}
    return next(one for one in made.people if one.number in owners and not made.shared(one.mobile))


def test_a_floor_on_the_child_alone_stops_the_erasure(sqlite: Fresh) -> None:
    """A description that keeps payments but lets their contract go is refused before anything is changed."""
    made = portfolio()
    who = somebody(made)
    address = sqlite()
    engine = build(address, made)

    def broken(text: str) -> str:
        head, table = text.split("[table.contract]")
        return (
            head
            + "[table.contract]"
            + table.replace(
                'strategy = { keep = "CN-AML-34-3-TRANSACTION", reason = "transaction information" }',
                'strategy = "delete_row"',
                1,
            )
        )

    described = dataset(broken)
    report = erase_downstream(SqlDatabase(address), described, trail(who), terms(described, date(2026, 1, 1)))
    assert "still-referenced" in reasons(report).values()
    assert contents(engine) == made.contents()


def test_a_cascade_beyond_the_plan_is_refused(address: str) -> None:
    """Rows that ON DELETE CASCADE would take with it, though nobody planned it, keep everything where it is."""
    made = portfolio(12)
    who = somebody_with_contract(made)
    engine = build(address, made)

    def hidden(text: str) -> str:
        start = text.index("[table.marketing]")
        end = text.index("[table.collection_note]")
        return (text[:start] + text[end:]).replace("[not_described]", '[not_described]\nmarketing = "forgotten"')

    described = dataset(hidden)
    report = erase_downstream(SqlDatabase(address), described, trail(who), terms(described))
    assert reasons(report)["marketing"] == "cascades"
    assert contents(engine) == made.contents()


def test_correction_goes_to_every_row_about_the_person(address: str) -> None:
    """A new mobile stands in every own row that had the old one; who names them is told apart, and read back."""
    made = portfolio(12)
    who = somebody_with_contract(made)
    engine = build(address, made)
    described, database = dataset(), SqlDatabase(address)
    right = "19912340000"
    correction = Correction(ItemCode("contact.mobile"), right, was=who.mobile)
    report = correct_downstream(database, described, trail(who), correction)
    assert report.outcome is Amended.CORRECTED
    rows = contents(engine)
    (own,) = [row for row in rows["customer"] if row[0] == who.number]
    assert own[4] == right
    assert not [row for row in rows["call_log"] if row[1] == who.number and row[2] != right]
    others = {name: {row for row in kept if right not in row} for name, kept in rows.items()}
    assert all(others[name] <= made.contents()[name] for name in others)
    again = correct_downstream(database, described, trail(who), correction)
    assert again.outcome is Outcome.NOTHING_FOUND


BY_HAND = "decide by hand whose these rows are; give them their owner's number, or delete them"


@pytest.mark.parametrize("role", ["guarantor", "contact"])
def test_a_right_name_stays_with_whom_it_names(address: str, role: str) -> None:
    """A borrower's new name leaves those whom their rows name; it comes to where other rows name them, and is kept."""
    made = portfolio(12)
    table = {"guarantor": "guarantee", "contact": "emergency_contact"}[role]
    column = {"guarantor": "guarantor_name", "contact": "contact_name"}[role]
    naming = [row for row in made.rows if row.table.name == table and row.names]
    who = next(one for one in made.people if any(one.number in row.names for row in naming))
    owing = next(one for one in made.people if any(one.number == row.owner for row in naming) and one is not who)
    engine, contested_ones = build(address, made), 0
    for person, right in ((who, "王新名"), (owing, "李改名")):
        told = Correction(ItemCode("identity.name"), right)
        report = correct_downstream(SqlDatabase(address), dataset(), trail(person), told)
        assert report.having(Amended.CORRECTED)
        assert {part.to_do for part in report.having(Outcome.FAILED)} <= {BY_HAND}
        contested_ones += len(report.having(Outcome.FAILED))
        for row in made.rows:  # the oracle knows whose each row is, and whom it names
            if row.table.name in {"customer", "lead"} and row.owner == person.number:
                row.values["name"] = right
            for one in {"guarantor_name", "contact_name"} & {*row.names.get(person.number, ())}:
                row.values[one] = right
            if row.values.get("guarantor_id") == row.owner == person.number:
                row.values["guarantor_name"] = right
        assert contents(engine) == made.contents()
    assert {row.values[column] for row in naming if who.number in row.names} == {"王新名"}
    assert (contested_ones > 0) == (role == "contact")  # rows with a mobile of two people: left as they are, and said


@pytest.mark.parametrize("item", ["contact.mobile", "emergency.mobile"])
def test_a_right_mobile_comes_to_rows_that_name_them_as_a_contact(sqlite: Fresh, item: str) -> None:
    """By either item; as a contact alone, their own row stays. A row that is put back is not called corrected."""
    made = portfolio(12)
    row = next(row for row in made.rows if row.table.name == "emergency_contact" and row.names)
    who = made.people[next(iter(row.names)) - 1]
    engine = build(address := sqlite(), made)
    correction = Correction(ItemCode(item), "19912340000")
    report = correct_downstream(SqlDatabase(address), dataset(), trail(who), correction)
    assert (report.outcome, report.after) == (Amended.CORRECTED, report.before)  # by the new mobile they are found
    found = contents(engine)
    assert {one[3] for one in found["emergency_contact"] if one[0] == row.values["id"]} == {"19912340000"}
    own = {one[4] for one in found["customer"] if one[0] == who.number}
    assert own == {"19912340000" if item == "contact.mobile" else who.mobile}
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER back AFTER UPDATE ON emergency_contact BEGIN"
            " UPDATE emergency_contact SET contact_mobile = old.contact_mobile WHERE id = new.id; END"
        )
    looked_at = "[table.emergency_contact]"
    described = dataset(lambda text: text.replace(looked_at, f'{looked_at}\ntriggers = ["back"]'))
    again = Correction(ItemCode(item), "19912340001")
    known = Trail.of({"id_number": [who.id_number], "mobile": [correction.value]})
    told = reasons(correct_downstream(SqlDatabase(address), described, known, again))
    assert told == {"emergency_contact": "read-back: rows are there that should be changed"}


def test_freezing_raises_the_flag_and_says_where_there_is_none(address: str) -> None:
    """The customer's flag is raised, and with it the tables that honour it; one that honours none is ``failed``."""
    made = portfolio(12)
    who = somebody_with_contract(made)
    engine = build(address, made)
    described, database = dataset(), SqlDatabase(address)
    report = freeze_downstream(database, described, trail(who))
    assert report.outcome is Amended.FROZEN
    assert [row[0] for row in contents(engine)["customer"] if row[-1] == 1] == [who.number]
    released = freeze_downstream(database, described, trail(who), frozen=False)
    assert released.outcome is Amended.RELEASED
    assert contents(engine) == made.contents()
    honoured = 'frozen_with = "customer"\n[table.contract.columns]'
    flagless = dataset(lambda text: text.replace(honoured, "[table.contract.columns]"))
    assert reasons(freeze_downstream(database, flagless, trail(who))) == {"contract": "cannot be frozen here"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("ALTER TABLE lead ADD COLUMN wechat VARCHAR(20)", "column-not-described wechat"),
        ("CREATE TABLE backup_2024 (id INTEGER)", "table-not-described"),
        ("ALTER TABLE sms_log RENAME COLUMN body TO content", "column-missing body"),
    ],
)
def test_a_schema_that_moved_on_stops_everything(address: str, words: str, code: str) -> None:
    """A column or table that nobody described could keep the person: nothing is done, and what to do is said."""
    made = portfolio(3)
    engine = build(address, made)
    with engine.begin() as connection:
        connection.exec_driver_sql(words.replace("lead", engine.dialect.identifier_preparer.quote("lead")))
    described, database = dataset(), SqlDatabase(address)
    assert code.split(maxsplit=1)[0] in {
        one.code for one in compare(described, database.schema(described)) if one.blocks
    }
    report = erase_downstream(database, described, trail(made.people[0]), terms(described))
    assert code in {part.reason for part in report.having(Outcome.FAILED)}
    assert all(part.to_do for part in report.having(Outcome.FAILED))
    assert report.rounds == 0


def test_a_table_without_a_key_is_failed_not_skipped(sqlite: Fresh) -> None:
    """Rows that cannot be named one by one are counted and reported; the other tables are erased all the same."""
    made = portfolio(12)
    who = somebody_with_contract(made)
    address = sqlite()
    engine = build(address, made)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE outbox (customer_no TEXT, body TEXT)")
        connection.exec_driver_sql(f"INSERT INTO outbox VALUES ('{who.customer_no}', 'x'), ('KH-other', 'y')")
    table = """
[table.outbox]
strategy = "delete_row"
[table.outbox.columns]
customer_no = { item = "account.login_name", identity = "customer_no" }
body = { item = "communication.content" }
"""
    described = dataset(lambda text: text + table)
    report = erase_downstream(SqlDatabase(address), described, trail(who), terms(described))
    assert reasons(report) == {"outbox": "no-key"}
    assert {"customer", "contract"} <= {part.table for part in report.having(Outcome.ERASED)}
    assert everywhere(engine, who.id_number) == []


def test_a_reference_that_leads_to_somebody_else_stops_the_walk(sqlite: Fresh) -> None:
    """A guarantor declared to be the person brings a second ID number: nothing is done."""
    made = portfolio()
    who = next(p for p in made.people if any(r.table.name == "guarantee" and p.number in r.names for r in made.rows))
    address = sqlite()
    engine = build(address, made)
    wrong = 'guarantor_id = { not_personal = "key of customer", references = "customer.id", of = '

    def confused(text: str) -> str:
        start = text.index("[table.guarantee.named.guarantor]")
        end = text.index("[table.call_log]")
        return (text[:start] + text[end:]).replace(f'{wrong}"shared"', f'{wrong}"person"')

    described = dataset(confused)
    report = erase_downstream(SqlDatabase(address), described, trail(who), terms(described))
    assert report.outcome is Outcome.FAILED
    assert "the walk met a second" in "".join(reasons(report).values())
    assert contents(engine) == made.contents()


def test_a_mention_elsewhere_is_found(sqlite: Fresh) -> None:
    """A note on somebody else's contract that quotes the mobile is no row of theirs, and is reported."""
    made = portfolio()
    who = somebody(made)
    address = sqlite()
    engine = build(address, made)
    with engine.begin() as connection:
        other = next(
            row.values["contract_no"] for row in made.rows if row.table.name == "contract" and row.owner != who.number
        )
        note = {"i": 9999, "c": other, "n": f"借款人朋友 {who.mobile}"}
        connection.execute(sa.text("INSERT INTO collection_note VALUES (:i, :c, :n)"), note)
    described = dataset()
    report = erase_downstream(SqlDatabase(address), described, trail(who), terms(described))
    assert reasons(report) == {"collection_note": "read-back: texts in note mention the person"}


def test_a_missing_permission_names_the_grant(postgresql: Fresh) -> None:
    """A user who may not delete from one table changes nothing at all, and learns what to ask for."""
    address = postgresql()
    made = portfolio(12)
    who = somebody_with_contract(made)
    engine = build(address, made)
    role = f"eraser_{random.Random().randrange(1 << 30)}"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
        connection.exec_driver_sql(f"GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        connection.exec_driver_sql(f"REVOKE DELETE ON marketing FROM {role}")
    theirs = sa.make_url(address).set(username=role).render_as_string(hide_password=False)
    described = dataset()
    report = erase_downstream(SqlDatabase(theirs), described, trail(who), terms(described))
    (part,) = report.parts
    assert part.outcome is Outcome.FAILED
    assert part.to_do == f"ask for: GRANT DELETE ON marketing TO {role}"
    assert contents(engine) == made.contents()
    with engine.begin() as connection:
        connection.exec_driver_sql(f"GRANT DELETE ON marketing TO {role}")
        connection.exec_driver_sql("ALTER TABLE lead ENABLE ROW LEVEL SECURITY")
    blind = erase_downstream(SqlDatabase(theirs), described, trail(who), terms(described))
    assert reasons(blind) == {"lead": "rows-hidden"}
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE lead DISABLE ROW LEVEL SECURITY")
    assert erase_downstream(SqlDatabase(theirs), described, trail(who), terms(described)).outcome is Outcome.ERASED
    assert contents(engine) == made.without(who.number)


def test_mariadb_too_names_the_grant(mariadb: Fresh) -> None:
    """A user who may only read learns which permission the first refused statement needed."""
    address = mariadb()
    made = portfolio(12)
    who = somebody_with_contract(made)
    engine = build(address, made)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP USER IF EXISTS reader@localhost")
        connection.exec_driver_sql("CREATE USER reader@localhost")
        connection.exec_driver_sql(f"GRANT SELECT ON {engine.url.database}.* TO reader@localhost")
    theirs = sa.make_url(address).set(username="reader").render_as_string(hide_password=False)
    described = dataset()
    assert preview_downstream(SqlDatabase(theirs), described, trail(who), terms(described)).outcome is Outcome.ERASED
    (part,) = erase_downstream(SqlDatabase(theirs), described, trail(who), terms(described)).parts
    assert part.outcome is Outcome.FAILED
    assert part.to_do.startswith("ask for: GRANT ")
    assert part.to_do.endswith(" TO reader")
    assert contents(engine) == made.contents()


def test_a_transaction_that_the_database_undoes_is_tried_again(postgresql: Fresh) -> None:
    """Somebody changes a row between our reading and our deleting it: it is refused, and the second try sees that."""
    address = postgresql()
    engine = build(address, portfolio(3))
    database = SqlDatabase(address)
    database.schema(dataset())
    seen: list[str] = []

    def work(rows: Rows) -> int:
        ((name,),) = rows.find(Sought("lead", ("name",)), ("id",), [(1,)])
        seen.append(name)
        if len(seen) == 1:
            with engine.begin() as connection:
                connection.exec_driver_sql("UPDATE lead SET name = 'other' WHERE id = 1")
        return rows.delete("lead", ("id",), [(1,)])

    assert database.transact(work) == 1
    assert seen[1:] == ["other"]
    assert 1 not in {row[0] for row in contents(engine)["lead"]}


def test_a_trigger_that_nobody_described_stops_everything(address: str) -> None:
    """What a trigger writes is not seen by the walk, so it is described first."""
    made = portfolio(3)
    engine = build(address, made)
    copy = "INSERT INTO branch VALUES (OLD.id + 9, 'x')"
    body = {
        "sqlite": f"CREATE TRIGGER copies AFTER DELETE ON lead BEGIN {copy}; END",
        "mariadb": f"CREATE TRIGGER copies AFTER DELETE ON `lead` FOR EACH ROW {copy}",
        "mysql": f"CREATE TRIGGER copies AFTER DELETE ON `lead` FOR EACH ROW {copy}",
        "postgresql": f"CREATE RULE copies AS ON DELETE TO lead DO ALSO {copy}",
    }
    with engine.begin() as connection:
        connection.exec_driver_sql(body[engine.dialect.name])
    described = dataset()
    report = erase_downstream(SqlDatabase(address), described, trail(made.people[0]), terms(described))
    assert reasons(report) == {"lead": "trigger-not-described copies"}
    assert contents(engine) == made.contents()
    seen = dataset(lambda text: text.replace("[table.lead]", '[table.lead]\ntriggers = ["copies"]'))
    who = next(row.owner for row in made.rows if row.table.name == "lead" and row.owner)
    report = erase_downstream(SqlDatabase(address), seen, trail(made.people[who - 1]), terms(seen))
    assert report.outcome is Outcome.ERASED
    assert len(contents(engine)["branch"]) > 2


@pytest.mark.parametrize("kind", ["postgresql", "mariadb", "sqlite"])
def test_a_database_out_of_reach_is_failed(kind: str, request: pytest.FixtureRequest) -> None:
    """A database that is not there is one failure with what to do, not a crash."""
    fresh: Fresh = request.getfixturevalue(kind)
    gone = sa.make_url(fresh()).set(database="/nowhere/at/all" if kind == "sqlite" else "nowhere")
    described = dataset()
    database = SqlDatabase(gone.render_as_string(hide_password=False), seconds=2)
    who = Trail.of({"id_number": ["99999919700000001X"]})
    (part,) = erase_downstream(database, described, who, terms(described)).parts
    assert part.outcome is Outcome.FAILED
    assert part.to_do


def test_a_database_that_is_none_is_refused() -> None:
    """An address of another kind is refused before anything is contacted."""
    for address in ("oracle://x/y", "not an address"):
        with pytest.raises(Misconfigured):
            SqlDatabase(address)


def test_two_at_the_same_row_do_not_lose_one(address: str) -> None:
    """A row of the same person that another transaction commits meanwhile is seen by the next round."""
    made = portfolio(12)
    who = next(one for one in made.people if not made.shared(one.mobile))
    engine = build(address, made)
    described = dataset()
    database = SqlDatabase(address)
    calls: list[int] = []
    original = database.transact

    def meanwhile(work: Callable[..., object]) -> object:
        done = original(work)  # type: ignore[arg-type]
        calls.append(1)
        if len(calls) == 1:
            with engine.begin() as connection:
                connection.execute(DATA.tables["call_log"].insert(), [{"id": 777, "customer_id": who.number}])
        return done

    database.transact = meanwhile  # type: ignore[method-assign,assignment]
    report = erase_downstream(database, described, trail(who), terms(described))
    assert report.rounds == 2
    assert report.outcome is Outcome.ERASED
    assert contents(engine) == made.without(who.number)


def test_a_busy_database_is_said_to_be(sqlite: Fresh) -> None:
    """Somebody who never lets go of the lock makes an erasure fail, with nothing changed."""
    address = sqlite()
    made = portfolio(3)
    engine = build(address, made)
    described = dataset()
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        report = erase_downstream(SqlDatabase(address, seconds=0), described, trail(made.people[0]), terms(described))
    (part,) = report.parts
    assert part.reason.startswith("the database was busy")
    assert contents(engine) == made.contents()


def test_a_constraint_that_refuses_undoes_everything(address: str) -> None:
    """A CHECK that a strategy breaks leaves the database as it was; the error quotes no value."""
    made = portfolio(3)
    engine = build(address, made)
    described = dataset(lambda text: text.replace(
        'customer_no = { item = "account.login_name", identity = "customer_no", strategy = "token" }',
        'customer_no = { item = "account.login_name", identity = "customer_no", strategy = { replace = "x" } }',
    ))  # fmt: skip
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE audit_entry")
        connection.exec_driver_sql(
            "CREATE TABLE audit_entry (id INTEGER NOT NULL PRIMARY KEY, customer_no VARCHAR(40), action VARCHAR(20), "
            + ('"by"' if engine.dialect.name not in {"mysql", "mariadb"} else "`by`")
            + " VARCHAR(10), CHECK (customer_no <> 'x'))"
        )
        connection.execute(DATA.tables["audit_entry"].insert(), [{"id": 1, "customer_no": made.people[0].customer_no}])
    before = contents(engine)
    report = erase_downstream(SqlDatabase(address), described, trail(made.people[0]), terms(described))
    (part,) = report.parts
    assert part.reason.startswith("a constraint refused UPDATE ON audit_entry")
    assert made.people[0].customer_no not in repr(report)
    assert contents(engine) == before


def test_the_driver_says_unreachable_as_one_error(sqlite: Fresh) -> None:
    """Whatever a driver raises is one of ours."""
    database = SqlDatabase(sqlite())

    def broken(_rows: object) -> None:
        raise ZeroDivisionError("1990000")

    with pytest.raises(StoreUnavailable) as caught:
        database.transact(broken)
    assert "1990000" not in str(caught.value)
