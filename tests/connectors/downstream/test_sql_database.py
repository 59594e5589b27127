"""One person leaves a real database, whole, and nobody else is touched; what cannot be done is said."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from shouxin.connectors.downstream.sql_database import SqlDatabase
from shouxin.domain.items import ItemCode
from shouxin.operations.downstream.act import erase_downstream, preview_downstream
from shouxin.operations.downstream.amend import Correction, correct_downstream, freeze_downstream
from shouxin.operations.downstream.report import Amended
from shouxin.operations.downstream.schema import compare
from shouxin.operations.downstream.walk import Trail
from shouxin.vault.erasure import Outcome
from tests.connectors.downstream.lender import (
    build,
    contents,
    dataset,
    everywhere,
    terms,
    trail,
)
from tests.connectors.downstream.people import portfolio, reasons, somebody, somebody_with_contract
from tests.databases import Fresh


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
