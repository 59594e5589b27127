"""A fabricated lender: twenty-one tables with the references that real ones have, and an oracle of its own.

The oracle knows whose each row is because it made it. It never asks the code under test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Integer, LargeBinary, String, Text

from shouxin.operations.downstream.across import statutory_terms
from shouxin.operations.downstream.dataset import Dataset
from shouxin.operations.downstream.plan import Terms
from shouxin.operations.downstream.reading import read_dataset
from shouxin.operations.downstream.walk import Trail
from shouxin.policy.lawpack import load_pack
from shouxin.retention.resolve import Relationship

TODAY = date(2026, 11, 22)
TEXT = (Path(__file__).parent / "lender.toml").read_text("utf-8")
DATA = sa.MetaData()


def _number(name: str = "id") -> Column[int]:
    return Column(name, Integer, primary_key=True, autoincrement=False)


def _table(name: str, *columns: Any, **more: Any) -> sa.Table:
    return sa.Table(name, DATA, *columns, mysql_engine="InnoDB", **more)


BRANCH = _table("branch", _number(), Column("city", String(20)))
ADDRESS = _table("address", _number(), Column("line", String(80), nullable=False))
CUSTOMER = _table(
    "customer",
    _number(),
    Column("customer_no", String(12), nullable=False, unique=True),
    Column("id_number", String(18), nullable=False, unique=True),
    Column("name", String(40), nullable=False),
    Column("mobile", String(24)),
    Column("email", String(60)),
    Column("address_id", ForeignKey("address.id")),
    Column("branch_id", ForeignKey("branch.id"), nullable=False),
    Column("referred_by", ForeignKey("customer.id", name="fk_referred")),
    Column("main_contract", ForeignKey("contract.contract_no", name="fk_main", use_alter=True)),
    Column("frozen", Integer, nullable=False),
)
IDENTITY_DOCUMENT = _table(
    "identity_document",
    Column("customer_id", ForeignKey("customer.id"), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("number", String(20), nullable=False),
)
APPLICATION = _table(
    "application",
    _number(),
    Column("customer_id", ForeignKey("customer.id")),
    Column("applicant_id_number", String(18), nullable=False),
    Column("amount", Integer),
)
CONTRACT = _table(
    "contract",
    Column("contract_no", String(12), primary_key=True),
    Column("customer_id", ForeignKey("customer.id"), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("renews", ForeignKey("contract.contract_no")),
)
INSTALMENT = _table(
    "instalment",
    Column("contract_no", ForeignKey("contract.contract_no"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("amount", Integer, nullable=False),
)
PAYMENT = _table(
    "payment",
    _number(),
    Column("contract_no", String(12), nullable=False),
    Column("instalment", Integer, nullable=False),
    Column("card", String(19)),
    ForeignKeyConstraint(["contract_no", "instalment"], ["instalment.contract_no", "instalment.number"]),
)
EMERGENCY_CONTACT = _table(
    "emergency_contact",
    _number(),
    Column("customer_id", ForeignKey("customer.id"), nullable=False),
    Column("contact_name", String(40)),
    Column("contact_mobile", String(24)),
    Column("relation", String(10)),
)
GUARANTEE = _table(
    "guarantee",
    _number(),
    Column("contract_no", ForeignKey("contract.contract_no"), nullable=False),
    Column("guarantor_id", ForeignKey("customer.id")),
    Column("guarantor_name", String(40)),
    Column("kind", String(10), nullable=False),
)
CALL_LOG = _table(
    "call_log", _number(), Column("customer_id", Integer), Column("called", String(24)), Column("note", Text)
)
SMS_LOG = _table("sms_log", _number(), Column("mobile", String(24)), Column("body", String(200)))
DOCUMENT = _table(
    "document",
    _number(),
    Column("application_id", ForeignKey("application.id"), nullable=False),
    Column("page_before", ForeignKey("document.id")),
    Column("content", LargeBinary),
)
DEVICE = _table("device", Column("device_id", String(20), primary_key=True), Column("model", String(20)))
CUSTOMER_DEVICE = _table(
    "customer_device",
    Column("customer_id", ForeignKey("customer.id"), primary_key=True),
    Column("device_id", ForeignKey("device.device_id"), primary_key=True),
)
EVENT = _table(
    "event",
    _number(),
    Column("customer_ref", String(12)),
    Column("page", String(20)),
    postgresql_partition_by="RANGE (id)",
)
AUDIT_ENTRY = _table(
    "audit_entry", _number(), Column("customer_no", String(40)), Column("action", String(20)), Column("by", String(10))
)
MARKETING = _table(
    "marketing",
    Column("customer_id", ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True),
    Column("segment", String(20)),
)
COLLECTION_NOTE = _table(
    "collection_note",
    _number(),
    Column("contract_no", String(12), nullable=False),
    Column("note", Text),
)
LEAD = _table("lead", _number(), Column("mobile", String(24)), Column("name", String(40)))
SCHEMA_VERSION = _table("schema_version", _number("version"))


class Chance(Protocol):
    """What a portfolio is made by: ``random.Random``, or Hypothesis in its place."""

    def randint(self, a: int, b: int) -> int: ...

    def random(self) -> float: ...

    def choice(self, seq: Any) -> Any: ...


@dataclass
class Row:
    """One row, whose it is, and whom it names in which columns."""

    table: sa.Table
    values: dict[str, Any]
    owner: int | None = None
    names: dict[int, tuple[str, ...]] = field(default_factory=dict)
    holders: set[int] | None = None


@dataclass
class Person:
    """One invented customer."""

    number: int
    mobile: str

    @property
    def id_number(self) -> str:
        return f"9999991970{self.number:07d}X"

    @property
    def customer_no(self) -> str:
        return f"KH{self.number:08d}"

    @property
    def name(self) -> str:
        return f"顾客{self.number:04d}号"

    @property
    def email(self) -> str:
        return f"gk{self.number:05d}@example.cn"


class Portfolio:
    """``count`` people and all that a lender keeps of them, drawn by ``chance``."""

    def __init__(self, count: int, chance: Chance) -> None:
        self.chance = chance
        self.rows: list[Row] = []
        self._ids: dict[str, int] = {}
        self.people: list[Person] = []
        for number in range(1, count + 1):
            household = bool(self.people) and chance.random() < 0.15
            mobile = self.people[-1].mobile if household else f"199{number:08d}"
            self.people.append(Person(number, mobile))
        self._add(SCHEMA_VERSION, version=7)
        for city in (1, 2):
            self._add(BRANCH, id=city, city="市")
        self._addresses_and_devices()
        for person in self.people:
            self._customer(person)
        for person in self.people:
            self._dealings(person)
        for _ in range(count):
            self._strays()

    def shared(self, mobile: str) -> bool:
        """True if two customers have this mobile."""
        return sum(person.mobile == mobile for person in self.people) > 1

    def _id(self, table: sa.Table) -> int:
        self._ids[table.name] = self._ids.get(table.name, 0) + 1
        return self._ids[table.name]

    def _add(self, table: sa.Table, owner: int | None = None, **values: Any) -> Row:
        row = Row(table, {column.name: values.get(column.name) for column in table.columns}, owner)
        self.rows.append(row)
        return row

    def _one_of(self, people: Iterable[Person]) -> Person | None:
        known = list(people)
        return self.chance.choice(known) if known and self.chance.random() < 0.6 else None

    def _addresses_and_devices(self) -> None:
        count = max(1, len(self.people) * 2 // 3)
        self.addresses = [self._add(ADDRESS, id=n, line=f"幸福路{n}号") for n in range(1, count + 1)]
        self.devices = [self._add(DEVICE, device_id=f"dev-{n:06d}", model="M1") for n in range(1, count + 1)]
        for row in (*self.addresses, *self.devices):
            row.holders = set()

    def _customer(self, person: Person) -> None:
        chance = self.chance
        address = chance.choice(self.addresses) if chance.random() < 0.9 else None
        referrer = self._one_of(self.people[: person.number - 1])
        row = self._add(
            CUSTOMER,
            person.number,
            id=person.number,
            customer_no=person.customer_no,
            id_number=person.id_number if chance.random() < 0.8 else person.id_number.lower(),
            name=person.name,
            mobile=person.mobile,
            email=person.email,
            branch_id=chance.randint(1, 2),
            frozen=0,
        )
        if address is not None:
            row.values["address_id"] = address.values["id"]
            address.holders = (address.holders or set()) | {person.number}
        if referrer is not None:
            row.values["referred_by"] = referrer.number
            row.names[referrer.number] = ("referred_by",)

    def _dealings(self, person: Person) -> None:
        chance, me = self.chance, person.number
        self._add(IDENTITY_DOCUMENT, me, customer_id=me, kind="id", number=person.id_number)
        self._add(MARKETING, me, customer_id=me, segment="s1")
        for _ in range(chance.randint(0, 2)):
            knows = chance.random() < 0.7  # an application may be older than the customer row
            paper = self._add(
                APPLICATION,
                me,
                id=self._id(APPLICATION),
                customer_id=me if knows else None,
                applicant_id_number=person.id_number,
                amount=chance.randint(1, 9) * 1000,
            )
            first = None
            for _ in range(chance.randint(0, 2)):
                page = self._id(DOCUMENT)
                self._add(DOCUMENT, me, id=page, application_id=paper.values["id"], page_before=first, content=b"scan")
                first = page
        before = None
        for _ in range(chance.randint(0, 2)):
            before = self._contract(person, before)
        if before is not None and chance.random() < 0.7:
            next(r for r in self.rows if r.table is CUSTOMER and r.owner == me).values["main_contract"] = before
        for device in {chance.randint(0, len(self.devices) - 1) for _ in range(chance.randint(0, 2))}:
            held = self.devices[device]
            self._add(CUSTOMER_DEVICE, me, customer_id=me, device_id=held.values["device_id"])
            held.holders = (held.holders or set()) | {me}
        for _ in range(chance.randint(0, 2)):
            self._add(EVENT, me, id=self._id(EVENT), customer_ref=person.customer_no, page="/loan")
            self._add(
                AUDIT_ENTRY, me, id=self._id(AUDIT_ENTRY), customer_no=person.customer_no, action="view", by="op1"
            )
            self._add(CALL_LOG, me, id=self._id(CALL_LOG), customer_id=me, called=f"+86{person.mobile}", note="未接")
        contact = self._one_of(self.people)
        row = self._add(EMERGENCY_CONTACT, me, id=self._id(EMERGENCY_CONTACT), customer_id=me, relation="友")
        if contact is not None and contact is not person:
            row.values |= {"contact_name": contact.name, "contact_mobile": contact.mobile}
            if not self.shared(contact.mobile):
                row.names[contact.number] = ("contact_name", "contact_mobile")

    def _contract(self, person: Person, before: str | None) -> str:
        chance, me = self.chance, person.number
        name = f"HT{self._id(CONTRACT):07d}"
        self._add(CONTRACT, me, contract_no=name, customer_id=me, amount=5000, renews=before)
        for number in range(1, chance.randint(1, 3)):
            self._add(INSTALMENT, me, contract_no=name, number=number, amount=100)
            if chance.random() < 0.5:
                card = f"62220000{person.number:08d}"
                self._add(PAYMENT, me, id=self._id(PAYMENT), contract_no=name, instalment=number, card=card)
        guarantor = self._one_of(self.people)
        if guarantor is not None:
            row = self._add(GUARANTEE, me, id=self._id(GUARANTEE), contract_no=name, kind="连带")
            row.values |= {"guarantor_id": guarantor.number, "guarantor_name": guarantor.name}
            if guarantor is not person:
                row.names[guarantor.number] = ("guarantor_id", "guarantor_name")
        if chance.random() < 0.5:
            self._add(COLLECTION_NOTE, me, id=self._id(COLLECTION_NOTE), contract_no=name, note=f"致电{person.mobile}")
        return name

    def _strays(self) -> None:
        """Rows that only a mobile leads to; of a household's mobile nobody can say whose they are."""
        person = self.chance.choice(self.people)
        owner = None if self.shared(person.mobile) else person.number
        spaced = f"{person.mobile[:3]} {person.mobile[3:7]} {person.mobile[7:]}"
        self._add(SMS_LOG, owner, id=self._id(SMS_LOG), mobile=self.chance.choice([person.mobile, spaced]), body="到期")
        self._add(LEAD, owner, id=self._id(LEAD), mobile=person.mobile, name=person.name)

    # ------------------------------------------------------------------------------------------------------ oracle

    def contents(self) -> dict[str, set[tuple[Any, ...]]]:
        """Every row of every table."""
        found: dict[str, set[tuple[Any, ...]]] = {name: set() for name in DATA.tables}
        for row in self.rows:
            found[row.table.name].add(tuple(row.values.values()))
        return found

    def without(self, who: int) -> dict[str, set[tuple[Any, ...]]]:
        """Every row as it must be once ``who`` is erased and nothing of theirs is kept by law."""
        found: dict[str, set[tuple[Any, ...]]] = {name: set() for name in DATA.tables}
        for row in self.rows:
            if row.owner == who and row.table is not AUDIT_ENTRY:
                continue
            if row.holders == {who}:
                continue
            values = dict(row.values)
            if row.owner == who:
                values["customer_no"] = "token"
            values |= dict.fromkeys(row.names.get(who, ()))
            found[row.table.name].add(tuple(values.values()))
        return found


def build(address: str, portfolio: Portfolio) -> sa.Engine:
    """Make the lender's tables in an empty database and fill them."""
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":  # or each statement waits for the disk
            connection.exec_driver_sql("PRAGMA synchronous=OFF")
        DATA.create_all(connection)
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (0) TO (50)")
            connection.exec_driver_sql("CREATE TABLE event_2 PARTITION OF event DEFAULT")
    fill(engine, portfolio)
    return engine


def fill(engine: sa.Engine, portfolio: Portfolio) -> None:
    """Put all rows in; the one cycle of references is closed last."""
    with engine.begin() as connection:
        order = [t for t in _in_order() if any(row.table is t for row in portfolio.rows)]
        for table in order:
            rows = [dict(row.values) for row in portfolio.rows if row.table is table]
            if table is CUSTOMER:
                rows = [row | {"main_contract": None} for row in rows]
            connection.execute(table.insert(), rows)
        for row in portfolio.rows:
            if row.table is CUSTOMER and row.values["main_contract"]:
                wanted = CUSTOMER.update().where(CUSTOMER.c.id == row.values["id"])
                connection.execute(wanted.values(main_contract=row.values["main_contract"]))


def _in_order() -> list[sa.Table]:
    first = [BRANCH, ADDRESS, CUSTOMER, CONTRACT, INSTALMENT, APPLICATION, DEVICE]
    return [*first, *(table for table in DATA.tables.values() if table not in first)]


def contents(engine: sa.Engine) -> dict[str, set[tuple[Any, ...]]]:
    """Every row of every table; a token is shown as such."""

    def plain(table: sa.Table, row: Any) -> tuple[Any, ...]:
        values = [bytes(one) if isinstance(one, memoryview | bytearray) else one for one in row]
        if table is AUDIT_ENTRY and str(values[1]).startswith("p_"):
            values[1] = "token"
        return tuple(values)

    with engine.connect() as connection:
        return {
            name: {plain(table, row) for row in connection.execute(table.select())}
            for name, table in DATA.tables.items()
        }


def everywhere(engine: sa.Engine, text: str) -> list[str]:
    """The tables in which any column of any row holds ``text``."""
    found = contents(engine)
    return sorted(name for name, rows in found.items() if any(text in str(value) for row in rows for value in row))


def dataset(change: Callable[[str], str] = lambda text: text) -> Dataset:
    """The description of the lender's database."""
    return read_dataset(change(TEXT), "lender.toml")


def terms(made: Dataset, ended: date | None = None) -> Terms:
    """The terms for somebody whose relationship has ended (without a date: who never became a customer)."""
    relationship = None if ended is None else Relationship(date(2000, 1, 1), None, ended)
    return statutory_terms([made], load_pack("cn"), relationship, TODAY, lambda _item, _value: "p_" + "a" * 26)


def trail(person: Person) -> Trail:
    """What a request says of somebody: the ID number."""
    return Trail.of({"id_number": [person.id_number]})
