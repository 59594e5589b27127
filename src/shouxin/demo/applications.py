"""Loan applications: a public, anonymous loan row joined with an invented person; and the CSV they are collected from.

Laws: every value is text, as a source system would hand it over; the same number of rows gives the same applications;
nothing is written but the one file asked for. Called by ``shouxin demo``, by the load tests and by examples.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from importlib.resources import files
from pathlib import Path
from typing import Final

from shouxin.demo.identities import EmergencyContact, FabricatedIdentity, Fabricator
from shouxin.demo.words import Sex
from shouxin.errors import Invalid

__all__ = ["MOST_ROWS", "SEED", "Application", "Defect", "applications", "columns", "write_csv"]

SEED: Final = 20211101  # the day on which the Personal Information Protection Law took effect
_GERMAN_ROWS: Final = 1_000
MOST_ROWS: Final = 30_000

# Item code -> attribute of the invented person.
_PERSON: Final = {
    "identity.name": "name",
    "identity.id_number": "id_number",
    "identity.birth_date": "birth_date",
    "contact.mobile": "mobile",
    "contact.email": "email",
    "contact.address": "address",
    "account.card_number": "card_number",
}
# Item code -> column of the German set.
_GERMAN: Final = {
    "identity.age": "age_in_years",
    "identity.foreign_worker": "foreign_worker",
    "contact.has_telephone": "telephone",
    "account.checking_status": "status_of_existing_checking_account",
    "account.savings": "savings_account_and_bonds",
    "credit.history": "credit_history",
    "credit.purpose": "purpose",
    "credit.amount": "credit_amount",
    "guarantee.kind": "other_debtors_or_guarantors",
    "credit.other_plans": "other_installment_plans",
    "credit.existing_count": "number_of_existing_credits_at_this_bank",
    "credit.decision": "creditability",
    "loan.duration": "duration_in_month",
    "loan.instalment_rate": "installment_rate_in_percentage_of_disposable_income",
    "employment.since": "present_employment_since",
    "employment.job": "job",
    "property.kind": "property",
    "property.housing": "housing",
    "contact.residence_since": "present_residence_since",
    "family.status": "personal_status_and_sex",
    "family.dependants": "number_of_people_being_liable_to_provide_maintenance_for",
}
# The Taiwan set writes codes; these are the words of the German set for them (UCI's description of both).
_TAIWAN_SEX: Final[dict[str, Sex]] = {"1": "male", "2": "female"}
_TAIWAN_MARRIAGE: Final = {"0": "unknown", "1": "married", "2": "single", "3": "others"}
_TAIWAN_DECISION: Final = {"0": "good", "1": "bad"}

_EMERGENCY: Final = tuple(
    f"emergency_{number}.{field}" for number in (1, 2) for field in EmergencyContact.__dataclass_fields__
)


@dataclass(frozen=True, slots=True)
class Application:
    """One loan application.

    ``line`` counts the rows of the loan set from 1 (in a file of ``write_csv`` it stands on line ``line + 1``).
    ``values`` maps item codes to text. ``declined``: the set says the credit went bad, so the demo's lender refuses it.
    """

    line: int
    values: Mapping[str, str]
    emergency: tuple[EmergencyContact, EmergencyContact]
    address_book: tuple[str, ...] | None
    declined: bool


class Defect(Enum):
    """What can be wrong with a line that a source delivers."""

    WRONG_CHECK_DIGIT = "wrong check digit"  # a typing error in the ID number
    MISSING_COLUMN = "missing column"  # the ID number is left out: all after it stand one place too far left
    BROKEN_ENCODING = "broken encoding"  # GB 18030 bytes in a UTF-8 file, as old core systems export them
    TOO_FEW_FIELDS = "too few fields"  # the export broke off within the line


def applications(rows: int, seed: int = SEED) -> Iterator[Application]:
    """Return the first ``rows`` applications (1-30,000), one at a time.

    Up to 1,000 come from the German set with all items; more come from the Taiwan set, which has fewer: the person,
    age, ``family.status``, ``credit.amount`` (NT$), ``credit.history`` (its raw repayment status), ``credit.decision``,
    and a ``loan.duration`` that is made up: the set is of cards, which have none, and what is kept counts from an end.

    Raises:
        Invalid: ``rows`` out of range; at the call, not at the first row.
    """
    if not 1 <= rows <= MOST_ROWS:
        raise Invalid(f"expected 1 to {MOST_ROWS}", "rows")
    return _joined(rows, Fabricator(seed))


def _joined(rows: int, people: Fabricator) -> Iterator[Application]:
    """Join the rows of the right loan set with the people of the same number."""
    join = _german if rows <= _GERMAN_ROWS else _taiwan
    with io.TextIOWrapper(io.BytesIO(_loan_set(rows)), encoding="utf-8", newline="") as text:
        for line, row in zip(range(1, rows + 1), csv.DictReader(text), strict=False):
            yield join(line, row, people)


def _loan_set(rows: int) -> bytes:
    """Return the bytes of the smaller set that has ``rows`` rows."""
    folder = files("shouxin.demo") / "data"
    if rows <= _GERMAN_ROWS:
        return (folder / "german_credit.csv").read_bytes()
    return gzip.decompress((folder / "taiwan_credit_default.csv.gz").read_bytes())


def _german(line: int, row: Mapping[str, str], people: Fabricator) -> Application:
    """Join one German row; sex is the part of ``family.status`` before the colon."""
    sex: Sex = "female" if row["personal_status_and_sex"].startswith("female") else "male"
    person = people.identity(line - 1, age=int(row["age_in_years"]), sex=sex)
    return _application(line, person, {code: row[column] for code, column in _GERMAN.items()})


def _taiwan(line: int, row: Mapping[str, str], people: Fabricator) -> Application:
    """Join one Taiwan row, in the words of the German set."""
    sex = _TAIWAN_SEX[row["SEX"]]
    loan = {
        "identity.age": row["AGE"],
        "credit.history": row["PAY_1"],
        "credit.amount": row["LIMIT_BAL"].removesuffix(".0"),
        "credit.decision": _TAIWAN_DECISION[row["default.payment.next.month"]],
        "loan.duration": str(12 * (1 + line % 3)),
        "family.status": f"{sex} : {_TAIWAN_MARRIAGE[row['MARRIAGE']]}",
    }
    return _application(line, people.identity(line - 1, age=int(row["AGE"]), sex=sex), loan)


def _application(line: int, person: FabricatedIdentity, loan: dict[str, str]) -> Application:
    """Put person and loan together; the person's items come first."""
    values = {code: str(getattr(person, field)) for code, field in _PERSON.items()} | loan
    return Application(line, values, person.emergency, person.address_book, declined=loan["credit.decision"] == "bad")


def columns(application: Application, leave_out: Collection[str] = ()) -> tuple[str, ...]:
    """Return the header of a CSV: number, item codes, two emergency contacts, address book."""
    every = ("application", *application.values, *_EMERGENCY, "address_book")
    return tuple(column for column in every if column not in leave_out)


def write_csv(
    path: Path,
    rows: Iterable[Application],
    bad_lines: Mapping[int, Defect] | None = None,
    leave_out: Collection[str] = (),
) -> int:
    """Write ``rows`` as a UTF-8 CSV with a header, replace what was at ``path``, and return how many rows it has.

    An address book is its mobiles joined by ``;``, and empty where access was refused. ``bad_lines`` spoils the
    applications of those ``line`` numbers; ``leave_out`` leaves whole columns out. Lines end in LF, no field holds one.

    Raises:
        Invalid: no rows; a line to be spoilt that is not among them, or lacks the column to spoil; then ``path`` is
            as it was.
    """
    spoilt = dict(bad_lines or {})
    unfinished = path.with_name(path.name + ".part")
    written = 0
    header: tuple[str, ...] = ()
    try:
        with unfinished.open("wb") as target:
            for application in rows:
                if not header:
                    header = columns(application, leave_out)
                    target.write(_line(header).encode())
                target.write(_row(application, header, spoilt.pop(application.line, None)))
                written += 1
        if spoilt or not written:
            raise Invalid("no such lines to spoil" if written else "no rows", "bad_lines" if written else "rows")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return written


def _row(application: Application, header: tuple[str, ...], defect: Defect | None) -> bytes:
    """Return one line of the file, spoilt by ``defect``."""
    people = (getattr(contact, field) for contact in application.emergency for field in contact.__dataclass_fields__)
    cells = {
        "application": str(application.line),
        **application.values,
        **dict(zip(_EMERGENCY, people, strict=True)),
        "address_book": ";".join(application.address_book or ()),
    }
    fields = [cells[column] for column in header]
    if defect in (Defect.WRONG_CHECK_DIGIT, Defect.MISSING_COLUMN):
        if "identity.id_number" not in header:
            raise Invalid("a file without identity.id_number has none to spoil", f"line {application.line}")
        place = header.index("identity.id_number")
        right = fields.pop(place)
        if defect is Defect.WRONG_CHECK_DIGIT:
            fields.insert(place, right[:-1] + ("1" if right[-1] == "0" else "0"))
    elif defect is Defect.TOO_FEW_FIELDS:
        fields = fields[:3]
    # Every address ends in 室, in GB 18030 CA D2: an order of bytes that no UTF-8 text has, so never valid by accident.
    return _line(fields).encode("gb18030" if defect is Defect.BROKEN_ENCODING else "utf-8")


def _line(fields: Iterable[str]) -> str:
    """Return ``fields`` as one CSV line."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(fields)
    return text.getvalue()
